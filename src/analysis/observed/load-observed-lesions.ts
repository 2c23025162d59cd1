import { FileError, invalid, wrongKind } from "../../errors.js";
import { readRegular } from "../../files.js";
import { cellsOf, csvText, numberOf } from "../../modes/csv.js";
import { knownOptions } from "../../options.js";
import { isShare, type ObservedLesions, observedLesions, ruleOfShare } from "./observed-lesions.js";

/** Options of {@link loadObservedLesions}. */
export interface LoadObservedLesionsOptions {
  /** The columns that hold scores; default `score`. */
  readonly scores?: readonly string[];
  /** The column that names the patients; default `patient` where there is one, else they are numbered. */
  readonly patient?: string;
  /** The columns that hold lesioned shares; default all others. */
  readonly regions?: readonly string[];
}

/**
 * Reads observed lesions from a CSV file: a line of names, and a line for each patient with the lesioned share of every
 * region, from 0 to 1, and one score or several; cells are parted by commas, numbers have a point.
 *
 * @throws FileError for a file that is not there or no CSV, columns that there are not, and cells that are no numbers;
 *   what {@link observedLesions} throws
 * @example
 * writeFileSync("patients.csv", "id,M1,IFG,fluency\n1,0,0.4,40\n2,1,0.1,12\n3,0,0,50\n4,0.5,1,9\n5,0.2,0,44\n6,0,0.9,31\n");
 * const data = loadObservedLesions("patients.csv", { scores: ["fluency"], patient: "id" });
 */
export function loadObservedLesions(path: string, options: LoadObservedLesionsOptions = {}): ObservedLesions {
  knownOptions("loadObservedLesions", options, { scores: true, patient: true, regions: true });
  if (typeof path !== "string") throw wrongKind("path", "the name of a CSV file", path);
  const [{ cells: first }, ...rows] = linesOf(path);
  const header = first.map((name) => name.trim());
  const nameless = header.indexOf("");
  if (nameless >= 0) {
    const remedy = nameless === 0 ? " (pandas writes an index so: to_csv(path, index=False) leaves it out)" : "";
    throw new FileError(path, `has no name for column ${nameless + 1}${remedy}`);
  }
  const twice = header.find((name, column) => header.indexOf(name) !== column);
  if (twice !== undefined) throw new FileError(path, `has two columns ${twice}`);
  const columnOf = (name: string) => {
    const column = header.indexOf(name);
    if (column < 0) {
      const remedy =
        options.scores === undefined && name === "score" ? '; name what is one: { scores: ["fluency"] }' : "";
      throw new FileError(path, `has no column ${name} (it has ${header.slice(0, 20).join(", ")})${remedy}`);
    }
    return column;
  };
  const scoreNames = options.scores ?? ["score"];
  if (!Array.isArray(scoreNames) || scoreNames.length === 0) throw invalid("scores", "names of columns", scoreNames);
  const scoreColumns = scoreNames.map(columnOf);
  const patient = options.patient ?? (header.includes("patient") ? "patient" : undefined);
  const patientColumn = patient === undefined ? undefined : columnOf(patient);
  const regions =
    options.regions ?? header.filter((_, column) => column !== patientColumn && !scoreColumns.includes(column));
  const regionColumns = regions.map(columnOf);
  const columns = [...(patientColumn === undefined ? [] : [patientColumn]), ...scoreColumns, ...regionColumns];
  const shared = columns.find((column, at) => columns.indexOf(column) !== at);
  if (shared !== undefined)
    throw invalid("columns", "each in one role, patient, score or region, and once", header[shared]);
  const numberAt = ({ line, cells }: Line, column: number) => {
    const cell = cells[column].trim();
    const number = numberOf(cell);
    if (number !== undefined) return number;
    throw new FileError(
      path,
      `line ${line}, column ${header[column]}: a number was expected, not ${JSON.stringify(cell.slice(0, 40))}`,
    );
  };
  const shareAt = (row: Line, column: number) => {
    const number = numberAt(row, column);
    if (isShare(number)) return number;
    const where = `line ${row.line}, column ${header[column]}`;
    throw new FileError(path, `${where}: ${ruleOfShare(number)}, was expected, not ${number}`);
  };
  const patients = patientColumn === undefined ? undefined : rows.map(({ cells }) => cells[patientColumn].trim());
  const again = patients?.findIndex((name, at) => name === "" || patients.indexOf(name) < at) ?? -1;
  if (patients && again >= 0) {
    const { line } = rows[again];
    const name = patients[again];
    const problem =
      name === "" ? "names no patient" : `names patient ${name} again: a line for each patient was expected`;
    throw new FileError(path, `line ${line} ${problem}`);
  }
  return observedLesions({
    regions,
    scoreNames,
    lesions: rows.map((row) => regionColumns.map((column) => shareAt(row, column))),
    scores: rows.map((row) => scoreColumns.map((column) => numberAt(row, column))),
    ...(patients && { patients }),
  });
}

/** @throws FileError where the names are one cell that other separators part */
function checkSeparator(path: string, header: readonly string[]): void {
  if (header.length > 1) return;
  const found = [";", "\t"].find((separator) => header[0].includes(separator));
  if (found === undefined) return;
  const name = found === ";" ? "semicolons" : "tabs";
  throw new FileError(path, `has its columns parted by ${name}; commas were expected, and numbers with a point`);
}

interface Line {
  /** Counted in the file, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** The lines that are not empty, each with as many cells as the first. */
function linesOf(path: string): Line[] {
  const lines = csvText(readRegular(path), path)
    .split(/\r\n|\n|\r/)
    .map((text, l) => ({ text, line: l + 1 }))
    .filter(({ text }) => text.trim() !== "")
    .map(({ text, line }): Line => {
      const cells = cellsOf(text);
      if (cells) return { line, cells };
      throw new FileError(path, `has quotes that do not close in line ${line}`);
    });
  if (lines.length < 2)
    throw new FileError(path, "has no patients: a line of names and one for each patient were expected");
  const columns = lines[0].cells.length;
  checkSeparator(path, lines[0].cells);
  const odd = lines.find(({ cells }) => cells.length !== columns);
  if (odd) throw new FileError(path, `line ${odd.line} has ${odd.cells.length} cells, there are ${columns} columns`);
  return lines;
}
