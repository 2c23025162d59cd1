// What cells may use of tslab, where a notebook was written for it: its `display`, and cells that are modules.
"use strict";

const path = require("node:path");
const { peerDependencies } = require("../../package.json");
require("./typescript.cjs");

let publish;

/** `display.html(...)` and its like of tslab go to Jupyter through here. */
function displayTslabBy(send) {
  publish = send;
}

/** A module of tslab, which comes only where it is asked for. */
function ofTslab(name) {
  try {
    return require(name);
  } catch (cause) {
    if (cause.code !== "MODULE_NOT_FOUND") throw cause;
    throw new Error(`tslab is not available; install it with: npm install tslab@${peerDependencies.tslab}`, { cause });
  }
}

/** The module `tslab`, as a cell imports it. */
function offeredTslab() {
  ofTslab("tslab/dist/jupyter.js").lastWriteDisplayData = (content, update) =>
    publish(update ? "update_display_data" : "display_data", { metadata: {}, transient: {}, ...content });
  return ofTslab("tslab");
}

/** The file that a cell is which begins with `/** @module name *\/`, or undefined. */
function moduleNameOf(code, folder) {
  // A comment that begins with the tag; one that mentions it is a comment.
  if (!/^\s*\/\*\*[\s*]*@module\b/.test(code)) return undefined;
  const { module: name, jsx } = ofTslab("tslab/dist/metadata.js").getCodeMetadata(code);
  return name && path.join(folder, `${name}.ts${jsx ? "x" : ""}`);
}

module.exports = { displayTslabBy, offeredTslab, moduleNameOf };
