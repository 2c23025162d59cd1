// The user's own modules: files beside the notebook, TypeScript or JavaScript, that cells import. They are loaded here and not by Node, so
// that a file which was edited is loaded anew at its next import, with all that imports it.
//
// TypeScript writes each as a call of System.register, the one form of a module that has live bindings, cycles, `import.meta` and
// top-level await and can be loaded by hand.
"use strict";

const { readFileSync, statSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const vm = require("node:vm");
const { ts } = require("./typescript.cjs");

/**
 * Where an import leads: to a file of the user's, or to what Node loads.
 *
 * @typedef {{ file: string, load?: undefined } | { file?: undefined, load: () => Promise<object> }} Target
 */

/**
 * @param {ReturnType<import("./project.cjs").createProject>} project
 * @param {object} node
 * @param {(specifier: string, from: string, attributes?: object) => Target} node.resolve where an import leads
 * @param {(directory: string) => Function} node.requireFrom `require` of a folder
 * @param {() => void} node.sweep makes Node forget CommonJS modules that were edited
 * @param {Map<string, Function>} sources gets, for each file, the way to its lines (stack-traces.cjs)
 */
function createUserModules(project, { resolve, requireFrom, sweep }, sources) {
  const records = new Map();

  const version = (file) => {
    const text = project.moduleText(file);
    if (text !== undefined) return text;
    const { mtimeMs, size } = statSync(file);
    return `${mtimeMs} ${size}`;
  };

  /** Forgets what was edited, and what imports it. */
  function refresh() {
    sweep();
    const stale = (record, seen) => {
      if (seen.has(record)) return false;
      seen.add(record);
      return isEdited(record) || record.dependencies.some((one) => stale(one, seen));
    };
    for (const record of [...records.values()]) if (stale(record, new Set())) drop(record);
  }

  /** What a module imports keeps nothing of it. */
  function drop(record) {
    if (records.get(record.file) === record) records.delete(record.file);
    for (const detach of record.detach.splice(0)) detach();
  }

  function isEdited({ file, version: known, common }) {
    // A package.
    if (file === undefined) return false;
    // One that Node had to forget, since what it requires was edited.
    if (common && require.cache[file] !== common) return true;
    try {
      return version(file) !== known;
    } catch {
      return true;
    }
  }

  /** A file's record: its exports so far, and what is to be done before they are all there. */
  function open(file) {
    const existing = records.get(file);
    if (existing) return existing;
    const namespace = Object.create(null, { [Symbol.toStringTag]: { value: "Module" } });
    const record = { file, version: version(file), namespace, setters: [], dependencies: [], detach: [] };
    records.set(file, record);
    record.linked = link(record);
    record.linked.catch(() => drop(record));
    return record;
  }

  async function link(record) {
    const { file, namespace } = record;
    if (path.extname(file) === ".json") return exportAll(record, json(file));
    const text = project.moduleText(file) ?? readFileSync(file, "utf8");
    if (isCommonJs(file, text)) {
      record.execute = () => {
        exportAll(record, commonJs(file));
        record.common = require.cache[file];
      };
      return;
    }
    const { specifiers, declare } = registered(file, text);
    const assign = (name, value) => {
      const given = typeof name === "string" ? { [name]: value } : name;
      // Those who export it again are told where something changed: in a circle that ends.
      const changed = Object.keys(given).filter((key) => !(key in namespace) || !Object.is(namespace[key], given[key]));
      for (const key of changed) namespace[key] = given[key];
      if (changed.length > 0) for (const set of record.setters) set(namespace);
      return typeof name === "string" ? value : name;
    };
    const { setters = [], execute } = declare(assign, context(file));
    record.execute = execute;
    specifiers.forEach((specifier, index) => {
      const target = resolve(specifier, file);
      const set = setters[index];
      const dependency = target.file ? open(target.file) : packageRecord(target.load, set);
      record.dependencies.push(dependency);
      if (!target.file) return;
      dependency.setters.push(set);
      record.detach.push(() => dependency.setters.splice(dependency.setters.indexOf(set), 1));
      set(dependency.namespace);
    });
  }

  /** What Node loads, as a module among the others: in its turn, after those that are imported before it. */
  function packageRecord(loadIt, set) {
    return { dependencies: [], execute: async () => set(await loadIt()) };
  }

  function exportAll(record, namespace) {
    Object.assign(record.namespace, namespace);
    for (const set of record.setters) set(record.namespace);
  }

  /** Links a record and all that it imports. */
  async function linkAll(record, seen = new Set()) {
    if (seen.has(record)) return;
    seen.add(record);
    await record.linked;
    for (const dependency of record.dependencies) await linkAll(dependency, seen);
  }

  /** Runs a module after those that it imports, each once. In a cycle the one that was come to first runs last. */
  function evaluate(record) {
    if (record.evaluated) return record.evaluated;
    const run = async () => {
      for (const dependency of record.dependencies) {
        if (!(dependency.evaluated && reaches(dependency, record))) await evaluate(dependency);
      }
      const { execute } = record;
      await execute?.();
      record.isDone = true;
    };
    // It counts as begun before it does anything: what it imports may import it.
    record.evaluated = Promise.resolve().then(run);
    return record.evaluated;
  }

  function reaches(from, to, seen = new Set()) {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return from.dependencies.some((one) => reaches(one, to, seen));
  }

  function context(file) {
    return {
      id: file,
      meta: metaOf(file),
      import: (specifier, options) => load(specifier, file, options?.with),
    };
  }

  /** The file as the arguments of its System.register. */
  function registered(file, text) {
    const compiled = ts.transpileModule(text.replace(/^#!.*/, ""), {
      fileName: file,
      compilerOptions: moduleOptions(project.options),
    });
    const map = new Module.SourceMap(JSON.parse(compiled.sourceMapText));
    const prefix = "((System, require, __filename, __dirname) => { ";
    sources.set(file, (line, column) => {
      // Without an original line where the text stands for nothing in the file.
      const found = /** @type {Partial<Module.SourceMapping>} */ (map.findEntry(line - 1, Math.max(0, column - 1)));
      const { originalLine, originalColumn = 0 } = found;
      return originalLine === undefined ? undefined : [originalLine + 1, originalColumn + 1];
    });
    const code = compiled.outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
    /** @type {any} */
    let given;
    const System = { register: (specifiers, declare) => (given = { specifiers, declare }) };
    const options = {
      filename: file,
      columnOffset: -prefix.length,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    };
    new vm.Script(`${prefix}${code}\n})`, options).runInThisContext()(
      System,
      requireFrom(path.dirname(file)),
      file,
      path.dirname(file),
    );
    return given;
  }

  function commonJs(file) {
    const exports = requireFrom(path.dirname(file))(file);
    return {
      ...Object(exports),
      default: exports?.__esModule && "default" in exports ? exports.default : exports,
    };
  }

  /** Loads what a specifier means, seen from a file. */
  async function load(specifier, from, attributes) {
    refresh();
    const target = resolve(specifier, from, attributes);
    if (target.load) return target.load();
    const record = open(target.file);
    await linkAll(record);
    await evaluate(record);
    return record.namespace;
  }

  return {
    load,
    /** Forgets modules that did not come to their end: they are loaded anew when they are asked for again. */
    forgetUnfinished() {
      for (const record of [...records.values()]) if (!record.isDone) drop(record);
    },
  };
}

function json(file) {
  let value;
  try {
    value = JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new SyntaxError(`${file}: ${error.message}`, { cause: error });
  }
  return { ...(typeof value === "object" && !Array.isArray(value) ? value : {}), default: value };
}

function metaOf(file) {
  const { href } = pathToFileURL(file);
  const meta = Object.create(null);
  return Object.assign(meta, {
    dirname: path.dirname(file),
    filename: file,
    url: href,
    resolve: (specifier) => resolved(specifier, file),
  });
}

function resolved(specifier, file) {
  if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, pathToFileURL(file)).href;
  const found = Module.createRequire(file).resolve(specifier);
  return path.isAbsolute(found) ? pathToFileURL(found).href : found;
}

/** How a module is compiled: what a tsconfig.json says of its meaning, and nothing of what it says of files. */
function moduleOptions(options) {
  const names =
    "target experimentalDecorators emitDecoratorMetadata useDefineForClassFields jsx jsxFactory jsxFragmentFactory jsxImportSource preserveConstEnums";
  const own = Object.fromEntries(
    names
      .split(" ")
      .filter((name) => options[name] !== undefined)
      .map((name) => [name, options[name]]),
  );
  // A file that is to run has no JSX left in it.
  if (own.jsx === ts.JsxEmit.Preserve || own.jsx === ts.JsxEmit.ReactNative) own.jsx = ts.JsxEmit.ReactJSX;
  return {
    ...own,
    module: ts.ModuleKind.System,
    // Also a file that only does something.
    moduleDetection: ts.ModuleDetectionKind.Force,
    sourceMap: true,
    esModuleInterop: true,
    newLine: ts.NewLineKind.LineFeed,
    allowJs: true,
  };
}

/** Whether a file of JavaScript is a CommonJS module, as Node decides it. */
function isCommonJs(file, text) {
  const extension = path.extname(file);
  if (extension === ".cjs") return true;
  if (extension !== ".js") return false;
  if (packageType(path.dirname(file)) === "module") return false;
  const source = ts.createSourceFile(file, text, { languageVersion: ts.ScriptTarget.Latest }, false, ts.ScriptKind.JS);
  return !ts.isExternalModule(source);
}

function packageType(folder) {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      return JSON.parse(readFileSync(path.join(at, "package.json"), "utf8")).type;
    } catch {
      if (at === path.dirname(at)) return undefined;
    }
  }
}

module.exports = { createUserModules, metaOf };
