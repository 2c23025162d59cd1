// TypeScript, one copy of it, also where tslab asks for its own.
"use strict";

const Module = require("node:module");
const path = require("node:path");
const { typescript } = require("./parts.cjs");

const ts = typescript();

/** Folder of the shapley-modes package. */
const packageRoot = path.resolve(__dirname, "../..");

/** tslab brings a fork of TypeScript 5.0. A cell that imports tslab gets this TypeScript in its place. */
function standInForTslabs() {
  let tslab;
  try {
    tslab = require.resolve("tslab/package.json");
  } catch {
    return;
  }
  const fork = Module.createRequire(tslab).resolve("@tslab/typescript-for-tslab");
  const module = new Module(fork);
  Object.assign(module, { exports: ts, loaded: true, filename: fork });
  require.cache[fork] = module;
}
standInForTslabs();

/** Whether a module specifier means this package. */
function isOwnName(specifier) {
  return specifier === "shapley-modes" || specifier.startsWith("shapley-modes/");
}

/** Whether a module specifier names a package, not a file. */
function isPackageName(specifier) {
  return !/^(\.\.?(\/|\\|$)|file:|data:)/.test(specifier) && !path.isAbsolute(specifier);
}

module.exports = { ts, packageRoot, isOwnName, isPackageName };
