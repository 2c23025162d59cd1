// The TypeScript project of a notebook: the cell at hand, what earlier cells declared, and the files that they import.
//
// Every cell that has run is a file of declarations, and these files form a chain: a name that the cell does not declare is looked up
// in the cell before, and so on, as in nested scopes. (TypeScript looks names up along `parent`; that of a file is free.) So a cell may
// declare a name anew, with another type, and what earlier cells said of the old one still means the old one.
"use strict";

const { existsSync, statSync } = require("node:fs");
const path = require("node:path");
const { ts, packageRoot, isOwnName, isPackageName } = require("./typescript.cjs");
const { compilerOptions } = require("./compiler-options.cjs");
const { libraryNames } = require("./library-names.cjs");

/** What the kernel itself gives to cells. */
const globals = normal(path.join(__dirname, "globals.d.ts"));
/** For so many cells there is a file at a time. When all are taken, those of cells that declare nothing which still counts are free again. */
const reserved = 100;

/** @param {string} folder where the notebook is */
function createProject(folder) {
  const { options, file: configuration, problem } = compilerOptions(folder);
  const insidePackage = normal(path.join(packageRoot, "__kernel__.ts"));
  // TypeScript asks for files with slashes, on Windows too.
  const home = normal(folder);
  const cellFile = `${home}/__cell__.ts`;
  /** Files that are not on the disk: the cell, the declarations of earlier ones, and modules that cells are. */
  const virtual = new Map();
  let chain = [];
  /** Files of earlier cells, and of cells to come, empty ones: a file that changes costs TypeScript less than one that is new. */
  const slots = [];
  const free = [];
  let opened = 0;

  /**
   * A file of declarations of this package that says `any` where TensorFlow.js has types, and the one in which it has. Those are 600 files:
   * they are read once a cell, or a file of the user's, speaks of TensorFlow.js.
   */
  const tensorflow = normal(path.join(packageRoot, "dist", "tensors", "tensorflow.d.ts"));
  const typedTensorflow = tensorflow.replace(/\.d\.ts$/, ".typed.d.ts");
  let speaksOfTensorflow = false;
  /** Takes notice of what the user wrote. */
  function heed(text) {
    if (speaksOfTensorflow || !/tensorflow/i.test(text) || !existsSync(typedTensorflow)) return;
    speaksOfTensorflow = true;
    snapshots.delete(tensorflow);
  }
  const onDisk = (file) => (speaksOfTensorflow && file === tensorflow ? typedTensorflow : file);

  const libraries = [path.join(packageRoot, "dist"), path.dirname(ts.getDefaultLibFilePath(options))].map(normal);
  /** Whether a file is the user's: others stay as they are while the kernel runs. */
  const isOwn = (file) =>
    !/\/node_modules\//.test(normal(file)) && !libraries.some((library) => normal(file).startsWith(`${library}/`));

  function version(file) {
    if (virtual.has(file)) return String(virtual.get(file).version);
    if (!isOwn(file)) return onDisk(file);
    const found = statSync(file, { throwIfNoEntry: false });
    return found ? `${found.mtimeMs} ${found.size}` : "absent";
  }

  const host = {
    getCompilationSettings: () => options,
    getScriptFileNames: () => [globals, ...slots, ...modules(), cellFile],
    getScriptVersion: version,
    getScriptSnapshot(file) {
      if (snapshots.has(file)) return snapshots.get(file);
      const text = host.readFile(file);
      const snapshot = text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      if (!isOwn(file)) snapshots.set(file, snapshot);
      else heed(text ?? "");
      return snapshot;
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => virtual.has(file) || ts.sys.fileExists(file),
    readFile: (file, encoding) => virtual.get(file)?.text ?? ts.sys.readFile(onDisk(file), encoding),
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    realpath: ts.sys.realpath,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    hasInvalidatedResolutions: (file) => isOwn(file) && !virtual.has(file) && file !== globals,
    getModuleResolutionCache: () => cache,
    resolveModuleNameLiterals: (literals, from) =>
      literals.map((literal) =>
        isForJsx(literal, from) ? { resolvedModule: undefined } : resolveModule(literal.text, from),
      ),
  };
  const cache = ts.createModuleResolutionCache(folder, (name) => name, options);
  /** Texts of libraries, and what they import, stay as they are; the user's files and what they import may come and go. */
  const snapshots = new Map();
  const resolutions = new Map();
  const service = ts.createLanguageService(host, ts.createDocumentRegistry(host.useCaseSensitiveFileNames(), folder));

  const names = libraryNames((name) => resolveModule(name, cellFile).resolvedModule?.resolvedFileName);

  /** Resolves a package as seen from a file and, failing that, from this package. "shapley-modes" is always this package. */
  function resolveModule(specifier, from) {
    const library = names.file(specifier);
    if (library) return { resolvedModule: { ...library, isExternalLibraryImport: true } };
    const resolve = (file) => ts.resolveModuleName(specifier, file, options, host);
    const find = () => {
      if (isOwnName(specifier)) return resolve(insidePackage);
      const found = resolve(from);
      return found.resolvedModule || !isPackageName(specifier) ? found : resolve(insidePackage);
    };
    if (isOwn(from)) return find();
    const key = `${path.dirname(from)} ${specifier}`;
    if (!resolutions.has(key)) resolutions.set(key, find());
    return resolutions.get(key);
  }

  function write(file, text) {
    const before = virtual.get(file);
    if (before?.text !== text) virtual.set(file, { text, version: (before?.version ?? 0) + 1 });
  }

  const modules = () => [...virtual.keys()].filter((file) => virtual.get(file).isModule);

  /** Takes a text as the cell at hand. */
  function open(text) {
    if (free.length === 0) reserve();
    // Always a new version: a file that it imports may be there now.
    virtual.set(cellFile, { text, version: ++opened });
    heed(text);
    const program = service.getProgram();
    for (const file of program.getSourceFiles()) if (!isOwn(file.fileName)) names.give(file);
    const checker = program.getTypeChecker();
    const files = [...chain.map(({ file }) => file), cellFile].map((file) => program.getSourceFile(file));
    files.forEach((file, index) => {
      file.parent = files[index - 1];
    });
    return { program, checker, cell: files.at(-1) };
  }

  function reserve() {
    const first = slots.length + 1;
    for (let number = first; number < first + reserved; number++) {
      const file = `${home}/__cell${number}__.d.ts`;
      write(file, "export {};");
      slots.push(file);
      free.push(file);
    }
  }

  /** Appends what a cell declared: the text of a .d.ts file, and its names, `value x` or `type x`. */
  function declare(text, names) {
    if (names.length === 0 && !/\bdeclare\s+(global|module)\b/.test(text)) return;
    const file = free.shift();
    write(file, text);
    chain.push({ file, names });
    if (free.length === 0) forget();
  }

  /** Forgets cells whose every name was declared anew, and which no later cell speaks of. */
  function forget() {
    const kept = [];
    /** What is declared by later cells and not asked of earlier ones by those in between. */
    const settled = new Set();
    for (const cell of chain.toReversed()) {
      const { text } = virtual.get(cell.file);
      const module = path.basename(cell.file, ".d.ts");
      const counts = cell.names.length === 0 || cell.names.some((name) => !settled.has(name));
      if (!counts && !kept.some(({ file }) => virtual.get(file).text.includes(module))) {
        write(cell.file, "export {};");
        free.push(cell.file);
        continue;
      }
      kept.push(cell);
      for (const [word] of text.matchAll(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu)) {
        settled.delete(`value ${word}`);
        settled.delete(`type ${word}`);
      }
      for (const name of cell.names) settled.add(name);
    }
    chain = kept.reverse();
  }

  /** The user's own files of source text that a file imports, and those that they import. */
  function ownSources(program, start) {
    const found = new Set();
    const visit = (file, text) => {
      for (const { fileName: specifier } of ts.preProcessFile(text, true, true).importedFiles) {
        const target = resolveModule(specifier, file).resolvedModule?.resolvedFileName;
        if (!target || found.has(target) || !isOwn(target) || /\.d\.[cm]?ts$|\.json$/.test(target)) continue;
        const source = program.getSourceFile(target);
        if (!source) continue;
        found.add(target);
        visit(target, source.text);
      }
    };
    visit(start.fileName, start.text);
    return [...found].map((file) => program.getSourceFile(file));
  }

  return {
    folder,
    options,
    configuration,
    problem,
    cellFile,
    service,
    open,
    declare,
    ownSources,
    resolveModule,
    isOwn,
    /** Text of a module that a cell is, or undefined. */
    moduleText(file) {
      const found = virtual.get(normal(file));
      return found?.isModule ? found.text : undefined;
    },
    /** Makes a cell's text a module of the notebook's folder. */
    addModule(file, text) {
      write(normal(file), text);
      virtual.get(normal(file)).isModule = true;
    },
    close: () => service.dispose(),
  };
}

/**
 * Whether an import is the one that TypeScript adds to every file for JSX, and the file has none: React's types, where they happen to be
 * installed, are a megabyte.
 */
function isForJsx(literal, from) {
  return literal.pos < 0 && /\/jsx(-dev)?-runtime$/.test(literal.text) && !/\.[jt]sx$/.test(from);
}

function normal(file) {
  return file.replaceAll("\\", "/");
}

module.exports = { createProject };
