// Runs cells: compiles TypeScript, keeps what earlier cells declared, and waits for what a cell started.
"use strict";

const vm = require("node:vm");
const { createCompiler } = require("./compiler.cjs");
const { TypeScriptError } = require("./tracebacks.cjs");
const language = require("./language.cjs");
const { notebookModules } = require("./modules.cjs");
const { mark, own: names } = require("./rewriting.cjs");
const { delicately } = require("./state.cjs");
const { createCellTimers } = require("./timers.cjs");
const { offeredTslab, moduleNameOf } = require("./tslab.cjs");
const { metaOf } = require("./user-modules.cjs");
const { caught, traceTo } = require("./stack-traces.cjs");
const { soon } = require("./turns.cjs");
const { createVariables } = require("./variables.cjs");

/** Where the code of a cell finds what it is given. */
const handOver = Symbol.for("shapley-modes.cell");
/** So many cells are remembered, that errors in them can say where they are. */
const remembered = 1000;

/**
 * The cells of one notebook.
 *
 * @param {string} folder where the notebook is
 * @param {Int32Array} state see state.cjs: neither TypeScript's work nor the loading of a module is to be torn
 * @param {ReturnType<import("./runs.cjs").createRuns>["current"]} currentRun the run of execution.cjs in whose course this is called
 */
function createCells(folder, state, currentRun) {
  const variables = createVariables();
  const compiler = createCompiler(folder, variables.isMade);
  const timers = createCellTimers(currentRun);
  /** @type {Map<string, () => object>} */
  const own = new Map([
    ["tslab", offeredTslab],
    ["timers/promises", () => timers.promises],
    ["node:timers/promises", () => timers.promises],
  ]);
  /** The way from what runs to what the user wrote, by name of a cell and path of a file. */
  const sources = new Map();
  const cells = [];
  traceTo(sources);
  const modules = notebookModules(compiler.project, own, (load) => delicately(state, load), sources);
  const given = {
    [names.import]: modules.import,
    [names.meta]: metaOf(modules.notebook),
    [names.caught]: caught,
    [names.first]: (value) => value,
    [names.never]: new Promise(() => {}),
    require: modules.require,
    __filename: modules.notebook,
    __dirname: folder,
    ...timers.globals,
  };
  let problem = compiler.project.problem;

  /**
   * Runs one cell to its end.
   *
   * @param {string} code TypeScript
   * @param {{ name: string, code: string }} cell the same, and its name in tracebacks
   * @param {Promise<never>} interruption rejects when the cell is to be given up. A cell that is ended by force never settles
   * @returns {Promise<{ value: unknown }>} value of the last expression, undefined where the cell does not end in one
   * @throws {TypeScriptError} where the cell does not compile, and whatever the cell throws
   */
  async function run(code, cell, interruption) {
    if (problem) console.error(`cells are checked as far as ${problem}`);
    problem = undefined;
    const moduleFile = moduleNameOf(code, folder);
    if (moduleFile) {
      compiler.project.addModule(moduleFile, code);
      return { value: undefined };
    }
    const compiled = delicately(state, () => compiler.compile(code));
    if (compiled.diagnostics.length > 0) throw new TypeScriptError(compiled.diagnostics, cell);
    sources.set(cell.name, compiled.position);
    cells.push(cell.name);
    if (cells.length > remembered) sources.delete(cells.shift());
    try {
      await Promise.race([interruption, bindImports(compiled.imports)]);
      // An interrupt that came while TypeScript was at work is heard now, and the cell does not begin.
      await Promise.race([interruption, new Promise(soon)]);
    } catch (error) {
      modules.forgetUnfinished();
      throw error;
    }
    const { made, before } = prepare(compiled);
    const own = currentRun();
    /** @type {unknown} */
    let value;
    try {
      const pending = start(compiled, cell.name, {
        [names.made]: (...some) => some.forEach((name) => made.add(name)),
        [names.value]: (result) => (value = result),
        [names.over]: () => own?.isOver() ?? false,
      });
      if (compiled.awaits) await Promise.race([pending, interruption]);
    } catch (error) {
      modules.forgetUnfinished();
      // What was made before the error is there: the modes of a long run, say.
      compiler.declare(
        compiled,
        (name) => made.has(name) || (before.has(name) && variables.value(name) !== before.get(name)),
      );
      throw error;
    }
    compiler.declare(compiled);
    // `display(figure)` without an await is shown, and fails, in its own cell all the same.
    return { value: value instanceof Promise ? await Promise.race([value, interruption]) : value };
  }

  async function bindImports(imports) {
    const namespaces = [];
    for (const { specifier, attributes } of imports)
      namespaces.push(await modules.import(specifier, { with: attributes }));
    imports.forEach((one, index) => {
      const namespace = namespaces[index];
      const absent = one.names.find(({ imported }) => imported !== "*" && !(imported in namespace));
      if (absent) throw new SyntaxError(`The module '${one.specifier}' exports no '${absent.imported}'`);
    });
    imports.forEach((one, index) => {
      const namespace = namespaces[index];
      for (const { local, imported } of one.names)
        variables.bind(local, imported === "*" ? () => namespace : () => namespace[imported]);
    });
  }

  /** Makes a cell's variables ready: the set of those that have their value, and what those of `var` were before. */
  function prepare({ values, hoisted, functions }) {
    for (const name of values) variables.loosen(name);
    for (const name of hoisted) if (!variables.isMade(name)) variables.get(name).v = undefined;
    return { made: new Set(functions), before: new Map(hoisted.map((name) => [name, variables.value(name)])) };
  }

  function start({ code, variables: wanted, functions, awaits }, filename, more) {
    const all = { ...given, ...more, ...Object.fromEntries(wanted.map((name) => [mark + name, variables.get(name)])) };
    globalThis[handOver] = all;
    const hoisting = functions.map((name) => `${mark}${name}.v = ${name};`).join(" ");
    // Two functions, so that a cell may give the names of what it is given to something of its own.
    const prefix = `(({ ${Object.keys(all).join(", ")} }) => (${awaits ? "async " : ""}function () { "use strict"; ${hoisting} `;
    const script = new vm.Script(`${prefix}${code}\n})())(globalThis[Symbol.for("${handOver.description}")])`, {
      filename,
      columnOffset: -prefix.length,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    return script.runInThisContext({ breakOnSigint: true });
  }

  const at = (code, work) =>
    delicately(state, () => {
      compiler.open(code);
      return work(compiler.project.service, compiler.project.cellFile);
    });

  return {
    run,
    complete: (code, position) =>
      at(code, (service, file) =>
        language.completions(service.getCompletionsAtPosition(file, position, {}), code, position),
      ),
    inspect: (code, position) =>
      at(code, (service, file) =>
        language.inspect((offset) => service.getQuickInfoAtPosition(file, offset), code, position),
      ),
    /** Modules of the user's whose loading was ended halfway are loaded anew at their next import. */
    forgetUnfinished: modules.forgetUnfinished,
    close: () => compiler.close(),
  };
}

module.exports = { createCells };
