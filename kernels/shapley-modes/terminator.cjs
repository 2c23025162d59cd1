// Runs in the sockets' thread: ends JavaScript of the first thread that does not listen to an interrupt.
"use strict";

const inspector = require("node:inspector");
const { key } = require("./async-stack.cjs");
const { RUN, WATCHED, DELICATE, PONG, TORN } = require("./state.cjs");

/** Milliseconds between two looks. */
const interval = 25;
/** Milliseconds that a loop without a pause is given to come to one; longer where a computation may end by itself. */
const patience = { unwatched: 400, watched: 700 };
/** Milliseconds without an answer after which the first thread counts as not listening. */
const deaf = 100;

/**
 * @param {Int32Array} state see state.cjs
 * @param {(ping: number) => void} ping asks the first thread for a sign of life
 * @returns {() => void} to be called when an interrupt was passed on: watches until the run has ended, and ends it by force where
 *   it leaves the event loop no turn. What was done after an await is ended as well, which `breakOnSigint` can not do.
 */
function createTerminator(state, ping) {
  let watching;
  let sent = 0;
  let session;

  function terminate(run) {
    Atomics.store(state, TORN, run);
    if (!session) {
      session = new inspector.Session();
      session.connectToMainThread();
    }
    session.post("Runtime.evaluate", { expression: `globalThis[Symbol.for("${key}")]()` });
    session.post("Runtime.terminateExecution");
  }

  return () => {
    const run = Atomics.load(state, RUN);
    if (run === 0 || watching === run) return;
    watching = run;
    const start = performance.now();
    let heard = start;
    const stop = () => {
      clearInterval(timer);
      watching = undefined;
      session?.disconnect();
      session = undefined;
    };
    const timer = setInterval(() => {
      if (Atomics.load(state, RUN) !== run) return stop();
      const now = performance.now();
      if (Atomics.load(state, PONG) === sent) heard = now;
      ping(++sent);
      const limit = Atomics.load(state, WATCHED) ? patience.watched : patience.unwatched;
      if (now - start < limit || now - heard < deaf || Atomics.load(state, DELICATE) > 0) return;
      terminate(run);
      heard = now;
    }, interval);
  };
}

module.exports = { createTerminator };
