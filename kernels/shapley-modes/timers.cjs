// Timers of cells: those of a cell that failed or was interrupted do not go off any more, so that a loop which sleeps between
// its steps does not go on behind its cell's back.
"use strict";

const timers = require("node:timers/promises");

/**
 * @param {() => { abandonment: AbortController } | undefined} currentRun the run in whose course this is called, also long after
 */
function createCellTimers(currentRun) {
  /** A timer that does nothing once its run is abandoned. */
  function owned(set, clear) {
    return (callback, ...rest) => {
      const run = currentRun();
      if (!run || typeof callback !== "function") return set(callback, ...rest);
      const { signal } = run.abandonment;
      const goOff = (...args) => (signal.aborted ? clear(timer) : callback(...args));
      const timer = set(goOff, ...rest);
      return timer;
    };
  }

  /** Options of a timer of node:timers/promises with the run's signal among them. */
  function withSignal(options = {}) {
    const run = currentRun();
    if (!run) return options;
    const { signal } = run.abandonment;
    return { ...options, signal: options.signal ? AbortSignal.any([options.signal, signal]) : signal };
  }

  const promises = {
    ...timers,
    setTimeout: (milliseconds, value, options) => timers.setTimeout(milliseconds, value, withSignal(options)),
    setImmediate: (value, options) => timers.setImmediate(value, withSignal(options)),
    setInterval: (milliseconds, value, options) => timers.setInterval(milliseconds, value, withSignal(options)),
    scheduler: {
      wait: (milliseconds, options) => timers.scheduler.wait(milliseconds, withSignal(options)),
      yield: () => timers.scheduler.yield(),
    },
  };
  return {
    /** What `require("node:timers/promises")` is in a cell. */
    promises,
    /** What the global functions of these names are in a cell. */
    globals: {
      setTimeout: asNodes(owned(setTimeout, clearTimeout), setTimeout, promises.setTimeout),
      setInterval: asNodes(owned(setInterval, clearInterval), setInterval),
      setImmediate: asNodes(owned(setImmediate, clearImmediate), setImmediate, promises.setImmediate),
    },
  };
}

/** Gives a stand-in the name of Node's function, and what `util.promisify` looks for. */
function asNodes(own, { name }, promisified) {
  if (promisified) Object.defineProperty(own, require("node:util").promisify.custom, { value: promisified });
  return Object.defineProperty(own, "name", { value: name });
}

module.exports = { createCellTimers };
