// Node's own stack of asynchronous calls, before and after JavaScript is ended by force: what is torn takes nothing off that
// stack any more, and Node aborts the process where the stack is not empty when it should be.
"use strict";

/** Nothing to put right where nothing can be. */
let clear = () => {};
let restore = () => {};

/** Finds the stack. To be called once, before any code of the user's runs. */
function findStack() {
  const { noDeprecation = false } = process;
  process.noDeprecation = true;
  try {
    const {
      clearAsyncIdStack,
      async_hook_fields: fields,
      constants,
    } = /** @type {any} */ (process).binding("async_wrap");
    const { kTotals, kInit, kBefore, kAfter, kDestroy, kPromiseResolve } = constants;
    const hooks = [kInit, kBefore, kAfter, kDestroy, kPromiseResolve];
    clear = () => {
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

/**
 * To be called right before the end: empties the stack, and keeps Node from looking at it. What is ended goes on for a moment
 * after that, and may leave something on the stack again.
 */
function clearStack() {
  clear();
}

/** To be called once it has ended: Node looks at the stack again. */
function restoreStack() {
  restore();
}

module.exports = { findStack, clearStack, restoreStack };
