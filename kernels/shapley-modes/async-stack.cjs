// Node's own stack of asynchronous calls, for the moment before JavaScript is ended by force: what is torn takes nothing off
// that stack any more, and Node ends a process whose stack is not empty when it should be.
"use strict";

/** Name under which the sockets' thread finds the function below. */
const key = "shapley-modes.before-termination";

/** Offers `Symbol.for(key)` in this thread: a function that empties the stack. */
function offerCleaning() {
  const { noDeprecation } = process;
  process.noDeprecation = true;
  try {
    const { clearAsyncIdStack } = process.binding("async_wrap");
    globalThis[Symbol.for(key)] = () => clearAsyncIdStack();
  } finally {
    process.noDeprecation = noDeprecation;
  }
}

module.exports = { key, offerCleaning };
