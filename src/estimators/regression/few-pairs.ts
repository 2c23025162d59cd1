import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { type Fit, leastFreedom, Regression } from "./fit.js";
import { sizeTerms } from "./size-terms.js";

/** Pairs for each unit below which least squares alone are worse than values held back. */
export const fewPairsPerUnit = 2;

/** Ridges that are tried, in shares of the diagonal; the first only where the pairs are enough without, and exact for a game of pair interactions. */
const ridges = [0, 1e-6, 1e-3, 3e-3, 0.01, 0.03, 0.1];

/**
 * Shapley values from few pairs: least squares hardly have more pairs than unknowns then, and magnify what these can not say. The values
 * are held back towards equal shares of v(all) - v(none), as far as predicts each pair best from all others. What depends on size alone is not held
 * back: a few unknowns, which take out much.
 *
 * @param targets `[pairs, outputs]`
 * @param total v(all) - v(none), `[outputs]`
 */
export function* fitFewPairs(
  design: Design,
  targets: Float64Array,
  total: Float64Array,
): Steps<{ readonly regression: Regression; readonly fit: Fit; readonly ridge: number }> {
  const outputs = total.length;
  // With equal shares a unit adds total / n, and a pair's target is that times (|S| - |complement|) / 2 = -n t / 2.
  const left = targets.map((target, i) => target + (total[i % outputs] * design.t[Math.floor(i / outputs)]) / 2);
  const scales = new Float64Array(outputs);
  left.forEach((target, i) => {
    scales[i % outputs] += design.weights[Math.floor(i / outputs)] * target * target;
  });
  const terms = sizeTerms(design, "size");
  const tried = design.pairs < terms.columns + leastFreedom ? ridges.slice(1) : ridges;
  const first = yield* Regression.of(design, terms, tried[0]);
  let best: { regression: Regression; fit: Fit; ridge: number; error: number } | undefined;
  for (const ridge of tried) {
    const regression = ridge === tried[0] ? first : yield* Regression.of(design, terms, ridge, first.gram);
    const fit = yield* regression.fit("size", left, outputs);
    const error = yield* regression.crossValidation(fit, scales);
    if (!best || error < best.error) best = { regression, fit, ridge, error };
  }
  return best as NonNullable<typeof best>;
}
