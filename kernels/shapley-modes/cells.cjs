// Runs cells: converts TypeScript, keeps what earlier cells declared, and waits for what a cell started.
"use strict";

const vm = require("node:vm");
const { createCellConverter, endsInAssignment, getCodeMetadata } = require("./typescript.cjs");
const { notebookModules } = require("./modules.cjs");
const { TypeScriptError } = require("./errors.cjs");
const language = require("./language.cjs");

/** Where the compiled code of a cell finds its `exports` and `require`. */
const handOver = Symbol.for("shapley-modes.cell");
const awaitingPrefix = "(async function(exports, require) { ";
const plainPrefix = "(function(exports, require) { ";

/**
 * The cells of one notebook.
 *
 * @param {string} folder where the notebook is
 */
function createCells(folder) {
  const { converter, convert } = createCellConverter();
  const modules = notebookModules(folder);
  const exports = assignableExports();
  globalThis[handOver] = [exports, modules.require];
  /** Declarations of everything that earlier cells left behind, as the text of a .d.ts file. */
  let declarations = "";

  /**
   * Runs one cell to its end.
   *
   * @param {string} code TypeScript
   * @param {{ name: string, code: string, sourceLine?: Function }} cell filled in for the traceback
   * @param {Promise<never>} interruption rejects when the cell is to be given up
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
    const converted = convert(declarations, code);
    modules.update(converted.sideOutputs);
    if (converted.diagnostics.length > 0) throw new TypeScriptError(converted.diagnostics, cell);
    cell.sourceLine = converted.sourceLine;
    if (converted.output) {
      const pending = start(converted, cell.name);
      if (converted.hasToplevelAwait) await Promise.race([pending, interruption]);
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
    const prefix = hasToplevelAwait ? awaitingPrefix : plainPrefix;
    const text = `${prefix}${output}\n})(...globalThis[Symbol.for("shapley-modes.cell")])`;
    const script = new vm.Script(text, { filename, columnOffset: -prefix.length });
    return script.runInThisContext({ breakOnSigint: true });
  }

  return {
    run,
    complete: (code, position) => converter.complete(declarations, code, position),
    inspect: (code, position) => language.inspect((at) => converter.inspect(declarations, code, at), code, position),
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
