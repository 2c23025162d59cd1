// What the sockets' thread asks in this thread before it ends JavaScript here by force: whether what runs at this very moment
// may be torn. The question interrupts what runs, so it sees its stack; and nothing runs between a yes and the end.
"use strict";

const path = require("node:path");
const { clearStack } = require("./async-stack.cjs");
const { RUN, DELICATE, CONSENT, consent } = require("./state.cjs");

/** Name under which the sockets' thread finds the question. */
const key = "shapley-modes.may-end";
/** Milliseconds for which a yes holds. */
const patience = 1000;

/**
 * Offers `Symbol.for(key)`, a function of the number of the run that is to be ended (0 where there is none), and of whether a module
 * has been loading for so long that it seems endless.
 *
 * @param {Int32Array} state see state.cjs
 * @param {() => void} tearing called before the end, in the course of what is ended
 */
function offerConsent(state, tearing) {
  globalThis[Symbol.for(key)] = (run, endless) => {
    const answer = Atomics.load(state, RUN) === run ? mayEnd(state, endless) : consent.refused;
    Atomics.store(state, CONSENT, answer);
    if (answer !== consent.granted) return;
    // No Atomics.wait: what runs may be in one itself, and they do not nest.
    const until = performance.now() + patience;
    while (Atomics.load(state, CONSENT) === consent.granted && performance.now() < until);
    if (Atomics.compareExchange(state, CONSENT, consent.granted, consent.refused) === consent.granted) return;
    while (Atomics.load(state, CONSENT) !== consent.ordered);
    Atomics.store(state, CONSENT, consent.none);
    tearing();
    clearStack();
  };
}

function mayEnd(state, endless) {
  const files = stackFiles();
  if (files.some((file) => file === "node:internal/timers")) return consent.rooted;
  const isLoading =
    Atomics.load(state, DELICATE) > 0 || files.some((file) => file.startsWith("node:internal/modules/"));
  const isTypeScript = files.some((file) => /[\\/]node_modules[\\/](@ts(lab|d)[\\/])?typescript/.test(file));
  if (isLoading && (!endless || isTypeScript)) return consent.refused;
  // Node can load an ES module once only, and does not forget one that it was in.
  if (files.some((file) => file.startsWith("node:internal/modules/esm/"))) return consent.rooted;
  return files.some(isUsers) ? consent.granted : consent.refused;
}

/** Whether a file of the stack is neither Node's nor the kernel's own. */
function isUsers(file) {
  return !file.startsWith("node:") && !file.startsWith(__dirname + path.sep);
}

/** The files of all calls on the stack, innermost first. */
function stackFiles() {
  const { stackTraceLimit, prepareStackTrace } = Error;
  try {
    Error.stackTraceLimit = Number.POSITIVE_INFINITY;
    Error.prepareStackTrace = (_error, calls) => calls;
    const holder = {};
    Error.captureStackTrace(holder);
    return holder.stack.map((call) => call.getFileName()).filter(Boolean);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}

module.exports = { key, offerConsent };
