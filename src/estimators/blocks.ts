import type { Values } from "../games/game.js";

/** Outputs that are worked on at a time, at most: what is computed for them stays in the processor's nearest memory. */
export const mostOutputs = 4096;

/** Some outputs that follow each other: `from` to `to - 1`. */
export interface Block {
  readonly from: number;
  readonly to: number;
}

/**
 * Takes a unit's marginal contribution, block after block in ascending order: to the outputs from `from` on. The array
 * is used again at the next call.
 */
export type Fold = (unit: number, contribution: Float64Array, from: number) => void;

/** Outputs `from` to `to - 1` as blocks. */
export function blocksOf(from: number, to: number): Block[] {
  return blocksOfWidth(from, to, mostOutputs);
}

/** The same, of at most so many outputs each. */
export function blocksOfWidth(from: number, to: number, width: number): Block[] {
  return Array.from({ length: Math.ceil((to - from) / width) }, (_, block) => {
    const start = from + block * width;
    return { from: start, to: Math.min(to, start + width) };
  });
}

/**
 * What a block of values adds to those before, which they replace.
 *
 * @param values from `at` on; `previous` those before, from `from` on
 * @param contribution takes the differences; has the block's length
 * @returns a number that is finite where all values are: large ones do not cancel in it
 */
export function differences(
  values: Values,
  at: number,
  previous: Float64Array,
  from: number,
  contribution: Float64Array,
): number {
  let check = 0;
  for (let o = 0; o < contribution.length; o++) {
    const value = values[at + o];
    const difference = value - previous[from + o];
    previous[from + o] = value;
    contribution[o] = difference;
    check += Math.abs(difference);
  }
  return check;
}

/** {@link differences} with a weight, added up in `sums`, from `from` on. */
export function weightedDifferences(
  values: Values,
  at: number,
  previous: Float64Array,
  from: number,
  contribution: Float64Array,
  weight: number,
  sums: Float64Array,
): number {
  let check = 0;
  for (let o = 0; o < contribution.length; o++) {
    const value = values[at + o];
    const difference = (value - previous[from + o]) * weight;
    previous[from + o] = value;
    contribution[o] = difference;
    sums[from + o] += difference;
    check += Math.abs(difference);
  }
  return check;
}
