// Runs in the sockets' thread: lines that cells ask for on the stdin channel.
"use strict";

const { randomUUID } = require("node:crypto");

/**
 * @param {(identities: Buffer[], parent: object, content: object) => Promise<void>} send sends an input_request; rejects where the
 *   client has no stdin channel
 * @param {(call: number, value: object) => void} tell calls the first thread back
 */
function createQuestions(send, tell) {
  /** What is asked and not answered yet, by a name of its own. */
  const pending = new Map();

  function settle(name, value) {
    const question = pending.get(name);
    if (!question) return;
    pending.delete(name);
    if (question.call !== undefined) {
      tell(question.call, value);
      return;
    }
    question.port.postMessage(value);
    Atomics.store(question.answered, 0, 1);
    Atomics.notify(question.answered, 0);
  }

  function settleAll(value) {
    for (const name of [...pending.keys()]) settle(name, value);
  }

  return {
    ask({ request: { header, identities }, prompt, ...question }) {
      const name = randomUUID();
      pending.set(name, question);
      const gone = () => settle(name, { failed: "the front end has no stdin channel" });
      send(identities, header, { prompt, password: false }).catch(gone);
    },
    /** Takes an input_reply. There is one box to type in: what was asked last is what it answers. */
    answer({ content }) {
      const name = [...pending.keys()].at(-1);
      if (name !== undefined && typeof content?.value === "string") settle(name, { value: content.value });
    },
    /** Nobody waits for an answer any more. */
    interrupt: () => settleAll({ interrupted: true }),
  };
}

module.exports = { createQuestions };
