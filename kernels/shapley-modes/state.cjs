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
/** Where the two threads are with ending JavaScript by force: one of `consent`. */
const CONSENT = 4;
/** The proof of life asked for last: its number, negative until it is given; `lost` once nobody waits for it any more. */
const PROOF = 5;

/** What CONSENT says. The sockets' thread asks, the first answers, and waits where it agrees. */
const consent = Object.freeze({
  none: 0,
  asked: 1,
  /** There is nothing that may be ended at the moment. */
  refused: 2,
  /** What runs lies above what would not survive its end: Node's own timers or immediates, or an ES module's loading. */
  rooted: 3,
  granted: 4,
  taken: 5,
  /** The order to end is on its way: it is the next that the first thread does. */
  ordered: 6,
});
const lost = 2 ** 31 - 1;
/** How many requests to stop the first thread has handled, and the number of the run that the last of them met, 0 for none. */
const HANDLED = 6;
const MET = 7;

function createState() {
  return new Int32Array(new SharedArrayBuffer(8 * Int32Array.BYTES_PER_ELEMENT));
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

module.exports = { RUN, WATCHED, DELICATE, PONG, CONSENT, PROOF, HANDLED, MET, consent, lost, createState, delicately };
