import { inspect } from "node:util";
import { escapeHtml } from "../../escape-html.js";
import type { MimeData } from "../../kernel-hook.js";
import { type Grid, gridHtml, gridText } from "../../modes/glance/grid.js";
import { alignedNumbers } from "../../modes/glance/numbers.js";
import { counted } from "../../words.js";

/** What a data frame or a series of danfojs has, as far as showing it needs. */
export interface FrameLike {
  readonly shape: readonly number[];
  readonly columns: readonly string[];
  readonly dtypes: readonly string[];
  readonly index: readonly (string | number)[];
  /** Rows of a data frame, single values of a series. */
  readonly values: readonly unknown[];
}

/** Up to so many rows are shown whole; of more, the first and the last. */
const wholeRows = 20;
const endRows = 5;
/** The same for columns. */
const wholeColumns = 16;
const endColumns = 7;
const longestText = 60;

/**
 * Whether a value is a data frame or a series of danfojs, told by what it has: there may be several copies of danfojs.
 */
export function isFrame(value: object): value is FrameLike {
  if (!("$dtypes" in value && "$index" in value)) return false;
  const { columns, dtypes, index, shape, values } = value as Partial<FrameLike>;
  return [columns, dtypes, index, shape, values].every(Array.isArray);
}

/** A data frame as a table: first and last rows, the type of every column, the shape. */
export function frameData(frame: FrameLike): MimeData {
  const title = frameName(frame);
  const grid = frameGrid(frame, isSeries(frame));
  return {
    "text/html": `<div style="overflow-x:auto">${gridHtml(grid)}<div style="opacity:.75">${escapeHtml(title)}</div></div>`,
    "text/plain": `${gridText(grid)}\n${title}`,
  };
}

/** What it is and its shape, in a line. */
export function frameName(frame: FrameLike): string {
  const rows = counted(frame.index.length, "row");
  return isSeries(frame) ? `Series: ${rows}` : `DataFrame: ${rows} × ${counted(frame.columns.length, "column")}`;
}

function isSeries(frame: FrameLike): boolean {
  return !Array.isArray(frame.values[0]) && frame.columns.length === 1;
}

function frameGrid(frame: FrameLike, series: boolean): Grid {
  const rowsShown = ends(frame.index.length, wholeRows, endRows);
  const columnsShown = ends(frame.columns.length, wholeColumns, endColumns);
  const columns = columnsShown.map((column) => {
    if (column === undefined) return { name: "…", type: "", texts: rowsShown.map(() => "…"), numeric: false };
    const type = frame.dtypes[column] ?? "";
    const values = rowsShown.map((row) => {
      if (row === undefined) return undefined;
      return series ? frame.values[row] : (frame.values[row] as readonly unknown[])[column];
    });
    const texts = columnTexts(values, rowsShown);
    return { name: String(frame.columns[column]), type, texts, numeric: /^(int|float|bigint)/.test(type) };
  });
  const labels = rowsShown.map((row) => (row === undefined ? "…" : String(frame.index[row])));
  return {
    head: [
      ["", ...columns.map(({ name }) => shortText(name))],
      ["", ...columns.map(({ type }) => type)],
    ],
    rows: labels.map((label, at) => [label, ...columns.map(({ texts }) => texts[at])]),
    numeric: [true, ...columns.map(({ numeric }) => numeric)],
    rowHeads: 1,
  };
}

/** Indices of what is shown, undefined for the gap. */
function ends(count: number, whole: number, each: number): (number | undefined)[] {
  if (count <= whole) return Array.from({ length: count }, (_, i) => i);
  const first = Array.from({ length: each }, (_, i) => i);
  return [...first, undefined, ...first.map((i) => count - each + i)];
}

function columnTexts(values: readonly unknown[], rowsShown: readonly (number | undefined)[]): string[] {
  const numbers = values.filter((value): value is number => typeof value === "number");
  const aligned = alignedNumbers(numbers);
  let next = 0;
  return values.map((value, at) => {
    if (rowsShown[at] === undefined) return "…";
    if (typeof value === "number") return aligned[next++];
    return shortText(typeof value === "object" && value !== null ? inspect(value, { depth: 0 }) : String(value));
  });
}

function shortText(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > longestText ? `${line.slice(0, longestText - 1)}…` : line;
}
