// Work that starts from a message to oneself.
//
// Ending JavaScript by force takes with it whatever lies below it on the stack. Below a message that is nothing. Below one of
// Node's own timers or immediates it is the keeping of their lists: Node aborts, or no timer of the process ever goes off again.
"use strict";

const { MessageChannel } = require("node:worker_threads");

const { port1: inbox, port2: outbox } = new MessageChannel();
const waiting = new Map();
let count = 0;

inbox.on("message", (number) => {
  const work = waiting.get(number);
  waiting.delete(number);
  work();
});

/**
 * Does some work in a turn of its own, after all that was asked for before. It does not know in whose course it was asked for:
 * what has to, brings its AsyncResource.
 *
 * @param {(value?: any) => void} work
 */
function soon(work) {
  waiting.set(++count, work);
  outbox.postMessage(count);
}

module.exports = { soon };
