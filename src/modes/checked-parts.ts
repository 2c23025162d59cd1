import { invalid } from "../errors.js";
import { nonFinite } from "../games/value.js";
import type { ModeBlocks } from "./mode-blocks.js";

/** @throws RangeError for another length */
export function ofLength(name: string, array: Float64Array | undefined, length: number): Float64Array | undefined {
  if (array && array.length !== length) throw invalid(name, `${length} numbers`, array);
  return array;
}

/** @throws RangeError for another length, and for a number that is not finite */
export function checkedValues(name: string, values: Float64Array, length: number): Float64Array {
  ofLength(name, values, length);
  if (nonFinite(values, 0, length)) throw invalid(name, "finite numbers", values.find(isNotFinite));
  return values;
}

/** @throws RangeError for another length, and for a standard error below 0; NaN is one that is not known */
export function checkedErrors(
  name: string,
  errors: Float64Array | undefined,
  length: number,
): Float64Array | undefined {
  const bad = ofLength(name, errors, length)?.find((error) => error < 0);
  if (bad !== undefined) throw invalid(name, "numbers from 0 on", bad);
  return errors;
}

/**
 * @throws RangeError for blocks without samples, or whose values are not one for each number of the modes, and finite
 */
export function checkedBlocks(blocks: ModeBlocks | undefined, size: number): ModeBlocks | undefined {
  if (!blocks) return undefined;
  const { samples, values } = blocks;
  const empty = samples.find((count) => !(count > 0 && count < Number.POSITIVE_INFINITY));
  if (empty !== undefined) throw invalid("samples of blocks", "positive numbers", empty);
  checkedValues("values of blocks", values, samples.length * size);
  return blocks;
}

function isNotFinite(value: number): boolean {
  return !Number.isFinite(value);
}
