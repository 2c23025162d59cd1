import { invalid, wrongKind } from "../../errors.js";

/** A row of a table: cells by the column's name. */
export type Row = Readonly<Record<string, unknown>>;

/** What has rows of its own, under a name or as columns. */
interface HasRows {
  readonly rows?: unknown;
  readonly toColumns?: unknown;
}

const kinds =
  "rows in an array, columns, facts by their names, or a result such as Shapley Modes, interactions or a test";

/** The rows of what `table` takes. @throws TypeError for what has none; RangeError for columns of different lengths */
export function rowsOf(given: unknown): readonly Row[] {
  if (Array.isArray(given)) {
    const odd = given.findIndex((row) => row === null || typeof row !== "object");
    if (odd >= 0) throw wrongKind(`row ${odd} of table`, "an object, cells by the names of columns", given[odd]);
    return given as readonly Row[];
  }
  if (given === null || typeof given !== "object") throw wrongKind("table", kinds, given);
  const { rows, toColumns } = given as HasRows;
  if (Array.isArray(rows)) return rowsOf(rows);
  if (typeof toColumns === "function") return rowsOfColumns(toColumns.call(given));
  return isFacts(given) ? rowsOfFacts(given) : rowsOfColumns(given);
}

const isList = (column: unknown) => Array.isArray(column) || (ArrayBuffer.isView(column) && "length" in column);

/** Whether a value is facts by their names, as provenance is, and not columns: none is a list, or some have parts. */
function isFacts(given: object): boolean {
  const facts = Object.values(given);
  const parts = facts.filter(isPlain).length;
  const single = facts.every(
    (fact) =>
      isList(fact) || isPlain(fact) || (typeof fact !== "object" && typeof fact !== "function") || fact === null,
  );
  return isPlain(given) && facts.length > 0 && single && (parts > 0 || !facts.some(isList));
}

function isPlain(value: unknown): boolean {
  if (value === null || typeof value !== "object") return false;
  const made = Object.getPrototypeOf(value);
  return made === Object.prototype || made === null;
}

function rowsOfFacts(given: object): Row[] {
  return Object.entries(given).map(([name, value]) => ({ name, value }));
}

/** What is no list, as the degrees of freedom beside errors, is no column. */
function rowsOfColumns(given: object): Row[] {
  const columns = Object.entries(given).filter(([, column]) => isList(column)) as [string, ArrayLike<unknown>][];
  if (columns.length === 0) throw wrongKind("table", kinds, given);
  const { length } = columns[0][1];
  const other = columns.find(([, column]) => column.length !== length);
  if (other)
    throw invalid(
      "columns of table",
      `${length} numbers or texts each, as ${columns[0][0]} has`,
      `${other[1].length} of ${other[0]}`,
    );
  return Array.from({ length }, (_, row) => Object.fromEntries(columns.map(([name, column]) => [name, column[row]])));
}
