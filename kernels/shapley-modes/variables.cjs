// The variables of a notebook. A name is one variable, whichever cells declare, read or assign it: as in Python, or at a browser's
// console, a function sees what was last declared under the name, be it a function of an older cell.
"use strict";

/** A variable. Its `v` is not there before its declaration was reached, and then asking for it is an error, as in JavaScript. */
class Variable {
  #name;

  constructor(name) {
    this.#name = name;
  }

  get v() {
    throw new ReferenceError(`Cannot access '${this.#name}' before initialization`);
  }

  set v(value) {
    Object.defineProperty(this, "v", { value, writable: true, enumerable: true, configurable: true });
  }
}

function createVariables() {
  const all = new Map();
  return {
    has: (name) => all.has(name),
    /** The variable of a name, made where there is none. */
    get(name) {
      let variable = all.get(name);
      if (!variable) all.set(name, (variable = new Variable(name)));
      return variable;
    },
    /** Whether a variable has a value, be it undefined. */
    isMade: (name) => Object.hasOwn(all.get(name) ?? {}, "v"),
    /** Makes a name mean what a module exports, also after that changes. */
    bind(name, read) {
      Object.defineProperty(this.get(name), "v", { get: read, enumerable: true, configurable: true });
    },
    /** Makes a name that a module was bound to an ordinary variable, with the value that it has. */
    loosen(name) {
      const variable = this.get(name);
      if (Object.getOwnPropertyDescriptor(variable, "v")?.get)
        Reflect.set(Variable.prototype, "v", variable.v, variable);
    },
    /** A variable's value, undefined where it has none yet. */
    value: (name) => (Object.hasOwn(all.get(name) ?? {}, "v") ? all.get(name).v : undefined),
  };
}

module.exports = { createVariables };
