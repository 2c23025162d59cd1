// What cells may use of tslab, where a notebook was written for it: its `display`, and cells that are modules.
"use strict";

const path = require("node:path");
require("./typescript.cjs");

let publish;

/** `display.html(...)` and its like of tslab go to Jupyter through here. */
function displayTslabBy(send) {
  publish = send;
}

/** The module `tslab`, as a cell imports it. */
function offeredTslab() {
  require("tslab/dist/jupyter.js").lastWriteDisplayData = (content, update) =>
    publish(update ? "update_display_data" : "display_data", { metadata: {}, transient: {}, ...content });
  return require("tslab");
}

/** The file that a cell is which begins with `/** @module name *\/`, or undefined. */
function moduleNameOf(code, folder) {
  // A comment that begins with the tag; one that mentions it is a comment.
  if (!/^\s*\/\*\*[\s*]*@module\b/.test(code)) return undefined;
  const { module: name, jsx } = require("tslab/dist/metadata.js").getCodeMetadata(code);
  return name && path.join(folder, `${name}.ts${jsx ? "x" : ""}`);
}

module.exports = { displayTslabBy, offeredTslab, moduleNameOf };
