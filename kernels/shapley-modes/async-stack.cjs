// Node's own stack of asynchronous calls, before and after JavaScript is ended by force: what is torn takes nothing off that
// stack any more, and Node aborts the process where the stack is not empty when it should be.
"use strict";

/** Name under which the sockets' thread finds the first function below. */
const key = "shapley-modes.before-termination";

/** Nothing to put right where nothing can be. */
let restore = () => {};

/**
 * Offers `Symbol.for(key)` in this thread: a function that empties the stack and keeps Node from looking at it. What is ended
 * goes on for a moment after that, and may leave something on the stack again.
 */
function offerCleaning() {
  const { noDeprecation } = process;
  process.noDeprecation = true;
  try {
    const { clearAsyncIdStack, async_hook_fields: fields, constants } = process.binding("async_wrap");
    const { kTotals, kInit, kBefore, kAfter, kDestroy, kPromiseResolve } = constants;
    const hooks = [kInit, kBefore, kAfter, kDestroy, kPromiseResolve];
    globalThis[Symbol.for(key)] = () => {
      clearAsyncIdStack();
      fields[kTotals] = 0;
    };
    restore = () => {
      clearAsyncIdStack();
      fields[kTotals] = hooks.reduce((sum, hook) => sum + fields[hook], 0);
    };
  } finally {
    process.noDeprecation = noDeprecation;
  }
}

/** To be called once the torn run is over: Node looks at the stack again. */
function restoreStack() {
  restore();
}

module.exports = { key, offerCleaning, restoreStack };
