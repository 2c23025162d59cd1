// What `require` means in a cell: the notebook's folder first, then this package's own dependencies.
"use strict";

const Module = require("node:module");
const path = require("node:path");
const { isOwnName, isPackageName, packageRoot } = require("./typescript.cjs");

/**
 * The modules of one notebook.
 *
 * @param {string} folder where the notebook is; relative imports and the user's node_modules are looked up from here
 * @param {Map<string, object>} own modules that are something else in a cell
 * @param {<T>(load: () => T) => T} delicately wraps the loading of a module
 * @returns {{ require: Function, update(outputs?: { path: string, data: string }[]): void }} `update` takes the
 *   compiled text of the user's own .ts files; a changed file is loaded anew at its next import
 */
function notebookModules(folder, own, delicately) {
  /** Compiled text of the user's own .ts files, by path of the .js file they would be. */
  const compiled = new Map();
  const loaded = new Map();
  const fromPackage = Module.createRequire(path.join(packageRoot, "__kernel__.js"));

  function requireFrom(directory, native) {
    const find = (specifier) => {
      if (own.has(specifier)) return own.get(specifier);
      if (specifier === "tslab") return require("tslab");
      if (isOwnName(specifier)) return fromPackage(specifier);
      if (!isPackageName(specifier)) return fromCompiled(path.resolve(directory, specifier)) ?? native(specifier);
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

  function fromCompiled(target) {
    const file = [target.replace(/\.ts$/, ".js"), `${target}.js`, path.join(target, "index.js")]
      .map((name) => name.replaceAll("\\", "/"))
      .find((name) => compiled.has(name));
    if (!file) return undefined;
    const existing = loaded.get(file);
    if (existing) return existing.exports;
    const module = new Module(file, undefined);
    module.filename = file;
    module.paths = Module._nodeModulePaths(path.dirname(file));
    module.require = requireFrom(path.dirname(file), Module.createRequire(file));
    loaded.set(file, module);
    try {
      module._compile(compiled.get(file), file);
    } catch (error) {
      loaded.delete(file);
      throw error;
    }
    return module.exports;
  }

  return {
    require: requireFrom(folder, Module.createRequire(path.join(folder, "__notebook__.js"))),
    update(outputs = []) {
      for (const { path: file, data } of outputs) {
        loaded.delete(file);
        compiled.set(file, data);
      }
    },
  };
}

module.exports = { notebookModules };
