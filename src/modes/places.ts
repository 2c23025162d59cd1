import { invalid } from "../errors.js";

/*
 * Where things lie in numbers with a row for each unit or set, and in each row the outputs, row-major: what modes and
 * interactions have in common.
 */

/** The index of a unit, by name or index. @throws RangeError where there is none */
export function unitIndex(units: readonly string[], unit: string | number): number {
  const index = typeof unit === "number" ? unit : units.indexOf(unit);
  if (!Number.isInteger(index) || index < 0 || index >= units.length) {
    throw invalid("unit", `the name of a unit or an index from 0 to ${units.length - 1}`, unit);
  }
  return index;
}

/** The place of an output in its row, by its indices in the output's shape. @throws RangeError for others */
export function outputPlace(shape: readonly number[], indices: readonly number[]): number {
  const fits = indices.length === shape.length;
  if (!fits || indices.some((i, d) => !Number.isInteger(i) || i < 0 || i >= shape[d])) {
    throw invalid("output", `indices into shape [${shape.join(", ")}]`, indices);
  }
  return indices.reduce((place, i, d) => place * shape[d] + i, 0);
}

/** What all rows hold at one place; undefined for numbers that are not known. */
export function column(numbers: Float64Array | undefined, outputs: number, place: number): Float64Array | undefined {
  return numbers && Float64Array.from({ length: numbers.length / outputs }, (_, row) => numbers[row * outputs + place]);
}

/** The mean of each row. */
export function rowMeans(numbers: Float64Array, outputs: number): Float64Array {
  return Float64Array.from({ length: numbers.length / outputs }, (_, row) => {
    let sum = 0;
    for (let o = 0; o < outputs; o++) sum += numbers[row * outputs + o];
    return sum / outputs;
  });
}
