// Timers of cells: those of a cell that failed or was interrupted do not go off any more, so that a loop which sleeps between
// its steps does not go on behind its cell's back.
"use strict";

const { promisify } = require("node:util");
const { functions, promises } = require("./turn-timers.cjs");

/**
 * @param {() => { abandonment: AbortController, isOver(): boolean } | undefined} currentRun the run in whose course this is
 *   called, also long after
 */
function createCellTimers(currentRun) {
  /** A timer that does nothing once its run is abandoned. */
  function owned(set, clear) {
    return (callback, ...rest) => {
      const run = currentRun();
      if (!run || typeof callback !== "function") return set(callback, ...rest);
      const timer = set(goOff, ...rest);
      /** @this {unknown} */
      function goOff(...args) {
        if (run?.isOver()) clear(timer);
        else Reflect.apply(callback, this, args);
      }
      return timer;
    };
  }

  /**
   * Options of a timer of node:timers/promises with the run's signal among them.
   *
   * @param {{ signal?: unknown }} options
   */
  function withSignal(options = {}) {
    const signal = currentRun()?.abandonment.signal;
    if (!signal || options === null || typeof options !== "object") return options;
    if (options.signal === undefined) return { ...options, signal };
    // Of what is no signal Node complains.
    return options.signal instanceof AbortSignal
      ? { ...options, signal: AbortSignal.any([options.signal, signal]) }
      : options;
  }

  /** What is abandoned and goes on all the same waits for ever: an error at once would make its loop one without a pause. */
  const unlessOver = (wait) => (currentRun()?.isOver() ? new Promise(() => {}) : wait());

  const own = {
    ...promises,
    setTimeout: (delay, value, options) => unlessOver(() => promises.setTimeout(delay, value, withSignal(options))),
    setImmediate: (value, options) => unlessOver(() => promises.setImmediate(value, withSignal(options))),
    setInterval: (delay, value, options) => promises.setInterval(delay, value, withSignal(options)),
    scheduler: {
      wait: (delay, options) => unlessOver(() => promises.scheduler.wait(delay, withSignal(options))),
      yield: () => unlessOver(() => promises.scheduler.yield()),
    },
  };
  return {
    /** What `require("node:timers/promises")` is in a cell. */
    promises: own,
    /** What the global functions of these names are in a cell. */
    globals: {
      setTimeout: asNodes(owned(functions.setTimeout, functions.clearTimeout), "setTimeout", own.setTimeout),
      setInterval: asNodes(owned(functions.setInterval, functions.clearInterval), "setInterval"),
      setImmediate: asNodes(owned(functions.setImmediate, functions.clearImmediate), "setImmediate", own.setImmediate),
    },
  };
}

/** Gives a stand-in the name of Node's function, and what `util.promisify` looks for. */
function asNodes(own, name, promisified) {
  if (promisified) Object.defineProperty(own, promisify.custom, { value: promisified });
  return Object.defineProperty(own, "name", { value: name });
}

module.exports = { createCellTimers };
