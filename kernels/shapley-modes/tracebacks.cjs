// What went wrong in a cell, as Jupyter's `error` message says it: ename, evalue, traceback.
"use strict";

const path = require("node:path");
const { inspect } = require("node:util");
const { hintFor } = require("./hints.cjs");
const { readable } = require("./stack-traces.cjs");
const { packageRoot } = require("./typescript.cjs");

const red = (text) => `\x1b[31m${text}\x1b[39m`;
const dim = (text) => `\x1b[2m${text}\x1b[22m`;

/** A cell that does not compile. Carries TypeScript's diagnostics. */
class TypeScriptError extends Error {
  constructor(diagnostics, cell) {
    const [first] = diagnostics;
    const where = `${first.fileName ? `${first.fileName}, ` : ""}line ${first.start.line + 1}`;
    const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : "";
    super(`${where}: ${first.messageText} (TS${first.code})${more}`);
    this.name = "TypeScriptError";
    this.diagnostics = diagnostics;
    this.cell = cell;
  }
}

/** A cell that the user, or a time limit, stopped. The library's own error of that name says how far it came. */
class InterruptedError extends Error {
  constructor(message = "the cell was interrupted") {
    super(message);
    this.name = "Interrupted";
  }
}

/**
 * @param {unknown} thrown whatever a cell threw
 * @param {Map<string, { name: string, code: string }>} cells cells by the name they run under
 * @returns {{ ename: string, evalue: string, traceback: string[] }} the traceback shows lines of cells and of the
 *   user's files; calls inside packages are folded to one line
 */
function describeError(thrown, cells) {
  try {
    return described(thrown, cells);
  } catch {
    // An error of which a part throws when it is looked at.
    const evalue = "an error that can not be shown";
    return { ename: "Error", evalue, traceback: [`${red("Error")}: ${evalue}`] };
  }
}

function described(thrown, cells) {
  const error = thrown?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED" ? new InterruptedError() : thrown;
  if (!(error instanceof Error)) {
    const evalue = typeof error === "string" ? error : inspect(error);
    return { ename: "Error", evalue, traceback: [`${red("thrown")}: ${evalue}`] };
  }
  const ename = nameOf(error);
  const evalue = readable(String(error.message));
  if (error instanceof TypeScriptError) return { ename, evalue, traceback: diagnosticLines(error) };
  const traceback =
    ename === "Interrupted" ? [heading({ name: ename, message: withoutItsName(evalue) })] : errorLines(error, cells);
  return { ename, evalue, traceback };
}

/** The library's `interrupted after 240 of 1000 orderings` without the word that stands before it. */
function withoutItsName(message) {
  return message.replace(/^interrupted /, "");
}

/** An error's own name, or that of its class where that has none of its own. */
function nameOf(error) {
  const given = String(error.name || "Error");
  const type = error.constructor;
  const isInherited = !Object.hasOwn(error, "name") && !Object.hasOwn(Object(type?.prototype), "name");
  return (isInherited && typeof type?.name === "string" && type.name) || given;
}

function heading(error) {
  return `${red(nameOf(error))}: ${readable(String(error.message))}`;
}

function diagnosticLines({ name, diagnostics, cell }) {
  const hint = hintFor(cell.code, diagnostics);
  // What is not TypeScript at all makes many errors; one of them and the hint say more than all.
  const told = hint ? [hint.diagnostic] : diagnostics.slice(0, 20);
  const lines = told.flatMap(({ fileName, start, end, messageText, code }) => {
    const line = start.line + 1;
    const title = `${red(name)}: ${messageText} ${dim(`(TS${code})`)}`;
    if (fileName) return [title, `  ${fileName}:${line}:${start.character + 1}`];
    const width = end.line === start.line ? Math.max(1, end.character - start.character) : 1;
    return [title, `  ${cell.name}, line ${line}`, ...excerpt(cell.code, line, start.character, width)];
  });
  if (!hint) return lines;
  const more = diagnostics.length - 1;
  const rest = more > 0 ? [dim(`  ... ${more} more ${more === 1 ? "error" : "errors"} in this cell`)] : [];
  return [...lines, ...rest, `Hint: ${hint.text}`];
}

/** The errors of an AggregateError, the first ten. */
function partsOf({ errors }) {
  return Array.isArray(errors) ? errors.filter((part) => part instanceof Error).slice(0, 10) : [];
}

function errorLines(error, cells, depth = 0, role = "caused by") {
  const lines = [depth === 0 ? heading(error) : `${role}: ${heading(error)}`];
  let folded = 0;
  let excerpts = 3;
  for (const frame of ownFrames(error, cells)) {
    if (frame.inner) {
      folded++;
      continue;
    }
    if (folded > 0) lines.push(dim(`  ... ${folded} ${folded === 1 ? "call" : "calls"} inside packages`));
    folded = 0;
    lines.push(`  at ${frame.name ? `${frame.name}, ` : ""}${frame.place}`);
    if (frame.cell && excerpts-- > 0) lines.push(...excerpt(frame.cell.code, frame.line));
  }
  const fields = Object.entries(error).filter(
    ([name]) => !["name", "message", "stack", "cause", "errors"].includes(name),
  );
  if (fields.length > 0)
    lines.push(
      ...inspect(Object.fromEntries(fields), { depth: 2 })
        .split("\n")
        .slice(0, 20)
        .map((line) => `  ${line}`),
    );
  if (depth < 5) {
    for (const part of partsOf(error)) lines.push(...errorLines(part, cells, depth + 1, "one of them"));
    if (error.cause instanceof Error) lines.push(...errorLines(error.cause, cells, depth + 1));
    else if (error.cause !== undefined) lines.push(`caused by: ${inspect(error.cause)}`);
  }
  return lines;
}

/** Frames down to the outermost one of a cell or a file of the user's: what lies outside is the kernel. */
function ownFrames(error, cells) {
  const all = frames(error)
    .filter(({ file }) => !file.startsWith("node:"))
    .map(({ name, file, line, column }) => {
      const cell = cells.get(file);
      if (!cell) return { name, inner: isInner(file), place: `${file}:${line}:${column}` };
      return { name, cell, line, place: `${cell.name}, line ${line}` };
    });
  return all.slice(0, all.findLastIndex(({ inner }) => !inner) + 1);
}

/** Frames of a stack, outermost last. The message is not looked at, even where it has lines like those of a stack. */
function frames(error) {
  const lines = String(error.stack ?? "").split("\n");
  return lines.flatMap((text) => {
    const match = /^\s+at (?:(?:async )?(.*?) \()?(?:async )?(.*?):(\d+):(\d+)\)?$/.exec(text);
    if (!match) return [];
    const [, name = "", file, line, column] = match;
    const own = name === "eval" || name.startsWith("Object.<anonymous>") ? "" : name;
    return [{ name: own, file: file.replace(/^file:\/\//, ""), line: Number(line), column: Number(column) }];
  });
}

function isInner(file) {
  return (
    file.startsWith("node:") ||
    file.includes(`${path.sep}node_modules${path.sep}`) ||
    file.startsWith(path.join(packageRoot, "dist") + path.sep) ||
    file.startsWith(__dirname + path.sep)
  );
}

/** The line with its neighbours; an arrow marks it, or carets where the column is known. */
function excerpt(code, line, column, width = 1) {
  const all = code.split("\n");
  const first = Math.max(1, line - 2);
  const gutter = String(Math.min(all.length, line + 1)).length;
  return all.slice(first - 1, line + 1).flatMap((text, offset) => {
    const number = first + offset;
    const label = String(number).padStart(gutter);
    if (number !== line) return [dim(`    ${label} | ${text}`)];
    const marked = `  ${red(">")} ${label} | ${text}`;
    if (column === undefined) return [marked];
    return [marked, `    ${" ".repeat(gutter)} | ${" ".repeat(column)}${red("^".repeat(Math.min(width, 80)))}`];
  });
}

module.exports = { TypeScriptError, InterruptedError, describeError };
