// What `import` and `require` mean in a cell: the notebook's folder first, then this package's own dependencies.
"use strict";

const { existsSync, statSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { fileURLToPath } = require("node:url");
const { types } = require("node:util");
const vm = require("node:vm");
const { isOwnName, isPackageName, packageRoot } = require("./typescript.cjs");
const { createUserModules } = require("./user-modules.cjs");

const typeScript = /\.[cm]?tsx?$|\.jsx$/;
const loadable = /\.([cm]?[jt]sx?|json)$/;
const fromPackage = Module.createRequire(path.join(packageRoot, "__kernel__.js"));

/**
 * The modules of one notebook.
 *
 * @param {ReturnType<import("./project.cjs").createProject>} project
 * @param {Map<string, object>} own modules that are something else in a cell
 * @param {<T>(load: () => T) => T} delicately wraps the loading of a module
 * @param {Map<string, Function>} sources gets the way to the lines of the user's files (stack-traces.cjs)
 */
function notebookModules(project, own, delicately, sources) {
  const edited = createEdited(project.isOwn);
  const user = createUserModules(project, { resolve, requireFrom, sweep: edited.sweep }, sources);
  const notebook = path.join(project.folder, "__notebook__.js");

  function requireFrom(directory) {
    const native = Module.createRequire(path.join(directory, "__notebook__.js"));
    const find = (specifier) => {
      if (own.has(specifier)) return own.get(specifier)();
      if (isOwnName(specifier)) return fromPackage(specifier);
      if (!isPackageName(specifier)) return edited.loading(() => native(specifier));
      try {
        return native(specifier);
      } catch (error) {
        const absent = error.code === "MODULE_NOT_FOUND" && error.message.includes(`'${specifier}'`);
        if (!absent) throw error;
        return fromPackage(specifier);
      }
    };
    return Object.assign((specifier) => delicately(() => find(specifier)), native);
  }

  /**
   * Where an import leads, seen from a file: to a file of the user's, or to what Node loads.
   *
   * @returns {import("./user-modules.cjs").Target}
   */
  function resolve(specifier, from, given) {
    const attributes = given ?? (specifier.endsWith(".json") ? { type: "json" } : undefined);
    if (own.has(specifier)) return { load: async () => namespaceOf(own.get(specifier)()) };
    // Loaded in one go, as packages are: an interrupt does not tear that, and Node can not load a half loaded ES module again.
    if (isOwnName(specifier)) return { load: async () => asNamespace(delicately(() => fromPackage(specifier))) };
    const file = userFile(specifier, from);
    return file ? { file } : { load: () => imported(specifier, path.dirname(from), attributes) };
  }

  /** The file of the user's that a specifier means, or undefined. */
  function userFile(specifier, from) {
    if (/^(node|data|https?):/.test(specifier)) return undefined;
    if (!isPackageName(specifier)) {
      const target = specifier.startsWith("file:")
        ? fileURLToPath(specifier)
        : path.resolve(path.dirname(from), specifier);
      const found = typescriptsFile(target.replaceAll("\\", "/"), from) ?? onDisk(target);
      if (!found && !specifier.startsWith("file:")) throw notFound(specifier, from);
      return found && loadable.test(found) && project.isOwn(found) ? found : undefined;
    }
    // A name that a tsconfig.json leads to a file, or a package in the user's workspace, as source text.
    const found = typescriptsFile(specifier, from);
    if (!found || !project.isOwn(found)) return undefined;
    return typeScript.test(found) || !isInstalled(specifier, from) ? found : undefined;
  }

  /** Where TypeScript finds what a specifier means; a file of declarations stands for the JavaScript beside it. */
  function typescriptsFile(specifier, from) {
    const found = project.resolveModule(specifier, from).resolvedModule?.resolvedFileName;
    const declaration = found && /\.d\.([cm]?)ts$/.exec(found);
    if (!declaration) return found;
    const beside = `${found.slice(0, declaration.index)}.${declaration[1]}js`;
    return existsSync(beside) ? beside : undefined;
  }

  async function imported(specifier, directory, attributes) {
    if (!attributes && isPackageName(specifier)) {
      try {
        return asNamespace(requireFrom(directory)(specifier));
      } catch (error) {
        if (!importOnly.has(error.code)) throw error;
      }
    }
    const load = async (folder) => namespaceFor(await nativeImport(folder, specifier, attributes), specifier, folder);
    try {
      return await load(directory);
    } catch (error) {
      const absent =
        error.code === "ERR_MODULE_NOT_FOUND" &&
        isPackageName(specifier) &&
        error.message.includes(`'${packageOf(specifier)}'`);
      if (!absent) throw error;
      return load(packageRoot).catch(() => {
        throw error;
      });
    }
  }

  return {
    require: requireFrom(project.folder),
    /** `import(...)` in a cell. */
    import: (specifier, options) => user.load(String(specifier), notebook, options?.with),
    forgetUnfinished: user.forgetUnfinished,
    notebook,
  };
}

/** What `require` says of a package that only `import()` can load, with top-level await for one, or of one that is not there. */
const importOnly = new Set([
  "ERR_REQUIRE_ASYNC_MODULE",
  "ERR_REQUIRE_ESM",
  "ERR_PACKAGE_PATH_NOT_EXPORTED",
  "MODULE_NOT_FOUND",
]);

const importers = new Map();

/** Node's own `import()`, as if called by a file of a folder. */
function nativeImport(folder, specifier, attributes) {
  let importer = importers.get(folder);
  if (!importer) {
    const filename = path.join(folder, "__notebook__.js");
    const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    importer = new vm.Script("(specifier, options) => import(specifier, options)", {
      filename,
      importModuleDynamically,
    }).runInThisContext();
    importers.set(folder, importer);
  }
  return importer(specifier, attributes && { with: attributes });
}

/**
 * The exports of a module. Of a CommonJS module Node gives those names that it can tell from the text; the others are added, and the
 * default export is the one of its types.
 */
function namespaceFor(namespace, specifier, folder) {
  let exports;
  try {
    const file = Module.createRequire(path.join(folder, "__notebook__.js")).resolve(specifier);
    exports = require.cache[file]?.exports;
  } catch {
    return namespace;
  }
  if (exports === undefined || namespace.default !== exports || typeof exports !== "object" || exports === null)
    return namespace;
  return namespaceOf(exports);
}

function asNamespace(exports) {
  return types.isModuleNamespaceObject(exports) ? exports : namespaceOf(exports);
}

function namespaceOf(exports) {
  const names = Object.keys(Object(exports)).filter((name) => name !== "default" && name !== "__esModule");
  const getters = names.map((name) => [name, { enumerable: true, get: () => exports[name] }]);
  const value = exports?.__esModule && "default" in exports ? exports.default : exports;
  return Object.create(null, {
    ...Object.fromEntries(getters),
    default: { enumerable: true, value },
    [Symbol.toStringTag]: { value: "Module" },
  });
}

/** `@scope/name` of `@scope/name/part`. */
function packageOf(specifier) {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function isInstalled(specifier, from) {
  try {
    Module.createRequire(from).resolve(specifier);
    return true;
  } catch {
    return false;
  }
}

/** A file on the disk that a path without an ending may mean. */
function onDisk(target) {
  const endings = ["", ".ts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js"];
  return endings.map((ending) => target + ending).find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

function notFound(specifier, from) {
  const error = new Error(`Cannot find module '${specifier}' in ${path.dirname(from)}`);
  return Object.assign(error, { code: "ERR_MODULE_NOT_FOUND" });
}

/** Keeps Node's cache of CommonJS modules free of the user's files that were edited, and of those that require them. */
function createEdited(isOwn) {
  const loaded = new Map();
  const versionOf = (file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    return found && `${found.mtimeMs} ${found.size}`;
  };
  const isUsers = (file) => path.isAbsolute(file) && isOwn(file) && !file.startsWith(__dirname);

  function sweep() {
    const cached = /** @type {NodeJS.Dict<NodeJS.Module>} */ (require.cache);
    const known = Object.values(cached).flatMap((module) => (module && loaded.has(module.filename) ? [module] : []));
    const stale = new Set(known.filter(({ filename }) => loaded.get(filename) !== versionOf(filename)));
    // From what was edited to what requires it, until nothing is added: modules may require each other in a circle.
    for (let before = -1; before < stale.size; ) {
      before = stale.size;
      for (const module of known) if (module.children.some((child) => stale.has(child))) stale.add(module);
    }
    for (const { filename } of stale) {
      delete require.cache[filename];
      loaded.delete(filename);
    }
  }

  return {
    sweep,
    loading(load) {
      sweep();
      try {
        return load();
      } finally {
        for (const file of Object.keys(require.cache))
          if (!loaded.has(file) && isUsers(file)) loaded.set(file, versionOf(file));
      }
    },
  };
}

module.exports = { notebookModules };
