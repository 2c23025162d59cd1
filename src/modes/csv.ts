import { FileError, invalid } from "../errors.js";

/** The text of a CSV file. @throws FileError for bytes that are not UTF-8 */
export function csvText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FileError(path, "is not text in UTF-8", { cause });
  }
}

/**
 * The lines of a CSV file of numbers that are not empty.
 *
 * @throws FileError where the last one has no line break: a file that was cut short may end within a number
 */
export function linesOf(text: string, path: string): string[] {
  if (text !== "" && !text.endsWith("\n")) {
    throw new FileError(
      path,
      "does not end with a line break: it may be cut short within a number; if it is whole, add one",
    );
  }
  return text.split(/\r?\n/).filter((line) => line !== "");
}

/**
 * The cells of a line of a CSV file, some perhaps in quotes with quotes inside doubled; undefined where quotes do not
 * close, or stand within a cell that does not begin with one.
 */
export function cellsOf(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(",");
  const cells: string[] = [];
  for (let at = 0; ; ) {
    let end: number;
    if (line[at] === '"') {
      end = at + 1;
      while (end < line.length && (line[end] !== '"' || line[end + 1] === '"')) end += line[end] === '"' ? 2 : 1;
      if (end >= line.length) return undefined;
      cells.push(line.slice(at + 1, end).replaceAll('""', '"'));
      end++;
      if (end < line.length && line[end] !== ",") return undefined;
    } else {
      const comma = line.indexOf(",", at);
      end = comma < 0 ? line.length : comma;
      const cell = line.slice(at, end);
      if (cell.includes('"')) return undefined;
      cells.push(cell);
    }
    if (end >= line.length) return cells;
    at = end + 1;
  }
}

/**
 * The finite decimal number that a cell holds; undefined for all else: JavaScript would take "" for 0 and "0x10"
 * for 16.
 */
export function numberOf(cell: string): number | undefined {
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** A cell of a CSV file, in quotes where it needs them. */
export function cellOf(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @throws RangeError for a unit whose name has a line break, or half of a surrogate pair, which no CSV file in UTF-8
 *   can hold
 */
export function checkUnitNames(units: readonly string[]): void {
  const broken = units.find((name) => /[\r\n]|\p{Surrogate}/u.test(name));
  if (broken === undefined) return;
  const rule = "a name without line breaks and halves of surrogate pairs in a CSV file (npz takes any)";
  throw invalid("unit name", rule, broken);
}
