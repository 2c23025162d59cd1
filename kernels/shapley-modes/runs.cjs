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
  /** Runs beside the cells: what messages of widgets started. */
  const aside = new Set();
  let count = 0;
  let running;

  /** The run in whose course this is called: also from a timer or a promise that an ended run left behind. */
  const current = () => storage.getStore() ?? running;

  /** Whether the JavaScript of a run was ended by force. */
  const isTorn = ({ number }) => Atomics.load(state, TORN) === number;

  /** Tells the sockets' thread which run an interrupt is to end: the cell's, or else the latest of those beside the cells. */
  function point() {
    const run = running ?? [...aside].at(-1);
    Atomics.store(state, WATCHED, run?.watched ? 1 : 0);
    Atomics.store(state, RUN, run?.number ?? 0);
  }

  /**
   * Starts a run; `interruption` rejects when it is to be given up.
   *
   * @param {object} header of the execute_request that its output belongs to
   * @param {{ aside?: boolean }} [options] whether it is one beside the cells
   */
  function begin(header, options = {}) {
    const run = {
      number: ++count,
      header,
      watched: false,
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
    if (options.aside) aside.add(run);
    else running = run;
    point();
    return run;
  }

  function end(run) {
    aside.delete(run);
    if (run === running) running = undefined;
    point();
    clearTimeout(run.limit);
    if (isTorn(run)) restoreStack();
    if (run.controller.signal.aborted) run.abandonment.abort(run.controller.signal.reason);
  }

  /** Does something as in a cell that has ended: its output is that cell's. */
  const as = (header, work) =>
    storage.run({ header, controller: new AbortController(), abandonment: new AbortController() }, work);

  /** Signal of the present run. Who asks for it is given time to end by itself. */
  function signal() {
    const run = current();
    if (!run) return AbortSignal.abort(new InterruptedError());
    run.watched = true;
    if (Atomics.load(state, RUN) === run.number) Atomics.store(state, WATCHED, 1);
    watched.add(run);
    if (watched.size > remembered) watched.delete(watched.values().next().value);
    return run.controller.signal;
  }

  /** Stops what is running: at once, or, where something watches its signal, after a moment of grace. */
  function interrupt() {
    const stopping = [...(running ? [running] : []), ...aside].map((run) => ({
      run,
      again: run.controller.signal.aborted,
    }));
    const reason = new InterruptedError();
    for (const { controller } of watched) controller.abort(reason);
    watched.clear();
    for (const { run, again } of stopping) {
      run.controller.abort(reason);
      if (again || isTorn(run) || !run.watched) run.fail(reason);
      else run.limit = setTimeout(run.fail, grace, reason);
    }
  }

  return { begin, end, as, current, signal, interrupt, running: () => running };
}

module.exports = { createRuns };
