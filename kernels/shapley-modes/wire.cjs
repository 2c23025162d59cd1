// Jupyter's wire protocol: signed multi-part messages (messaging protocol 5.3).
"use strict";

const { createHmac, randomUUID, timingSafeEqual } = require("node:crypto");

const delimiter = "<IDS|MSG>";

/**
 * Reads and writes messages of one connection.
 *
 * @param {string} key signing key; an empty key means unsigned messages
 * @param {string} session names the kernel's side of the connection
 */
function createWire(key, session) {
  function sign(parts) {
    if (!key) return "";
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }

  return {
    /**
     * @param {Buffer[]} frames
     * @returns {{ identities: Buffer[], header: object, parent: object, content: object } | undefined} undefined
     *   where the frames are no message or the signature is wrong
     */
    decode(frames) {
      const at = frames.findIndex((frame) => frame.toString() === delimiter);
      const parts = frames.slice(at + 2, at + 6);
      if (at < 0 || parts.length < 4) return undefined;
      const expected = Buffer.from(sign(parts));
      if (expected.length !== frames[at + 1].length || !timingSafeEqual(expected, frames[at + 1])) return undefined;
      const [header, parent, , content] = parts.map((part) => JSON.parse(part.toString()));
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

module.exports = { createWire };
