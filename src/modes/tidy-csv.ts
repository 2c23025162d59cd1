import { FileError } from "../errors.js";
import { outputSize } from "../games/game.js";
import { isText } from "../kinds.js";
import { degreesOfFactor } from "./confidence.js";
import { cellsOf, linesOf, numberOf } from "./csv.js";
import { ShapleyModes } from "./shapley-modes.js";
import { tidyColumns } from "./to-tidy-csv.js";

/** Whether a text begins as a tidy CSV file of modes does. */
export function isTidyCsv(text: string): boolean {
  const cells = cellsOf(text.split(/\r?\n/, 1)[0]);
  return cells?.[0] === tidyColumns.unit && cells.includes(tidyColumns.contribution);
}

/**
 * Reads what `toTidyCsv` writes: units, shape, contributions and standard errors, to the last bit. Columns between
 * `unit` and `contribution` are the output's axes, whatever their names; of intervals their length is read, which says
 * the degrees of freedom of the standard errors; rows have to stand unit by unit, outputs row-major.
 *
 * @param path is named in errors
 * @throws FileError for other columns, a last line without a line break, rows in another order or missing, a number
 *   that is none
 */
export function fromTidyCsv(text: string, path = "modes.tidy.csv"): ShapleyModes {
  isText("text", text, "a text");
  const rows = linesOf(text, path).map((line, l) => {
    const cells = cellsOf(line);
    if (cells) return cells;
    throw new FileError(path, `has quotes that do not close in line ${l + 1}`);
  });
  const header = rows.shift() ?? [];
  const { unit, contribution, standardError, low, high } = tidyColumns;
  const axes = header.indexOf(contribution) - 1;
  const withErrors = header[axes + 2] === standardError;
  const withIntervals = withErrors && header[axes + 3] === low && header[axes + 4] === high;
  if (header[0] !== unit || axes < 0 || header.length !== axes + (withIntervals ? 5 : withErrors ? 3 : 2)) {
    throw new FileError(
      path,
      `begins with ${header.join(",").slice(0, 80)}; ${unit}, the output's axes, ${contribution} and perhaps ${standardError}, ${low} and ${high} were expected`,
    );
  }
  if (rows.length === 0) throw new FileError(path, "has no rows");
  const odd = rows.findIndex(({ length }) => length !== header.length);
  if (odd >= 0)
    throw new FileError(path, `row ${odd} has ${rows[odd].length} cells, there are ${header.length} columns`);
  // Row-major: the last row says how long every axis is.
  const outputShape = (rows.at(-1) as string[]).slice(1, 1 + axes).map((cell) => {
    if (/^\d{1,9}$/.test(cell)) return Number(cell) + 1;
    throw new FileError(path, `row ${rows.length - 1} has the index ${cell.slice(0, 80)}`);
  });
  const outputs = outputSize(outputShape);
  const units = rows.filter((_, r) => r % outputs === 0).map(([name]) => name);
  if (rows.length !== units.length * outputs) {
    throw new FileError(path, `has ${rows.length} rows, its indices say ${outputs} for each unit`);
  }
  const values = new Float64Array(rows.length);
  const standardErrors = withErrors ? new Float64Array(rows.length) : undefined;
  rows.forEach((row, r) => {
    let rest = r % outputs;
    for (let axis = axes - 1; axis >= 0; axis--) {
      const index = rest % outputShape[axis];
      rest = Math.floor(rest / outputShape[axis]);
      if (row[1 + axis] !== String(index)) {
        throw new FileError(
          path,
          `row ${r} has ${header[1 + axis]} ${row[1 + axis].slice(0, 80)}; ${index} was expected`,
        );
      }
    }
    const name = units[Math.floor(r / outputs)];
    if (row[0] !== name)
      throw new FileError(path, `row ${r} is of unit ${row[0].slice(0, 80)}; ${name.slice(0, 80)} was expected`);
    values[r] = numberAt(row[1 + axes], `row ${r}`, path);
    if (standardErrors)
      standardErrors[r] = row[2 + axes] === "NaN" ? Number.NaN : numberAt(row[2 + axes], `row ${r}`, path);
  });
  const degrees = withIntervals ? degreesOf(rows, axes, standardErrors, path) : undefined;
  const provenance = degrees === undefined ? {} : { degrees_of_freedom: degrees };
  try {
    return new ShapleyModes({ units, outputShape, values, standardErrors, provenance });
  } catch (cause) {
    throw new FileError(path, (cause as Error).message, { cause });
  }
}

function numberAt(cell: string, where: string, path: string): number {
  const number = numberOf(cell);
  if (number !== undefined) return number;
  throw new FileError(path, `${where}: no number (${cell.slice(0, 80)})`);
}

/**
 * How far an interval's ends may be from what its length elsewhere says, in shares of its half: a file may have been
 * rounded.
 */
const roundedEnds = 0.01;
/** Below it a number has fewer digits than others. */
const leastError = 1e-300;

/**
 * What the intervals' length says, by the row in which rounding costs least; undefined where that is of a normal
 * distribution.
 *
 * @throws FileError for an interval that is not as many standard errors long on either side as the others
 */
function degreesOf(
  rows: readonly (readonly string[])[],
  axes: number,
  errors: Float64Array | undefined,
  path: string,
): number | undefined {
  const intervals = rows.flatMap((row, r) => {
    const [value, low, high] = [numberOf(row[1 + axes]), numberOf(row[3 + axes]), numberOf(row[4 + axes])];
    const error = errors?.[r] ?? Number.NaN;
    return error > 0 && value !== undefined && low !== undefined && high !== undefined
      ? [{ r, value, error, low, high }]
      : [];
  });
  if (intervals.length === 0) return undefined;
  const loss = ({ low, high, error }: (typeof intervals)[number]) => Math.max(Math.abs(low), Math.abs(high)) / error;
  const plain = intervals.filter(({ error }) => error > leastError);
  const best = (plain.length > 0 ? plain : intervals).reduce((least, row) => (loss(row) < loss(least) ? row : least));
  const factor = (best.high - best.low) / 2 / best.error;
  for (const { r, value, error, low, high } of intervals) {
    if (!(error > leastError && Math.abs(value) < 1e6 * error)) continue; // rounding leaves too little of the interval
    const half = factor * error;
    const room = roundedEnds * Math.abs(half) + 1e-6 * Math.abs(value);
    if (half > 0 && Math.abs(value - half - low) <= room && Math.abs(value + half - high) <= room) continue;
    throw new FileError(
      path,
      `row ${r}: no interval of so many standard errors as the others (${low} to ${high} of ${value} ± ${error})`,
    );
  }
  return degreesOfFactor(factor);
}
