// Whether a console should run what was typed, or wait for more of it.
"use strict";

const ts = require("./parts.cjs").typescript();

/** What TypeScript says of texts and patterns that end before their quote; no further line can bring it. */
const unclosed = new Set(["Unterminated string literal.", "Unterminated regular expression literal."]);

/**
 * @param {string} code
 * @returns {{ status: "complete" } | { status: "incomplete", indent: string } | { status: "invalid" }} incomplete where
 *   TypeScript's parser finds nothing wrong before the end; invalid where no further line can mend it
 */
function completeness(code) {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, true);
  const [first] = file.parseDiagnostics;
  if (!first) return { status: "complete" };
  const message = ts.flattenDiagnosticMessageText(first.messageText, "\n");
  const atEnd = first.start >= code.trimEnd().length && !unclosed.has(message);
  // A backslash goes on with a text in the next line; an export alone is said to be wrong where it begins.
  const unfinished = atEnd || /\\$|(^|[\s;}])export\s*$/.test(code);
  return unfinished ? { status: "incomplete", indent: indentAfter(code) } : { status: "invalid" };
}

/** What the next line begins with: as the last one, and deeper after a bracket that it opens. */
function indentAfter(code) {
  const line = code.trimEnd().split("\n").at(-1);
  const [indent] = /^\s*/.exec(line) ?? [""];
  return /[{([]$/.test(line) ? `${indent}  ` : indent;
}

module.exports = { completeness };
