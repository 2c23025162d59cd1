import type { Steps } from "../../pace.js";
import type { Fit } from "./fit.js";
import { backwards, factorise, forwards } from "./linear.js";

/** Sums over some pairs. */
export interface PairSums {
  /** Gram matrix of the columns, weighted, `[columns, columns]`. */
  readonly gram: Float64Array;
  /** Products of the columns with weighted residuals, `[columns, outputs]`. */
  readonly right: Float64Array;
}

/** Least importance of a unit, in shares of the largest: one that does little by itself may do something together with others. */
const leastImportance = 1e-3;

/**
 * How much each unit matters by itself, the largest 1: the root of the sum over outputs of its coefficient's square, in shares of the variance of what
 * the terms of size leave. Units that matter more interact more; where few do most (networks trained with L1), that tells triples from chance.
 *
 * @param fit of all pairs
 * @param sums over the pairs that are to be looked at, of the fit's residuals: least squares there differ from it by what these say
 */
export function* importancesOf(fit: Fit, sums: PairSums, units: number, scales: Float64Array): Steps<Float64Array> {
  const outputs = scales.length;
  const size = sums.right.length / outputs;
  const factor = yield* factorise(sums.gram, size);
  const change = yield* backwards(factor, yield* forwards(factor, sums.right.slice(), outputs), outputs);
  const importances = new Float64Array(units);
  let largest = 0;
  for (let u = 0; u < units; u++) {
    for (let o = 0; o < outputs; o++) {
      const at = u * outputs + o;
      if (scales[o] > 0) importances[u] += (fit.coefficients[at] + change[at]) ** 2 / scales[o];
    }
    importances[u] = Math.sqrt(importances[u]);
    largest = Math.max(largest, importances[u]);
  }
  return importances.map((own) => (largest > 0 ? Math.max(leastImportance, own / largest) : 1));
}
