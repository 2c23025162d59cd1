import { FileError } from "../../errors.js";
import { readBytes } from "../../files.js";
import type { MimeData } from "../../kernel-hook.js";

/** Printed text. */
export interface StreamOutput {
  output_type: "stream";
  name: "stdout" | "stderr";
  text: string;
}

/** Something displayed, in one or several forms. */
export interface DisplayOutput {
  output_type: "display_data";
  data: MimeData;
  metadata: Record<string, unknown>;
}

/** Value of a cell's last expression. */
export interface ResultOutput {
  output_type: "execute_result";
  execution_count: number | null;
  data: MimeData;
  metadata: Record<string, unknown>;
}

/** What a cell threw. The traceback's lines may hold ANSI colours. */
export interface ErrorOutput {
  output_type: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}

export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

interface CellBase {
  id?: string;
  metadata: Record<string, unknown> & { tags?: string[] };
  source: string;
}

export interface CodeCell extends CellBase {
  cell_type: "code";
  execution_count: number | null;
  outputs: Output[];
}

export interface ProseCell extends CellBase {
  cell_type: "markdown" | "raw";
  attachments?: Record<string, MimeData>;
}

export type Cell = CodeCell | ProseCell;

/** A Jupyter notebook, nbformat 4; texts are strings here, lists of lines in the file. */
export interface Notebook {
  nbformat: 4;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: Cell[];
}

/** Reads a notebook for the TypeScript kernel. Throws FileError: absent, not JSON, not a notebook, another language. */
export function readNotebook(path: string): Notebook {
  return parseNotebook(readBytes(path).toString("utf8"), path);
}

/** A notebook from the text of its file; `path` is for error messages. */
export function parseNotebook(text: string, path: string): Notebook {
  let raw: unknown;
  try {
    // Some editors put a byte order mark first.
    raw = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new FileError(path, `is not a notebook: broken JSON (${(cause as Error).message})`, { cause });
  }
  if (deeperThan(raw, deepest)) throw new FileError(path, `is nested more than ${deepest} levels deep`);
  if (!isObject(raw) || raw.nbformat === undefined) {
    throw new FileError(path, "is not a notebook: it has no nbformat and cells");
  }
  // Older ones keep their cells elsewhere, so this is said first.
  if (raw.nbformat !== 4) throw new FileError(path, `has nbformat ${JSON.stringify(raw.nbformat)}, expected 4`);
  if (!Array.isArray(raw.cells)) throw new FileError(path, "is not a notebook: it has no cells");
  const metadata = isObject(raw.metadata) ? raw.metadata : {};
  checkLanguage(metadata, path);
  return {
    nbformat: 4,
    nbformat_minor: Number.isInteger(raw.nbformat_minor) ? (raw.nbformat_minor as number) : 5,
    metadata,
    cells: raw.cells.map((cell, index) => parseCell(cell, index, path)),
  };
}

/** Levels of objects within each other that a notebook may have: what writes it again goes down all of them. */
const deepest = 500;

function deeperThan(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== "object") return false;
  return levels === 0 || Object.values(value).some((part) => deeperThan(part, levels - 1));
}

function checkLanguage(metadata: Record<string, unknown>, path: string): void {
  for (const [field, key] of [
    ["kernelspec", "language"],
    ["language_info", "name"],
  ] as const) {
    const part = metadata[field];
    const language = isObject(part) ? part[key] : undefined;
    if (typeof language === "string" && language.toLowerCase() !== "typescript") {
      throw new FileError(path, `is a notebook in ${language}, expected TypeScript`);
    }
    if (typeof language === "string") return;
  }
  // A notebook that says no language may still name the kernel it was written for.
  const kernel = isObject(metadata.kernelspec) ? metadata.kernelspec.name : undefined;
  if (typeof kernel === "string" && !typescriptKernels.includes(kernel)) {
    throw new FileError(path, `is a notebook for the kernel ${kernel}, expected TypeScript`);
  }
}

function parseCell(raw: unknown, index: number, path: string): Cell {
  const fail = (problem: string) => new FileError(path, `is not a notebook: cell ${index + 1} ${problem}`);
  if (!isObject(raw)) throw fail("is not an object");
  if (!["code", "markdown", "raw"].includes(String(raw.cell_type))) throw fail("has no known cell_type");
  const source = joined(raw.source);
  if (source === undefined) throw fail("has no source");
  const metadata = isObject(raw.metadata) ? raw.metadata : {};
  if (raw.cell_type !== "code") return { ...raw, metadata, source } as unknown as ProseCell;
  const outputs = Array.isArray(raw.outputs) ? raw.outputs : [];
  if (!outputs.every((output) => isObject(output) && typeof output.output_type === "string")) {
    throw fail("has an output without output_type");
  }
  const count = typeof raw.execution_count === "number" ? raw.execution_count : null;
  return { ...raw, metadata, source, execution_count: count, outputs: outputs.map(parseOutput) } as CodeCell;
}

/** Outputs that stand in a notebook elsewhere than below a cell; what is none is left out. */
export function parseOutputs(raw: unknown): Output[] {
  const outputs = Array.isArray(raw) ? raw : [];
  return outputs.filter((output) => isObject(output) && typeof output.output_type === "string").map(parseOutput);
}

function parseOutput(raw: Record<string, unknown>): Output {
  if (raw.output_type === "stream") return { ...raw, text: joined(raw.text) ?? "" } as StreamOutput;
  if (raw.output_type === "error") {
    const traceback = Array.isArray(raw.traceback) ? raw.traceback.map(String) : [];
    return { output_type: "error", ename: String(raw.ename ?? "Error"), evalue: String(raw.evalue ?? ""), traceback };
  }
  const data = Object.entries(isObject(raw.data) ? raw.data : {}).map(([type, content]) => [
    type,
    isJsonType(type) ? content : (joined(content) ?? content),
  ]);
  const metadata = isObject(raw.metadata) ? raw.metadata : {};
  return { ...raw, data: Object.fromEntries(data), metadata } as DisplayOutput | ResultOutput;
}

/** Text of a notebook's file, as Jupyter writes it: one line of source a line, so that versions can be compared. */
export function notebookText(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) => {
    const source = lines(cell.source);
    return cell.cell_type === "code"
      ? { ...cell, source, outputs: cell.outputs.map(outputForFile) }
      : { ...cell, source };
  });
  const { metadata, nbformat, nbformat_minor } = notebook;
  const text = JSON.stringify({ cells, metadata, nbformat, nbformat_minor }, null, 1);
  return `${text.replace(listOfNumbers, (list) => list.replace(/\s+/g, ""))}\n`;
}

/**
 * A list of numbers over many lines: a figure has thousands, and belongs on few. Texts hold no line ends, only `\\n`.
 */
const listOfNumbers = /\[\n\s*(?:-?\d[\d.eE+-]*|null)(?:,\n\s*(?:-?\d[\d.eE+-]*|null))*\n\s*\]/g;

function outputForFile(output: Output): object {
  if (output.output_type === "stream") return { ...output, text: lines(output.text) };
  if (output.output_type === "error") return output;
  const data = Object.entries(output.data).map(([type, content]) => [
    type,
    typeof content === "string" && (type.startsWith("text/") || type === "image/svg+xml") ? lines(content) : content,
  ]);
  return { ...output, data: Object.fromEntries(data) };
}

function isJsonType(type: string): boolean {
  return type === "application/json" || type.endsWith("+json");
}

function joined(text: unknown): string | undefined {
  if (typeof text === "string") return text;
  return Array.isArray(text) && text.every((line) => typeof line === "string") ? text.join("") : undefined;
}

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Kernels that run TypeScript; a notebook that names another, and no language, is for that one. */
const typescriptKernels = ["shapley-modes", "tslab", "jslab", "deno"];

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
