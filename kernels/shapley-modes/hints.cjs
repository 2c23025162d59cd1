// Where a cell does not compile because it is Python, or Jupyter's shorthand for it, one line that says how it is written here; where it
// asks the wrong entry point of this package for a name, one that says the right one.
"use strict";

const { placeOf } = require("./entry-points.cjs");

/**
 * Names that Python knows and TypeScript does not, and what stands for them.
 *
 * @type {Record<string, string>}
 */
const names = {
  print: "console.log(x) prints; a cell that ends in a value shows it",
  None: "it is null here (or undefined, for what is absent)",
  True: "it is true here",
  False: "it is false here",
  len: "an array's length is x.length",
  range: "for (let i = 0; i < n; i++) { ... }, or Array.from({ length: n }, (_, i) => i)",
  str: "String(x) makes a text",
  int: "Math.trunc(Number(x)) makes an integer",
  float: "Number(x) makes a number",
  np: "there is no numpy; Float64Array holds numbers, mathjs and danfojs-node compute with them",
  pd: 'there is no pandas; import { DataFrame } from "danfojs-node"',
  plt: "there is no matplotlib; await display({ data: [{ y: [1, 3, 2] }], layout: {} }) draws with Plotly",
  self: "inside a class it is this",
  elif: "it is else if here",
  not: "it is !x here",
  and: "it is x && y here",
  or: "it is x || y here",
};

/**
 * What a line looks like, and what to say to it; the first that fits is said.
 *
 * @type {[pattern: RegExp, said: string][]}
 */
const shapes = [
  [/^%%?(time|timeit)\b/, 'there are no magics; await timed("what", () => ...) from shapley-modes measures'],
  [/^%%?\w/, "there are no magics, and figures need none; delete the line"],
  [
    /^!\s*\S/,
    'there are no shell lines; import { execSync } from "node:child_process"; execSync("ls", { encoding: "utf8" })',
  ],
  [/^\?\??\s*[\w.]+$|^[\w.)]+\?\??$/, "help on a name: the cursor on it, and Shift+Tab (Jupyter) or a hover"],
  [
    /^(pip3?|conda|npm)\s+install\b/,
    "packages are installed in a terminal: npm install NAME, in the notebook's folder",
  ],
  [/^(import|from)\s+numpy\b/, names.np],
  [/^(import|from)\s+pandas\b/, names.pd],
  [/^(import|from)\s+matplotlib\b/, names.plt],
  [
    /^import\s+[\w.]+(\s+as\s+\w+)?\s*;?$|^from\s+[\w.]+\s+import\b/,
    'modules are imported as import { name } from "module" or import * as name from "module"',
  ],
  [/^(async\s+)?def\s+\w+/, "functions are written as function name(x: number) { return x; }"],
  [/^class\s+\w+.*:\s*$/, "classes are written as class Name { constructor(readonly x: number) {} }"],
  [/^with\s+.*:\s*$/, "there is no with; try { ... } finally { ... } cleans up"],
  [/^(try|finally)\s*:|^except\b/, "errors are caught as try { ... } catch (error) { ... }"],
  [
    /^(if|elif|else|for|while)\b.*:\s*(#.*)?$/,
    "blocks stand in braces: if (x > 0) { ... }, for (const x of list) { ... }",
  ],
  [/\[.*\bfor\s+\w+\s+in\b.*\]/, "lists are made as list.map((x) => 2 * x)"],
  [/\blambda\b[\w\s,]*:/, "it is (x) => 2 * x here"],
  [/"""|'''/, "texts of several lines stand in backticks: `...`"],
  [/(^|[\s=(,+[])[fr]["']/, "values in texts: `x is $" + "{x}`, in backticks"],
  [/^#(?!\w+\s*[=;(:])/, "comments begin with //"],
];

/** Not found, `x = 5`: the codes of TypeScript for a name that nobody declared. */
const unknownName = new Set([2304, 2552, 2580, 2584, 18004]);

/**
 * @param {string} code the cell
 * @param {{ start: { line: number, character: number }, end: { line: number, character: number }, code: number,
 *   messageText: string, fileName?: string }[]} diagnostics why it does not compile; lines and characters from 0
 * @returns {{ text: string, diagnostic: object } | undefined} one line of help and what it is about, or undefined where there is
 *   nothing to say
 */
function hintFor(code, diagnostics) {
  const lines = code.split("\n");
  for (const diagnostic of diagnostics) {
    const text = diagnostic.fileName ? undefined : (placeOf(diagnostic.messageText) ?? hintForOne(lines, diagnostic));
    if (text) return { text, diagnostic };
  }
  return undefined;
}

function hintForOne(lines, { start, end, code: number }) {
  const line = lines[start.line] ?? "";
  const shape = shapes.find(([pattern]) => pattern.test(line.trim()));
  if (shape) return shape[1];
  const name = start.line === end.line ? line.slice(start.character, end.character) : "";
  if (!unknownName.has(number)) {
    // In "x and y" TypeScript marks what it does not expect, not the word that is none of its own. (Below 2000: syntax.)
    if (number >= 2000) return undefined;
    const word = /\s(and|or|elif)\s|\b(not)\s/.exec(line);
    return word ? `${word[1] ?? word[2]}: ${names[word[1] ?? word[2]]}` : undefined;
  }
  if (Object.hasOwn(names, name)) return `${name}: ${names[name]}`;
  const rest = line.slice(end.character);
  if (line.slice(0, start.character).trim() === "" && /^\s*=(?![=>])/.test(rest)) {
    return `a new variable is declared: let ${name} =${rest.trim().slice(1)}`;
  }
  return undefined;
}

module.exports = { hintFor };
