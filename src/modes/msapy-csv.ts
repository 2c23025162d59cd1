import { FileError } from "../errors.js";
import { outputSize } from "../games/game.js";
import { isText } from "../kinds.js";
import { cellsOf, linesOf, numberOf } from "./csv.js";
import { meanOfOrderings } from "./msapy-table.js";
import { ShapleyModes } from "./shapley-modes.js";
import { toMsapyCsv } from "./to-msapy-csv.js";

export { toMsapyCsv };

/**
 * Reads a CSV file of msapy 1.7.3:
 *
 * - Shapley Modes (`ShapleyModeND`, and what {@link toMsapyCsv} writes): `#shape=10`, `,unit,unit,...`, a row per
 *   output. A file of scalar modes has an empty `#shape=` line, or none, and one row.
 * - A table of every ordering's contributions to several outputs (`ShapleyTableND`): `#shape=10`, `,ND,unit,...`, a row
 *   per ordering and output. The modes are the means over the orderings.
 * - The same for one output (`ShapleyTable`): no shape, `unit,unit,...` without a cell in front, a row per ordering.
 *
 * The means of a table have standard errors: of n orderings drawn independently, their standard deviation divided by
 * sqrt(n).
 *
 * @param path is named in errors
 * @throws FileError for a file of another kind, a last line without a line break, a row whose index is not its number,
 *   a number that is none
 */
export function fromMsapyCsv(text: string, path = "modes.csv"): ShapleyModes {
  isText("text", text, "a text");
  const lines = linesOf(text, path);
  const shapeLine = lines[0]?.startsWith("#shape=") ? (lines.shift() as string) : undefined;
  const outputShape = shapeOf(shapeLine ?? "#shape=", path);
  const outputs = outputSize(outputShape);
  const [header, ...rows] = lines.map((line, l) => {
    const cells = cellsOf(line);
    if (cells) return cells;
    throw new FileError(path, `has quotes that do not close in line ${l + (shapeLine === undefined ? 1 : 2)}`);
  });
  if (!header) throw new FileError(path, "has no line with the units' names");
  const indices = indexColumns(header, rows, shapeLine !== undefined, outputs, path);
  const units = header.slice(indices);
  if (units.length === 0) throw new FileError(path, "has no line with the units' names");
  const values = numbersOf(rows, indices, units, path);
  const isTable = indices !== 1;
  if (indices === 0 && units.length < 2)
    throw new FileError(path, "has a single column, which is no ShapleyTable of msapy");
  const orderings = rows.length / outputs;
  if (isTable ? !Number.isInteger(orderings) || orderings < 1 : orderings !== 1) {
    throw new FileError(
      path,
      `has ${rows.length} rows, its shape says ${outputs}${isTable ? " for each ordering" : ""}`,
    );
  }
  checkIndices(rows, indices, outputs, path);
  try {
    if (isTable) return meanOfOrderings({ units, outputShape, orderings, values });
    const byUnit = Float64Array.from(values, (_, i) => values[(i % outputs) * units.length + Math.floor(i / outputs)]);
    return new ShapleyModes({ units, outputShape, values: byUnit });
  } catch (cause) {
    throw new FileError(path, (cause as Error).message, { cause });
  }
}

/** The lengths in a shape line: `#shape=3,64,64`, `#shape=(10,)`, or none. */
function shapeOf(line: string, path: string): number[] {
  const text = line.slice("#shape=".length).replace(/^\s*[([]|[)\]]\s*$/g, "");
  const parts = text.replace(/,\s*$/, "").split(",");
  if (parts.length === 1 && parts[0].trim() === "") return [];
  const lengths = parts.map((part) => (/^\s*[1-9]\d*\s*$/.test(part) ? Number(part) : Number.NaN));
  if (lengths.every(Number.isSafeInteger) && Number.isSafeInteger(outputSize(lengths))) return lengths;
  throw new FileError(path, `line 1 gives no shape: ${line.slice(0, 80)}`);
}

/** Names that versions of msapy gave to the index of the output in a table of orderings. */
const outputIndex = ["ND", "mode_size", "pixel_id", "timestamps"];

/** How many columns in front of the units hold indices: of the output, of the ordering, or of both. */
function indexColumns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  shaped: boolean,
  outputs: number,
  path: string,
): 0 | 1 | 2 {
  const [first, second] = header;
  if (first === "" && second === "") {
    throw new FileError(
      path,
      "is a table of several scores (ShapleyTableMultiScores); save get_shapley_table_score of one",
    );
  }
  const isTable = first === "" && outputIndex.includes(second);
  // A unit may be called ND: its numbers are no indices then.
  if (isTable && shaped && rows.every((row, r) => row[1] === String(r % outputs))) return 2;
  if (isTable && !shaped) throw new FileError(path, "is a ShapleyTableND without its #shape= line");
  if (first === "" || outputIndex.includes(first)) {
    if (shaped || rows.length < 2) return 1;
    const unclear = "modes of several outputs, or contributions of several orderings";
    throw new FileError(
      path,
      `has no #shape= line, so that its rows may be ${unclear}; msapy's save_as_csv tells them apart`,
    );
  }
  if (!shaped) return 0;
  throw new FileError(path, `line 2 begins with ${JSON.stringify(first.slice(0, 80))}; an empty cell was expected`);
}

/** The numbers of all rows, `[rows, units]`. */
function numbersOf(
  rows: readonly (readonly string[])[],
  indices: number,
  units: readonly string[],
  path: string,
): Float64Array {
  const values = new Float64Array(rows.length * units.length);
  rows.forEach((row, r) => {
    const numbers = row.length - indices;
    if (numbers !== units.length) {
      throw new FileError(path, `row ${r} has ${numbers} numbers, there are ${units.length} units`);
    }
    units.forEach((name, u) => {
      const number = numberOf(row[indices + u].trim());
      if (number === undefined) {
        throw new FileError(path, `row ${r}, unit ${name.slice(0, 80)}: no number (${row[indices + u].slice(0, 80)})`);
      }
      values[r * units.length + u] = number;
    });
  });
  return values;
}

/** Checks that each row has its number as its index: one in another order, or of something else, is no mode. */
function checkIndices(rows: readonly (readonly string[])[], indices: number, outputs: number, path: string): void {
  rows.forEach((row, r) => {
    const expected = indices === 2 ? [Math.floor(r / outputs), r % outputs] : indices === 1 ? [r] : [];
    if (expected.every((index, i) => row[i] === String(index))) return;
    const found = row.slice(0, indices).join(",").slice(0, 80);
    throw new FileError(path, `row ${r} has the index ${found}; ${expected.join(",")} was expected`);
  });
}
