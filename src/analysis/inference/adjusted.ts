import { oneOf, wrongKind } from "../../errors.js";
import { isNumbers } from "../../kinds.js";

/** Corrections of {@link adjustedPValues}. */
export const corrections = ["holm", "benjamini-hochberg"] as const;
/** One of {@link corrections}. */
export type Correction = (typeof corrections)[number];

/**
 * p values corrected for their number, in the same order. `holm` (Holm 1979): those up to 5 % hold, with 95 %
 * probability, all of them, whatever depends on what. `benjamini-hochberg` (Benjamini and Hochberg 1995): of those up
 * to 5 %, on average at most 5 % are false, for tests that are independent or positively dependent. A NaN counts as no
 * test and stays.
 *
 * @throws TypeError, RangeError for numbers that are no p values, and for another correction
 * @example
 * adjustedPValues([0.01, 0.04, 0.03], "holm"); // [0.03, 0.06, 0.06]
 */
export function adjustedPValues(p: ArrayLike<number>, correction: Correction = "holm"): Float64Array {
  isNumbers("p", p);
  oneOf("correction", corrections, correction);
  const values = Float64Array.from(p);
  const odd = values.find((value) => value < 0 || value > 1);
  if (odd !== undefined) throw wrongKind("p", "numbers from 0 to 1", odd);
  const order = Array.from(values.keys())
    .filter((i) => !Number.isNaN(values[i]))
    .sort((a, b) => values[a] - values[b]);
  const count = order.length;
  const adjusted = values.slice();
  if (correction === "holm") {
    let most = 0;
    order.forEach((i, rank) => {
      most = Math.max(most, Math.min(1, (count - rank) * values[i]));
      adjusted[i] = most;
    });
    return adjusted;
  }
  let least = 1;
  for (let rank = count - 1; rank >= 0; rank--) {
    least = Math.min(least, (values[order[rank]] * count) / (rank + 1));
    adjusted[order[rank]] = least;
  }
  return adjusted;
}
