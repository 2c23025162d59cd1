// Stack traces as the user wrote the code: lines of cells and of the user's files, and nothing of the kernel. It holds for every error,
// printed or thrown, since V8 asks here for the text of each `stack`.
"use strict";

const path = require("node:path");

/**
 * @param {Map<string, (line: number, column: number) => [line: number, column: number] | undefined>} sources for each cell and file that was
 *   compiled here, by name, the way from a position (from 1) in what runs to the user's; undefined where nothing of the user's is there
 */
function traceTo(sources) {
  Error.prepareStackTrace = (error, sites) => [heading(error), ...frames(sites, sources)].join("\n    at ");
}

function heading(error) {
  try {
    return readable(Error.prototype.toString.call(error));
  } catch {
    return "Error";
  }
}

function frames(sites, sources) {
  const seen = [];
  for (const site of sites) {
    const file = site.getFileName() ?? "";
    if (file.startsWith(__dirname + path.sep)) {
      // Below the user's code lies the kernel; above it, what the kernel does in its name.
      if (seen.length > 0) break;
      continue;
    }
    const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
    const position = sources.get(file)?.(line, column);
    if (sources.has(file) && !position) continue;
    seen.push({
      file,
      text: position ? site.toString().replace(`:${line}:${column}`, `:${position.join(":")}`) : site.toString(),
    });
  }
  while (seen.at(-1)?.file === "node:vm") seen.pop();
  return seen.map(({ text }) => text);
}

/** A message of V8's in which variables are called as the user calls them (rewriting.cjs). */
function readable(message) {
  return message.replace(/\(0 , ː([\p{ID_Continue}$]+)\.v\)|ː([\p{ID_Continue}$]+)\.v\b/gu, "$1$2");
}

/** Makes the message of what a cell catches readable. */
function caught(thrown) {
  try {
    rename(thrown);
  } catch {
    // What can not be looked at stays as it is.
  }
}

function rename(thrown) {
  const own = Object.getOwnPropertyDescriptor(Object(thrown), "message");
  if (own?.writable && typeof own.value === "string" && own.value.includes("ː")) thrown.message = readable(own.value);
}

module.exports = { traceTo, readable, caught };
