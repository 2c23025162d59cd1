import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

/** A message of Jupyter's protocol 5.3, as far as a client needs it. */
export interface Message {
  readonly type: string;
  /** Identifier of the request that this answers; undefined where it answers none. */
  readonly parent: string | undefined;
  readonly content: Record<string, unknown>;
  /** What is said about the message: of a comm_open, the version of the protocol that it opens. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Signs, writes and reads messages of one connection. */
export interface Wire {
  /** Frames of a request, and its identifier. */
  encode(type: string, content: object): { id: string; frames: string[] };
  /** The message in some frames; undefined where they hold none, or the signature is wrong. */
  decode(frames: readonly Buffer[]): Message | undefined;
}

const delimiter = "<IDS|MSG>";

/** The client's side of a connection with the given signing key. */
export function createWire(key: string): Wire {
  const session = randomUUID();
  const sign = (parts: readonly (string | Buffer)[]): string => {
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  };
  return {
    encode(type, content) {
      const id = randomUUID();
      const date = new Date().toISOString();
      const header = { msg_id: id, session, username: "shapley-modes", date, msg_type: type, version: "5.3" };
      const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
      return { id, frames: [delimiter, sign(parts), ...parts] };
    },
    decode(frames) {
      const at = frames.findIndex((frame) => frame.toString() === delimiter);
      const parts = frames.slice(at + 2, at + 6);
      if (at < 0 || parts.length < 4) return undefined;
      const expected = Buffer.from(sign(parts));
      if (expected.length !== frames[at + 1].length || !timingSafeEqual(expected, frames[at + 1])) return undefined;
      const [header, parent, metadata, content] = parts.map((part) => JSON.parse(part.toString()));
      return { type: header.msg_type, parent: parent.msg_id, content, metadata };
    },
  };
}
