// Runs of cells: what belongs to each, in the course of it and long after.
"use strict";

const { AsyncLocalStorage, AsyncResource } = require("node:async_hooks");
const { clearTimeout, setTimeout } = require("node:timers");
const { InterruptedError } = require("./tracebacks.cjs");
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
  /** Whether JavaScript was ended by force, and this thread has not proved yet that it goes on. */
  let unproved = false;
  /** Runs beside the cells: what messages of widgets started. */
  const aside = new Set();
  let count = 0;
  let running;

  /** The run in whose course this is called: also from a timer or a promise that an ended run left behind. */
  const current = () => storage.getStore() ?? running;

  /** A run; `interruption` rejects when it is to be given up. */
  function create(request) {
    const scope = new AsyncResource("cell");
    const run = {
      number: ++count,
      request,
      watched: false,
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
    return run;
  }

  /**
   * Starts a cell's run.
   *
   * @param {object} request the execute_request that it answers
   */
  function begin(request) {
    running = create(request);
    point();
    return running;
  }

  /** Tells the sockets' thread which run an interrupt is to end: the cell's, or else the latest of those beside the cells. */
  function point() {
    const run = running ?? [...aside].at(-1);
    Atomics.store(state, WATCHED, run?.watched ? 1 : 0);
    Atomics.store(state, RUN, run?.number ?? 0);
  }

  /**
   * Starts a run beside the cells.
   *
   * @param {object} header of the execute_request that its output belongs to
   */
  function beginAside(header) {
    const run = create({ header, content: {} });
    aside.add(run);
    point();
    return run;
  }

  /** Ends the run of a cell, or one beside the cells. */
  function end(run) {
    aside.delete(run);
    if (run === running) running = undefined;
    point();
    clearTimeout(run.limit);
    if (run.controller.signal.aborted) run.abandonment.abort(run.controller.signal.reason);
  }

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

  /** Takes a request to stop, of which the sockets' thread knows. */
  function stop() {
    Atomics.store(state, MET, Atomics.load(state, RUN));
    Atomics.add(state, HANDLED, 1);
    interrupt();
  }

  /** Stops what is running: at once, or, where something watches its signal, after a moment of grace. */
  function interrupt() {
    const stopping = [running, ...aside]
      .filter(Boolean)
      .map((run) => ({ run, again: run.controller.signal.aborted, watched: run.watched }));
    const reason = new InterruptedError();
    for (const { controller } of watched) controller.abort(reason);
    watched.clear();
    for (const { run, again, watched: patient } of stopping) {
      run.controller.abort(reason);
      if (again || !patient) run.fail(reason);
      else run.limit = setTimeout(() => soon(() => run.fail(reason)), grace);
    }
  }

  /** Called in the course of what is about to be ended by force: neither that run nor the running one goes on. */
  function tear() {
    unproved = true;
    for (const run of [storage.getStore(), running]) if (run) torn.add(run);
  }

  /** Called once it was: tells what the torn runs left behind that it is over. */
  function abandonTorn() {
    const over = [...torn];
    for (const { controller } of over) controller.abort(new InterruptedError());
    for (const { controller, abandonment } of over) abandonment.abort(controller.signal.reason);
    for (const run of over) if (run !== running) torn.delete(run);
    // A cell is concluded by itself, once it is proved that this thread goes on.
    for (const run of over) if (aside.has(run)) run.fail(run.controller.signal.reason);
  }

  return {
    begin,
    end,
    beginAside,
    current,
    signal,
    stop,
    interrupt,
    tear,
    abandonTorn,
    isTorn: (run) => torn.has(run),
    isUnproved: () => unproved,
    /** This thread has proved that it goes on. */
    proved() {
      unproved = false;
    },
    /** The thread has survived the end of a run's JavaScript: it may be concluded. */
    mend: (run) => torn.delete(run),
    running: () => running,
  };
}

module.exports = { createRuns };
