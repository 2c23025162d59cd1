import { FileError, invalid, wrongKind } from "../../errors.js";
import { readRegular } from "../../files.js";
import { cellsOf } from "../../modes/csv.js";
import { knownOptions } from "../../options.js";
import { type ObservedLesions, observedLesions } from "./observed-lesions.js";

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
 * Reads observed lesions from a CSV file: a line of names, and a line for each patient with the lesioned share of every region, from 0 to 1, and one score or several.
 *
 * @throws FileError for a file that is not there or no CSV, columns that there are not, and cells that are no numbers; what {@link observedLesions} throws
 * @example
 * writeFileSync("patients.csv", "id,M1,IFG,fluency\n1,0,0.4,40\n2,1,0.1,12\n3,0,0,50\n4,0.5,1,9\n5,0.2,0,44\n6,0,0.9,31\n");
 * const data = loadObservedLesions("patients.csv", { scores: ["fluency"], patient: "id" });
 */
export function loadObservedLesions(path: string, options: LoadObservedLesionsOptions = {}): ObservedLesions {
  knownOptions("loadObservedLesions", options, { scores: true, patient: true, regions: true });
  if (typeof path !== "string") throw wrongKind("path", "the name of a CSV file", path);
  const [header, ...rows] = rowsOf(path);
  const twice = header.find((name, column) => header.indexOf(name) !== column);
  if (twice !== undefined) throw new FileError(path, `has two columns ${twice}`);
  const columnOf = (name: string) => {
    const column = header.indexOf(name);
    if (column < 0) throw new FileError(path, `has no column ${name} (it has ${header.slice(0, 20).join(", ")})`);
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
  const numberAt = (row: readonly string[], r: number, column: number) => {
    const cell = row[column].trim();
    const number = cell === "" ? Number.NaN : Number(cell);
    if (Number.isFinite(number)) return number;
    throw new FileError(
      path,
      `line ${r + 2}, column ${header[column]}: a number was expected, not ${JSON.stringify(cell.slice(0, 40))}`,
    );
  };
  return observedLesions({
    regions,
    scoreNames,
    lesions: rows.map((row, r) => regionColumns.map((column) => numberAt(row, r, column))),
    scores: rows.map((row, r) => scoreColumns.map((column) => numberAt(row, r, column))),
    ...(patientColumn !== undefined && { patients: rows.map((row) => row[patientColumn]) }),
  });
}

function rowsOf(path: string): string[][] {
  const text = new TextDecoder().decode(readRegular(path)).replace(/^\uFEFF/, "");
  const rows = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line, l) => {
      const cells = cellsOf(line);
      if (cells) return cells;
      throw new FileError(path, `has quotes that do not close in line ${l + 1}`);
    });
  if (rows.length < 2)
    throw new FileError(path, "has no patients: a line of names and one for each patient were expected");
  const odd = rows.findIndex(({ length }) => length !== rows[0].length);
  if (odd >= 0)
    throw new FileError(path, `line ${odd + 1} has ${rows[odd].length} cells, there are ${rows[0].length} columns`);
  return rows;
}
