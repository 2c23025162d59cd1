// Runs cells: converts TypeScript, keeps what earlier cells declared, and waits for what a cell started.
"use strict";

const vm = require("node:vm");
const { createCellConverter, declaredSoFar, endsInAssignment, getCodeMetadata } = require("./typescript.cjs");
const { notebookModules } = require("./modules.cjs");
const { TypeScriptError } = require("./errors.cjs");
const language = require("./language.cjs");
const { delicately } = require("./state.cjs");
const { createCellTimers } = require("./timers.cjs");

/** Where the compiled code of a cell finds its `exports` and `require`. */
const handOver = Symbol.for("shapley-modes.cell");
const timerNames = ["setTimeout", "setInterval", "setImmediate"];
/** Two functions, so that a cell may give these names to something of its own. */
const prefixes = [false, true].map(
  (awaiting) => `(({ ${timerNames.join(", ")} }) => ${awaiting ? "async " : ""}function(exports, require) { `,
);
const suffix =
  '\n})(globalThis[Symbol.for("shapley-modes.cell")].timers)(...globalThis[Symbol.for("shapley-modes.cell")].given)';

/**
 * The cells of one notebook.
 *
 * @param {string} folder where the notebook is
 * @param {Int32Array} state see state.cjs: neither TypeScript's work nor the loading of a module is to be torn
 * @param {() => object | undefined} currentRun the run of execution.cjs in whose course this is called
 */
function createCells(folder, state, currentRun) {
  const { converter, convert } = createCellConverter();
  const timers = createCellTimers(currentRun);
  const own = new Map(["timers/promises", "node:timers/promises"].map((name) => [name, timers.promises]));
  const modules = notebookModules(folder, own, (load) => delicately(state, load));
  const exports = assignableExports();
  globalThis[handOver] = { timers: timers.globals, given: [exports, modules.require] };
  /** Declarations of everything that earlier cells left behind, as the text of a .d.ts file. */
  let declarations = "";

  /**
   * Runs one cell to its end.
   *
   * @param {string} code TypeScript
   * @param {{ name: string, code: string, sourceLine?: Function }} cell filled in for the traceback
   * @param {Promise<never>} interruption rejects when the cell is to be given up. A cell that is ended by force never settles
   * @returns {Promise<{ value: unknown }>} value of the last expression, undefined where the cell does not end in one
   * @throws {TypeScriptError} where the cell does not compile, and whatever the cell throws
   */
  async function run(code, cell, interruption) {
    const { module: moduleName, jsx } = getCodeMetadata(code);
    if (moduleName) {
      const diagnostics = converter.addModule(moduleName, code, { jsx });
      if (diagnostics.length > 0) throw new TypeScriptError(diagnostics, cell);
      return { value: undefined };
    }
    const converted = delicately(state, () => convert(declarations, code));
    modules.update(converted.sideOutputs);
    if (converted.diagnostics.length > 0) throw new TypeScriptError(converted.diagnostics, cell);
    cell.sourceLine = converted.sourceLine;
    if (converted.output) {
      // Whoever called must not be on the stack of a cell that may be ended by force.
      await undefined;
      try {
        const pending = start(converted, cell.name);
        if (converted.hasToplevelAwait) await Promise.race([pending, interruption]);
      } catch (error) {
        // What was made before the error is there: the modes of a long run, say.
        declarations = declaredSoFar(converted.declOutput || "", (name) => exports[name] !== undefined);
        throw error;
      }
    }
    declarations = converted.declOutput || "";
    const last = converted.lastExpressionVar;
    if (!last) return { value: undefined };
    const value = exports[last];
    delete exports[last];
    if (endsInAssignment(code)) return { value: undefined };
    // `display(figure)` without an await is shown, and fails, in its own cell all the same.
    return { value: value instanceof Promise ? await Promise.race([value, interruption]) : value };
  }

  function start({ output, hasToplevelAwait }, filename) {
    const prefix = prefixes[hasToplevelAwait ? 1 : 0];
    const script = new vm.Script(`${prefix}${output}${suffix}`, { filename, columnOffset: -prefix.length });
    return script.runInThisContext({ breakOnSigint: true });
  }

  return {
    run,
    complete: (code, position) => delicately(state, () => converter.complete(declarations, code, position)),
    inspect: (code, position) =>
      delicately(state, () => language.inspect((at) => converter.inspect(declarations, code, at), code, position)),
    close: () => converter.close(),
  };
}

/** An `exports` whose names can be assigned again, although TypeScript defines imports as getters. */
function assignableExports() {
  return new Proxy(
    {},
    {
      defineProperty(target, name, { get, value }) {
        if (name !== "__esModule") target[name] = get ? get() : value;
        return true;
      },
    },
  );
}

module.exports = { createCells };
