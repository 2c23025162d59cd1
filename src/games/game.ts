import type { Coalitions, Ordering } from "../coalitions/coalition.js";
import type { JsonObject } from "../json.js";

/** Values of a batch of coalitions, row after row: `[batch, ...outputShape]`. */
export type Values = Float64Array | Float32Array;

/**
 * A cooperative game v: what a network does when only the units of a coalition are intact and all others are
 * lesioned. Its players are units, its value has any shape: a score, one score per class, logits, images.
 */
export interface Game {
  /** Unique names of the units, e.g. `hidden/17` or `L17/E7`. */
  readonly units: readonly string[];
  /** Shape of v(S); `[]` for a number. */
  readonly outputShape: readonly number[];
  /** What is played, in words and numbers that do not change from run to run: score, lesion, checksums, backend. */
  readonly provenance?: JsonObject;
  /** v of each coalition of a batch. The array may be used again at the next call: copy what is to be kept. */
  evaluate(coalitions: Coalitions): Promise<Values>;
  /**
   * The fast path, where there is one: brings the units back one by one in the given order, starting with all
   * lesioned, and calls `visit(rank, values)` after the unit `ordering[rank]` has come back, with v of the units
   * `ordering[0..rank]`. The values are only good during the call. Same values as `evaluate`.
   */
  walk?(ordering: Ordering, visit: (rank: number, values: Values) => void): void | Promise<void>;
}

/** How many numbers v(S) has. */
export function outputSize(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
