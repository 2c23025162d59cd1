import { adjustedPValues } from "../inference/adjusted.js";
import type { RandomComparison } from "./random-sets.js";

/**
 * p values corrected for the number of lesions that were compared with random sets on the same faces; NaN where there
 * are no other sets.
 */
export interface CorrectedP {
  /** By Holm: of the lesions up to 0.05 none is a matter of chance, with a probability of 95 %. */
  readonly holm: number;
  /** By Benjamini and Hochberg: of the lesions up to 0.05 at most 5 % are, on average. */
  readonly benjaminiHochberg: number;
  /** What it would be if the lesion were more selective than all of the other sets: above 0.05 it could not pass. */
  readonly leastBenjaminiHochberg: number;
}

/**
 * The same comparisons, their p values corrected for their number. Where there is nothing to compare with there is no
 * test.
 */
export function correctedComparisons(comparisons: readonly RandomComparison[]): (RandomComparison & CorrectedP)[] {
  const p = comparisons.map((random) => (random.sets > 0 ? random.p : Number.NaN));
  const holm = adjustedPValues(p, "holm");
  const benjaminiHochberg = adjustedPValues(p, "benjamini-hochberg");
  return comparisons.map((random, at) => ({
    ...random,
    holm: holm[at],
    benjaminiHochberg: benjaminiHochberg[at],
    leastBenjaminiHochberg: adjustedPValues(
      p.with(at, random.sets > 0 ? random.leastP : Number.NaN),
      "benjamini-hochberg",
    )[at],
  }));
}
