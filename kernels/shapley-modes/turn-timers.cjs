// Timers and immediates whose callbacks start from a message (see turns.cjs), for all code of this thread but Node's own.
"use strict";

const { AsyncResource } = require("node:async_hooks");
const node = { ...require("node:timers") };
const promised = { ...require("node:timers/promises") };
const { syncBuiltinESMExports } = require("node:module");
const { promisify } = require("node:util");
const { delicately } = require("./state.cjs");
const { soon } = require("./turns.cjs");

/** The longest that Node waits, in milliseconds; for more it waits 1, and says so. */
const longest = 2 ** 31 - 1;
/** Timers by number, of those whose number was asked for. */
const numbered = new Map();
let count = 0;
/** Calls one of Node's own functions, which are not to be torn in the midst of their lists. */
let whole = (work) => work();

/** What setTimeout and setInterval return: as Node's, and nothing of the kernel's is in sight where it is printed. */
class Timeout {
  #callback;
  #args;
  #delay;
  #repeats;
  #scope = new AsyncResource("Timeout");
  #inner;
  #number;
  #referenced = true;
  #cleared = false;

  constructor(callback, delay, args, repeats) {
    this.#callback = callback;
    this.#args = args;
    this.#repeats = repeats;
    this.#delay = delay;
    this.#arm();
    const milliseconds = Number(delay);
    this.#delay = milliseconds >= 1 && milliseconds <= longest ? milliseconds : 1;
  }

  #arm() {
    // What went off, but whose message was not taken yet when the timer was cleared or set anew, is not the one any more.
    const inner = whole(() => node.setTimeout(() => soon(() => inner === this.#inner && this.#goOff()), this.#delay));
    this.#inner = inner;
  }

  #disarm() {
    whole(() => node.clearTimeout(this.#inner));
    this.#inner = undefined;
  }

  #goOff() {
    // As with Node, the time that the callback takes is part of an interval.
    if (this.#repeats) this.#arm();
    else this.#inner = undefined;
    run(this.#scope, this.#callback, this, this.#args);
  }

  ref() {
    this.#referenced = true;
    return this;
  }

  unref() {
    this.#referenced = false;
    return this;
  }

  hasRef() {
    return this.#referenced && this.#inner !== undefined;
  }

  refresh() {
    if (this.#cleared) return this;
    this.#disarm();
    this.#arm();
    return this;
  }

  close() {
    this.#cleared = true;
    this.#disarm();
    numbered.delete(this.#number);
    return this;
  }

  [Symbol.toPrimitive]() {
    if (this.#number === undefined) {
      this.#number = ++count;
      numbered.set(this.#number, this);
    }
    return this.#number;
  }

  [Symbol.dispose]() {
    this.close();
  }
}

/** What setImmediate returns. */
class Immediate {
  #scope = new AsyncResource("Immediate");
  #inner;
  #referenced = true;

  constructor(callback, args) {
    const goOff = () => {
      if (this.#inner === undefined) return;
      this.#inner = undefined;
      run(this.#scope, callback, this, args);
    };
    this.#inner = whole(() => node.setImmediate(() => soon(goOff)));
  }

  ref() {
    this.#referenced = true;
    return this;
  }

  unref() {
    this.#referenced = false;
    return this;
  }

  hasRef() {
    return this.#referenced && this.#inner !== undefined;
  }

  [Symbol.dispose]() {
    whole(() => node.clearImmediate(this.#inner));
    this.#inner = undefined;
  }
}

/** Runs a callback in the course that it was made in. What it throws is an uncaught exception of that course. */
function run(scope, callback, self, args) {
  scope.runInAsyncScope(() => {
    try {
      Reflect.apply(callback, self, args);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  });
}

/** The global functions of these names. */
const functions = {
  setTimeout(callback, delay, ...args) {
    // Node's own error for what is no function.
    return typeof callback === "function" ? new Timeout(callback, delay, args, false) : node.setTimeout(callback);
  },
  setInterval(callback, delay, ...args) {
    return typeof callback === "function" ? new Timeout(callback, delay, args, true) : node.setInterval(callback);
  },
  setImmediate(callback, ...args) {
    return typeof callback === "function" ? new Immediate(callback, args) : node.setImmediate(callback);
  },
  clearTimeout(timer) {
    const own = ["number", "string"].includes(typeof timer) ? numbered.get(Number(timer)) : timer;
    if (own instanceof Timeout) own.close();
    else whole(() => node.clearTimeout(timer));
  },
  clearInterval(timer) {
    functions.clearTimeout(timer);
  },
  clearImmediate(immediate) {
    if (immediate instanceof Immediate) immediate[Symbol.dispose]();
    else whole(() => node.clearImmediate(immediate));
  },
};

/** A promise of Node's that settles in a message's turn. */
function inTurn(promise) {
  return new Promise((resolve, reject) => {
    promise.then(
      (value) => soon(() => resolve(value)),
      (error) => soon(() => reject(error)),
    );
  });
}

/** What node:timers/promises gives, each promise settling in a message's turn. */
const promises = {
  setTimeout: (...given) => inTurn(whole(() => promised.setTimeout(...given))),
  setImmediate: (...given) => inTurn(whole(() => promised.setImmediate(...given))),
  setInterval(...given) {
    const steps = whole(() => promised.setInterval(...given));
    return {
      next: () => inTurn(steps.next()),
      return: (value) => inTurn(steps.return(value)),
      throw: (error) => inTurn(steps.throw(error)),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  },
  scheduler: {
    wait: (delay, options) => inTurn(whole(() => promised.scheduler.wait(delay, options))),
    yield: () => inTurn(whole(() => promised.scheduler.yield())),
  },
};

/** A signal that times out in a message's turn. */
const timeoutSignal = AbortSignal.timeout;
function timeout(delay) {
  const signal = timeoutSignal.call(AbortSignal, delay);
  const controller = new AbortController();
  signal.addEventListener("abort", () => soon(() => controller.abort(signal.reason)));
  return controller.signal;
}

for (const name of ["setTimeout", "setImmediate"]) {
  Object.defineProperty(functions[name], promisify.custom, { value: promises[name] });
}

/**
 * Puts these in the place of Node's, for modules that cells import as well.
 *
 * @param {Int32Array} state see state.cjs
 */
function installTimers(state) {
  whole = (work) => delicately(state, work);
  Object.assign(globalThis, functions);
  Object.assign(require("node:timers"), functions);
  Object.assign(require("node:timers/promises"), promises);
  Object.defineProperty(AbortSignal, "timeout", { value: timeout, configurable: true, writable: true });
  syncBuiltinESMExports();
}

module.exports = { functions, installTimers, promises };
