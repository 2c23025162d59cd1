// Where a name of this package stands: which of its entry points exports it.
"use strict";

const { readFileSync } = require("node:fs");
const path = require("node:path");
const { packageRoot } = require("./typescript.cjs");

/** What TypeScript says of a name that a module has not; the module is this package, or one of its files of declarations. */
const absent =
  /^(?:Property '(?<property>[\w$]+)' does not exist on type 'typeof import\("shapley-modes["/]|.*"shapley-modes["/].*has no exported member(?: named)? '(?<member>[\w$]+)')/;

/**
 * @param {string} message what TypeScript says
 * @returns {string | undefined} where the name stands that is absent from the entry point of this package that the message speaks of;
 *   undefined where it stands nowhere, or where the message speaks of something else
 */
function placeOf(message) {
  const { property, member } = absent.exec(message)?.groups ?? {};
  const name = property ?? member;
  const entry = name && entryPoints().find(({ file }) => exportsOf(file).has(name));
  return entry && `${name} stands in another place: import { ${name} } from "${entry.specifier}"`;
}

/** @returns {{ specifier: string, file: string }[]} what notebooks import from; `core` is for browsers, and has nothing of its own */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(path.join(packageRoot, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([place, { types }]) => types && place !== "./core")
    .map(([place, { types }]) => ({
      specifier: `shapley-modes${place.slice(1)}`,
      file: path.join(packageRoot, types),
    }));
}

/**
 * The names that a file of declarations hands on, those of files of which it hands on all too.
 *
 * @param {string} file
 * @returns {Set<string>}
 */
function exportsOf(file) {
  const text = readFileSync(file, "utf8");
  const found = (/** @type {RegExp} */ pattern) => [...text.matchAll(pattern)].map(([, words]) => words);
  const listed = found(/^export (?:type )?\{([^}]*)\}/gm).flatMap((list) => list.split(","));
  const declared = found(/^export (?:declare )?(?:abstract )?((?:interface|type|class|function|const) [\w$]+)/gm);
  const whole = found(/^export (?:type )?\* from "([^"]+)\.js"/gm);
  return new Set([
    ...[...listed, ...declared].map((part) => part.trim().split(/\s+/).at(-1) ?? ""),
    ...whole.flatMap((from) => [...exportsOf(path.join(path.dirname(file), `${from}.d.ts`))]),
  ]);
}

module.exports = { placeOf };
