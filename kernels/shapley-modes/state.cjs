// What the two threads of the kernel know of each other at any moment: a few numbers in shared memory.
"use strict";

/** Number of the run that is going on, 0 where there is none. */
const RUN = 0;
/** Whether something of that run watches its signal, so that it may end by itself. */
const WATCHED = 1;
/** How deep the first thread is in work that must not be torn: TypeScript's, or the loading of a module. */
const DELICATE = 2;
/** The latest ping that the first thread has answered. */
const PONG = 3;
/** Number of the latest run whose JavaScript was ended by force. */
const TORN = 4;

function createState() {
  return new Int32Array(new SharedArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT));
}

/** Does work that must not be torn. */
function delicately(state, work) {
  Atomics.add(state, DELICATE, 1);
  try {
    return work();
  } finally {
    Atomics.sub(state, DELICATE, 1);
  }
}

module.exports = { RUN, WATCHED, DELICATE, PONG, TORN, createState, delicately };
