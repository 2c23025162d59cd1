// Jupyter's wire protocol: signed multi-part messages (messaging protocol 5.3).
"use strict";

const { createHmac, randomUUID, timingSafeEqual } = require("node:crypto");

const delimiter = "<IDS|MSG>";
/** How many signatures are remembered, so that no message counts twice. */
const remembered = 32_768;

/**
 * Reads and writes messages of one connection.
 *
 * @param {string} key signing key; an empty key means unsigned messages
 * @param {string} session names the kernel's side of the connection
 */
function createWire(key, session) {
  const seen = new Set();

  function sign(parts) {
    if (!key) return "";
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }

  /** Whether the signature is right, and was not there before: who has no key can only send again what somebody sent. */
  function isGenuine(signature, parts) {
    const expected = sign(parts);
    if (Buffer.byteLength(expected) !== signature.length || !timingSafeEqual(Buffer.from(expected), signature))
      return false;
    if (!key) return true;
    if (seen.has(expected)) return false;
    seen.add(expected);
    if (seen.size > remembered) seen.delete(seen.values().next().value);
    return true;
  }

  return {
    /**
     * @param {Buffer[]} frames
     * @returns {{ identities: Buffer[], header: object, parent: object, content: unknown } | undefined} undefined
     *   where the frames are no message, the signature is wrong or was there before, or the header has no type: nobody could
     *   answer that. The content is null where it is no JSON.
     */
    decode(frames) {
      const at = frames.findIndex((frame) => frame.toString() === delimiter);
      const parts = frames.slice(at + 2, at + 6);
      if (at < 0 || parts.length < 4 || !isGenuine(frames[at + 1], parts)) return undefined;
      const [header, parent, , content] = parts.map(parsed);
      if (typeof header?.msg_type !== "string") return undefined;
      return { identities: frames.slice(0, at), header, parent, content };
    },

    /** Frames of a message of this kernel, in answer to `parent` (a header, or {}). */
    encode(type, content, parent, identities, metadata = {}) {
      const date = new Date().toISOString();
      const header = { msg_id: randomUUID(), session, username: "kernel", date, msg_type: type, version: "5.3" };
      const parts = [header, parent, metadata, content].map((part) => JSON.stringify(part));
      return [...identities, delimiter, sign(parts), ...parts];
    },
  };
}

function parsed(frame) {
  try {
    return JSON.parse(frame.toString());
  } catch {
    return null;
  }
}

/** Whether something is what every request has as its content. */
function isContent(content) {
  return typeof content === "object" && content !== null && !Array.isArray(content);
}

module.exports = { createWire, isContent };
