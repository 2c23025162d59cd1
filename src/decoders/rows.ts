import type { Stretch } from "./attention.js";
import { takeArray } from "./spare-arrays.js";

/** Fewer numbers than these are copied one by one: a view of them is an object more for the collector of garbage. */
const short = 64;

/** Copies so many numbers from a place in an array to one in another. */
export function copyNumbers(from: Float32Array, at: number, to: Float32Array, place: number, count: number): void {
  if (count >= short) to.set(from.subarray(at, at + count), place);
  else for (let i = 0; i < count; i++) to[place + i] = from[at + i];
}

/**
 * Rows of some vectors, one after the other, in an array that may be given back; the vectors themselves where these are
 * all of their rows in their order. A row may be asked for more than once.
 */
export function gatheredRows(vectors: Float32Array, rows: ArrayLike<number>, width: number): Float32Array {
  const { length } = rows;
  if (length * width === vectors.length && isCounted(rows)) return vectors;
  const some = takeArray(length * width);
  for (let i = 0; i < length; i++) copyNumbers(vectors, rows[i] * width, some, i * width, width);
  return some;
}

/** Whether numbers are 0, 1, 2 and so on. */
function isCounted(rows: ArrayLike<number>): boolean {
  for (let i = 0; i < rows.length; i++) if (rows[i] !== i) return false;
  return true;
}

/** The rows of some stretches, in their order. */
export function rowsIn(stretches: readonly Stretch[]): Int32Array {
  const rows = new Int32Array(stretches.reduce((sum, { count }) => sum + count, 0));
  let at = 0;
  for (const { row, count } of stretches) for (let i = 0; i < count; i++) rows[at++] = row + i;
  return rows;
}

/** The rows of a stretch from a position of its sequence on; none where it ends before that. */
export function tailOf({ row, from, count }: Stretch, position: number): Stretch {
  const skipped = Math.min(count, Math.max(0, position - from));
  return { row: row + skipped, from: from + skipped, count: count - skipped };
}
