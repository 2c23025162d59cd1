// Runs of cells: what belongs to each, in the course of it and long after.
"use strict";

const { AsyncLocalStorage } = require("node:async_hooks");
const { restoreStack } = require("./async-stack.cjs");
const { InterruptedError } = require("./errors.cjs");
const { RUN, WATCHED, TORN } = require("./state.cjs");

/** Milliseconds that a computation which watches the signal has, to end by itself with what it has so far. */
const grace = 1000;
/** How many ended runs whose signal something watches are remembered: what they left behind is stopped by an interrupt too. */
const remembered = 50;

/** @param {Int32Array} state see state.cjs */
function createRuns(state) {
  const storage = new AsyncLocalStorage();
  const watched = new Set();
  let count = 0;
  let running;

  /** The run in whose course this is called: also from a timer or a promise that an ended run left behind. */
  const current = () => storage.getStore() ?? running;

  /** Whether the JavaScript of a run was ended by force. */
  const isTorn = ({ number }) => Atomics.load(state, TORN) === number;

  /** Starts a run; `interruption` rejects when it is to be given up. */
  function begin() {
    const run = {
      number: ++count,
      /** Its signal asks what watches it to end. */
      controller: new AbortController(),
      /** Its signal says that nothing of the run is to go on. */
      abandonment: new AbortController(),
      within: (work) => storage.run(run, work),
    };
    run.interruption = new Promise((_resolve, reject) => {
      run.fail = reject;
    });
    run.interruption.catch(() => {});
    Atomics.store(state, WATCHED, 0);
    Atomics.store(state, RUN, run.number);
    running = run;
    return run;
  }

  function end(run) {
    Atomics.store(state, RUN, 0);
    clearTimeout(run.limit);
    if (isTorn(run)) restoreStack();
    if (run.controller.signal.aborted) run.abandonment.abort(run.controller.signal.reason);
    running = undefined;
  }

  /** Signal of the present run. Who asks for it is given time to end by itself. */
  function signal() {
    const run = current();
    if (!run) return AbortSignal.abort(new InterruptedError());
    if (run === running) Atomics.store(state, WATCHED, 1);
    watched.add(run);
    if (watched.size > remembered) watched.delete(watched.values().next().value);
    return run.controller.signal;
  }

  /** Stops the running cell: at once, or, where something watches its signal, after a moment of grace. */
  function interrupt() {
    const again = running?.controller.signal.aborted;
    const reason = new InterruptedError();
    for (const { controller } of watched) controller.abort(reason);
    watched.clear();
    if (!running) return;
    const { controller, fail } = running;
    controller.abort(reason);
    if (again || isTorn(running) || Atomics.load(state, WATCHED) === 0) fail(reason);
    else running.limit = setTimeout(fail, grace, reason);
  }

  return { begin, end, current, signal, interrupt, running: () => running };
}

module.exports = { createRuns };
