import { inspect } from "node:util";
import { escapeHtml } from "../../escape-html.js";
import { kernelHook } from "../../kernel-hook.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { inOneLine, shortName } from "../../words.js";
import { html, printedAlready, type Shown } from "../display/display.js";
import { rowsOf } from "./table-rows.js";

/** How a table is shown. */
export interface TableOptions {
  /** Columns, in order; default the keys of the first row. */
  readonly columns?: readonly string[];
  /** A line above the table; default none. */
  readonly caption?: string;
  /** Significant digits of numbers that are not integers, and all in front of the point; default 4. */
  readonly digits?: number;
}

/** The names of `TableOptions`. */
export const tableOptionNames: OptionNames<TableOptions> = { columns: true, caption: true, digits: true };

/**
 * A table, to be displayed or to end a cell with: numbers right-aligned, `undefined` an empty cell. Outside of a
 * notebook it is printed at once, as `console.table` does.
 *
 * @param given rows in an array; or columns of one length by name; or facts by their names, such as `provenance()`, one
 *   to a row; or a result: Shapley Modes and interactions as their
 *   `toColumns()`, others (`testModes`, `compare`, ...) by their `rows`
 * @throws TypeError for what is none of these; RangeError for columns of different lengths
 * @example
 * table(modes); // unit, output, contribution, standard_error, ci95_low, ci95_high
 * table(modes.meanOverOutputs());
 * table(modes.provenance); // name, value
 */
export function table(given: object, options: TableOptions = {}): Shown {
  knownOptions("table", options, tableOptionNames);
  const rows = rowsOf(given);
  const { columns = Object.keys(rows[0] ?? {}), caption, digits = 4 } = options;
  const cells = rows.map((row) => columns.map((column) => cellText(row[column], digits)));
  // Where texts stand among numbers, all begin at the left.
  const has = (column: string, type: string) => rows.some((row) => typeof row[column] === type);
  const numeric = columns.map((column) => has(column, "number") && !has(column, "string"));
  const align = (c: number) =>
    numeric[c] ? ' style="text-align:right;white-space:nowrap"' : ' style="text-align:left"';
  const line = (tag: string, texts: readonly string[]) =>
    `<tr>${texts.map((text, c) => `<${tag}${align(c)}>${escapeHtml(text)}</${tag}>`).join("")}</tr>`;
  const head = `<thead>${line("th", columns)}</thead>`;
  const body = `<tbody>${cells.map((row) => line("td", row)).join("\n")}</tbody>`;
  const title = caption === undefined ? "" : `<caption>${escapeHtml(caption)}</caption>`;
  const text = plainTable(columns, cells, numeric, caption);
  const shown = html(`<table>${title}${head}${body}</table>`, text);
  if (kernelHook()) return shown;
  console.log(text);
  // `console.log(table(rows))` and `display(table(rows))` have printed it.
  return Object.defineProperties(shown, { [inspect.custom]: { value: () => "" }, [printedAlready]: { value: true } });
}

function plainTable(
  columns: readonly string[],
  cells: readonly (readonly string[])[],
  numeric: readonly boolean[],
  caption: string | undefined,
): string {
  const heads = columns.map(inOneLine);
  const rows = cells.map((row) => row.map(inOneLine));
  const widths = heads.map((column, c) => Math.max(column.length, ...rows.map((row) => row[c].length)));
  const line = (row: readonly string[]) =>
    row
      .map((text, c) => (numeric[c] ? text.padStart(widths[c]) : text.padEnd(widths[c])))
      .join("  ")
      .trimEnd();
  const lines = [line(heads), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)];
  return [...(caption === undefined ? [] : [inOneLine(caption)]), ...lines].join("\n");
}

function cellText(value: unknown, digits: number): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number" && !Number.isInteger(value)) {
    // A number is never rounded in front of its point.
    return Math.abs(value) >= 10 ** digits ? value.toFixed(0) : String(Number(value.toPrecision(digits)));
  }
  const text = typeof value === "object" && Object.getPrototypeOf(value) === null ? objectText : String(value);
  return text.includes(objectText) && typeof value === "object"
    ? shortName(inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY }), longestObject)
    : text;
}

/** What the language makes of an object where a text is asked for. */
const objectText = "[object Object]";

/** Characters of an object's parts that a cell shows. */
const longestObject = 200;
