// Names of the files of libraries, by which the declarations of a cell speak of their types: `import("mathjs").Unit`.
//
// TypeScript finds such names by itself only where a package lies above the notebook's folder, or where the cell imports it. Elsewhere it
// writes `any`, and what a cell got from one package by way of another would be unchecked from the next cell on.
"use strict";

const { ts, packageRoot } = require("./typescript.cjs");

const ownFolder = `${packageRoot.replaceAll("\\", "/")}/`;

/** @param {(name: string) => string | undefined} main the file that a package's name means in a cell */
function libraryNames(main) {
  const files = new Map();
  const mains = new Map();

  function isMain(packageName, file) {
    if (!mains.has(packageName)) mains.set(packageName, main(packageName));
    return mains.get(packageName) === file;
  }

  /** The package's name where that means this file; else its path from there, with its ending: nobody imports by such a name. */
  function nameOf(file) {
    const inside = file.startsWith(`${ownFolder}dist/`)
      ? `shapley-modes/${file.slice(ownFolder.length)}`
      : file.split("/node_modules/").at(-1);
    const packageName = typedBy((/^(?:@[^/]+\/)?[^/]+/.exec(inside) ?? [""])[0]);
    if (isMain(packageName, file)) return packageName;
    // Two copies of a package, one of them inside of another package.
    let name = inside;
    for (let copy = 2; files.has(name); copy++) name = inside.replace(/(\.d\.[cm]?ts)$/, `(${copy})$1`);
    files.set(name, file);
    return name;
  }

  return {
    /** Gives a module of a library its name, once. */
    give(source) {
      if (source.moduleName === undefined && ts.isExternalModule(source)) source.moduleName = nameOf(source.fileName);
    },
    /** The file that such a name means, as TypeScript wants it; undefined where a package has to be looked for. */
    file(name) {
      const resolvedFileName = files.get(name);
      return resolvedFileName && { resolvedFileName, extension: /\.d\.[cm]?ts$/.exec(resolvedFileName)?.[0] ?? ".ts" };
    },
  };
}

/** The package whose types `@types/scope__name` has. */
function typedBy(name) {
  return name.replace(/^@types\/(?:(.+)__)?(.+)$/, (_, scope, rest) => (scope ? `@${scope}/${rest}` : rest));
}

module.exports = { libraryNames };
