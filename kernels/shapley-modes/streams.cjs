// Makes one message of texts that come in quick succession.
"use strict";

/** A text longer than this is sent at once. */
const longest = 65536;
/** Milliseconds for which texts are gathered into one message. */
const patience = 40;

/**
 * Gathers what cells write; the order of the texts is kept, also among the two streams.
 *
 * @param {(content: { name: string, text: string }, parent: object) => void} send
 */
function gatherStreams(send) {
  let pending;
  let timer;
  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (pending) send({ name: pending.name, text: pending.text }, pending.parent);
    pending = undefined;
  }
  return {
    flush,
    add({ name, text, parent }) {
      if (pending && (pending.name !== name || pending.parent.msg_id !== parent.msg_id)) flush();
      pending ??= { name, text: "", parent };
      pending.text += text;
      if (pending.text.length > longest) flush();
      else timer ??= setTimeout(flush, patience);
    },
  };
}

module.exports = { gatherStreams };
