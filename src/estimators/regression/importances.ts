import type { Steps } from "../../pace.js";
import { backwards, type Factor, forwards } from "./linear.js";

/**
 * Least importance of a unit, in shares of the largest: one that does little by itself may do something together with
 * others.
 */
const leastImportance = 1e-3;

/**
 * Adds to each unit the squares of its coefficients in least squares on some pairs, each output in shares of the
 * variance of what the terms of size leave.
 *
 * @param coefficients of a fit of all pairs
 * @param factor of the pairs that are to be looked at
 * @param right products of the columns with that fit's weighted residuals, summed over these pairs: what least squares
 *   there differ by
 * @param squares `[units]`
 */
export function* addSquaredCoefficients(
  coefficients: Float64Array,
  factor: Factor,
  right: Float64Array,
  scales: Float64Array,
  squares: Float64Array,
): Steps<void> {
  const outputs = scales.length;
  const change = yield* backwards(factor, yield* forwards(factor, right.slice(), outputs), outputs);
  for (let u = 0; u < squares.length; u++) {
    for (let o = 0; o < outputs; o++) {
      const at = u * outputs + o;
      if (scales[o] > 0) squares[u] += (coefficients[at] + change[at]) ** 2 / scales[o];
    }
  }
}

/**
 * How much each unit matters by itself, the largest 1: the root of the sum over outputs of its coefficient's square.
 * Units that matter more interact more; where few do most (networks trained with L1), that tells triples from chance.
 *
 * @param squares that {@link addSquaredCoefficients} added up
 */
export function importancesOf(squares: Float64Array): Float64Array {
  const importances = squares.map(Math.sqrt);
  const largest = importances.reduce((most, own) => Math.max(most, own), 0);
  return importances.map((own) => (largest > 0 ? Math.max(leastImportance, own / largest) : 1));
}
