import { isIntact } from "../../coalitions/coalition.js";
import type { ComplementPairs } from "../../coalitions/complement-pairs.js";

/**
 * Pairs of complements as rows of a weighted regression. Row s has x_i = -1 for the units of S, 1 for all others, and
 * t, the mean of x; its target is (v(S) - v(complement)) / 2, which is odd in x.
 */
export interface Design {
  readonly units: number;
  readonly pairs: number;
  /** x, `[pairs, units]`. */
  readonly x: Float64Array;
  /** Mean of x, by pair. */
  readonly t: Float64Array;
  /** Size of S, by pair: of the smaller of the two. */
  readonly sizes: Uint32Array;
  /** Weight of each row, the largest 1. */
  readonly weights: Float64Array;
  /**
   * 1 - the probability with which the pair was drawn: share of the variance that is left where pairs are drawn without
   * replacement.
   */
  readonly undrawn: Float64Array;
}

/**
 * The first pairs of a sample as a design. The regression over all pairs has weights 1 / (C(n, k) k (n - k)), k = |S|,
 * and its solution are the Shapley values (Charnes et al. 1988). A pair that was drawn with probability p stands for 1
 * / p; p is m / C(n, k) where m pairs of the size are expected, so C(n, k), which overflows at 1030 units, is in no
 * weight: 1 / (k (n - k) m), and half of it for k = n / 2, whose pairs are two coalitions of one size.
 *
 * @param count pairs to take; default all
 */
export function designOf(pairs: ComplementPairs, count = pairs.sizes.length): Design {
  const { units } = pairs.sets;
  const share = count / pairs.sizes.length;
  const weights = pairs.expected.map((mean, size) =>
    size === 0 || mean === 0 ? 0 : (2 * size === units ? 0.5 : 1) / (size * (units - size) * mean),
  );
  let top = 0;
  for (let s = 0; s < count; s++) top = Math.max(top, weights[pairs.sizes[s]]);
  const design = {
    units,
    pairs: count,
    x: new Float64Array(count * units),
    t: new Float64Array(count),
    sizes: pairs.sizes.slice(0, count),
    weights: new Float64Array(count),
    undrawn: new Float64Array(count),
  };
  for (let s = 0; s < count; s++) {
    const size = pairs.sizes[s];
    for (let u = 0; u < units; u++) design.x[s * units + u] = isIntact(pairs.sets, s, u) ? -1 : 1;
    design.t[s] = (units - 2 * size) / units;
    design.weights[s] = weights[size] / top;
    design.undrawn[s] = 1 - pairs.inclusion[size] * share;
  }
  return design;
}
