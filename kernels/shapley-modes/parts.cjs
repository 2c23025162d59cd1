// The packages that the kernel needs, which come only where they are asked for: the compiler of cells, and the sockets.
"use strict";

const { peerDependencies } = require("../../package.json");

/**
 * Under which names TypeScript 5.9 is looked for. Who works with another TypeScript, whose compiler programs can not call (7) or which
 * looks names up otherwise, has the second beside it: the same compiler, without a command `tsc`, so that this stays the user's.
 */
const typescriptNames = ["typescript", "@tsd/typescript"];

/** The name under which the compiler of cells is installed, or undefined. */
function typescriptName() {
  return typescriptNames.find((name) => {
    const [major, minor] = (versionOf(name) ?? "0.0").split(".").map(Number);
    return major === 5 && minor >= 9;
  });
}

function versionOf(name) {
  try {
    return require(`${name}/package.json`).version;
  } catch {
    return undefined;
  }
}

function isInstalled(name) {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** What `npm install` is to be given so that the kernel runs; empty where it does. */
function missingParts() {
  const missing = [...(typescriptName() ? [] : ["@tsd/typescript"]), ...(isInstalled("zeromq") ? [] : ["zeromq"])];
  return missing.map((name) => `${name}@${peerDependencies[name].replace(/^[~^]/, "")}`);
}

/** The compiler of cells. */
function typescript() {
  return require(typescriptName() ?? typescriptNames[0]);
}

/** Version of the compiler of cells, or undefined where there is none. */
function typescriptVersion() {
  const name = typescriptName();
  return name && versionOf(name);
}

module.exports = { missingParts, typescript, typescriptVersion };
