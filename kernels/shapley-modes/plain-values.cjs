// Promises and timers that print as themselves. Node marks each with what belongs to it, for AsyncLocalStorage, in properties that would
// show: `Promise { 3, [Symbol(kResourceStore)]: ... }`.
"use strict";

const { inspect } = require("node:util");

const marks = new Set(["async_id_symbol", "trigger_async_id_symbol", "kResourceStore", "asyncId", "triggerId"]);

/**
 * Hides the marks of what is printed, at the moment it is: `inspect` goes on with the value itself.
 *
 * @this {object}
 */
function withoutMarks() {
  for (const mark of Object.getOwnPropertySymbols(this)) {
    if (!marks.has(mark.description ?? "") || !Object.prototype.propertyIsEnumerable.call(this, mark)) continue;
    try {
      Object.defineProperty(this, mark, { enumerable: false });
    } catch {
      // Frozen: then it shows.
    }
  }
  return this;
}

function printPlainly() {
  const timeout = setTimeout(() => {}, 0);
  const immediate = setImmediate(() => {});
  clearTimeout(timeout);
  clearImmediate(immediate);
  for (const { prototype } of [Promise, timeout.constructor, immediate.constructor]) {
    Object.defineProperty(prototype, inspect.custom, { value: withoutMarks, writable: true, configurable: true });
  }
}

module.exports = { printPlainly };
