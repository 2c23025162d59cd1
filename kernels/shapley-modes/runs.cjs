// Runs of cells: what belongs to each, in the course of it and long after.
"use strict";

const { AsyncLocalStorage, AsyncResource } = require("node:async_hooks");
const { clearTimeout, setTimeout } = require("node:timers");
const { InterruptedError } = require("./errors.cjs");
const { RUN, WATCHED, HANDLED, MET } = require("./state.cjs");
const { soon } = require("./turns.cjs");

/** Milliseconds that a computation which watches the signal has, to end by itself with what it has so far. */
const grace = 1000;
/** How many ended runs whose signal something watches are remembered: what they left behind is stopped by an interrupt too. */
const remembered = 50;

/** @param {Int32Array} state see state.cjs */
function createRuns(state) {
  const storage = new AsyncLocalStorage();
  const watched = new Set();
  const torn = new Set();
  let count = 0;
  let running;

  /** The run in whose course this is called: also from a timer or a promise that an ended run left behind. */
  const current = () => storage.getStore() ?? running;

  /**
   * Starts a run; `interruption` rejects when it is to be given up.
   *
   * @param {object} request the execute_request that it answers
   */
  function begin(request) {
    const scope = new AsyncResource("cell");
    const run = {
      number: ++count,
      request,
      /** Its signal asks what watches it to end. */
      controller: new AbortController(),
      /** Its signal says that nothing of the run is to go on. */
      abandonment: new AbortController(),
      /** Whether nothing of the run is to go on; also before its signal can say so, as its JavaScript was just ended by force. */
      isOver: () => run.abandonment.signal.aborted || torn.has(run),
      within: (work) => scope.runInAsyncScope(() => storage.run(run, work)),
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
    running = undefined;
    if (run.controller.signal.aborted) run.abandonment.abort(run.controller.signal.reason);
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

  /** Takes a request to stop, of which the sockets' thread knows. */
  function stop() {
    Atomics.store(state, MET, running?.number ?? 0);
    Atomics.add(state, HANDLED, 1);
    interrupt();
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
    if (again || Atomics.load(state, WATCHED) === 0) fail(reason);
    else running.limit = setTimeout(() => soon(() => fail(reason)), grace);
  }

  /** Called in the course of what is about to be ended by force: neither that run nor the running one goes on. */
  function tear() {
    for (const run of [storage.getStore(), running]) if (run) torn.add(run);
  }

  /** Called once it was: tells what the torn runs left behind that it is over. */
  function abandonTorn() {
    const over = [...torn];
    for (const { controller } of over) controller.abort(new InterruptedError());
    for (const { controller, abandonment } of over) abandonment.abort(controller.signal.reason);
    for (const run of over) if (run !== running) torn.delete(run);
  }

  return {
    begin,
    end,
    current,
    signal,
    stop,
    interrupt,
    tear,
    abandonTorn,
    isTorn: (run) => torn.has(run),
    /** The thread has survived the end of a run's JavaScript: it may be concluded. */
    mend: (run) => torn.delete(run),
    running: () => running,
  };
}

module.exports = { createRuns };
