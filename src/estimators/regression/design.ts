import { isIntact } from "../../coalitions/coalition.js";
import type { ComplementPairs } from "../../coalitions/complement-pairs.js";

/**
 * Pairs of complements as rows of a weighted regression. Row s has x_i = -1 for the units of S, 1 for all others, and t, the mean of x;
 * its target is (v(S) - v(complement)) / 2, which is odd in x.
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
  /** 1 - the probability with which the pair was drawn: share of the variance that is left where pairs are drawn without replacement. */
  readonly undrawn: Float64Array;
}

/**
 * The first pairs of a sample as a design. The regression over all pairs has weights 1 / (C(n, k) k (n - k)), k = |S|, and its
 * solution are the Shapley values (Charnes et al. 1988); a pair that was drawn with probability p stands for 1 / p. Computed in logarithms, as
 * C(n, k) overflows at 1030 units.
 *
 * @param count pairs to take; default all
 */
export function designOf(pairs: ComplementPairs, count = pairs.sizes.length): Design {
  const { units } = pairs.sets;
  const share = count / pairs.sizes.length;
  const logWeights = logWeightsOf(units, pairs.inclusion);
  let top = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < count; s++) top = Math.max(top, logWeights[pairs.sizes[s]]);
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
    design.weights[s] = Math.exp(logWeights[size] - top);
    design.undrawn[s] = 1 - pairs.inclusion[size] * share;
  }
  return design;
}

/** Logarithms of 1 / (C(n, k) k (n - k) p_k), by size. */
function logWeightsOf(units: number, inclusion: Float64Array): Float64Array {
  let logChoose = 0;
  return inclusion.map((drawn, size) => {
    if (size === 0) return 0;
    logChoose += Math.log((units - size + 1) / size);
    return -logChoose - Math.log(size) - Math.log(units - size) - Math.log(drawn);
  });
}

/** Some pairs by their indices: every pair. */
export function everyPair({ pairs }: Design): Uint32Array {
  return Uint32Array.from({ length: pairs }, (_, s) => s);
}
