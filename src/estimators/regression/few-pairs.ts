import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { Regression } from "./fit.js";
import { leastFreedom } from "./precision.js";
import { sizeTerms } from "./size-terms.js";
import { blocksOfTargets, type Targets } from "./targets.js";

/** Pairs for each unit below which least squares alone are worse than values held back. */
export const fewPairsPerUnit = 2;

/**
 * Ridges that are tried, in shares of the diagonal; the first only where the pairs are enough without, and exact for a
 * game of pair interactions.
 */
const ridges = [0, 1e-6, 1e-3, 3e-3, 0.01, 0.03, 0.1];

/** Arrays of the targets' size that a fit takes. */
const copies = 5;

/**
 * The regression for few pairs: least squares hardly have more pairs than unknowns then, and magnify what these can not
 * say. The values are held back towards equal shares of v(all) - v(none) ({@link lessEqualShares}), as far as predicts
 * each pair best from all others. What depends on size alone is not held back: a few unknowns, which take out much.
 *
 * @param total v(all) - v(none), `[outputs]`
 */
export function* regressionOfFew(
  design: Design,
  targets: Targets,
  total: Float64Array,
): Steps<{ readonly regression: Regression; readonly ridge: number }> {
  let best: { regression: Regression; ridge: number; error: number } | undefined;
  for (const regression of yield* regressionsOfFew(design)) {
    let error = 0;
    for (const { from, to } of blocksOfTargets(targets, copies)) {
      const own = total.subarray(from, to);
      for (const each of yield* errorsOf(regression, lessEqualShares(design, targets.read(from, to), own), to - from)) {
        error += each;
      }
    }
    if (!best || error < best.error) best = { regression, ridge: regression.ridge, error };
  }
  return best as NonNullable<typeof best>;
}

/** Least squares with each of the ridges that are tried. */
export function* regressionsOfFew(design: Design): Steps<readonly Regression[]> {
  const terms = sizeTerms(design, "size");
  const tried = design.pairs < terms.columns + leastFreedom ? ridges.slice(1) : ridges;
  const regressions: Regression[] = [];
  for (const ridge of tried) regressions.push(yield* Regression.of(design, terms, ridge, regressions[0]?.gram));
  return regressions;
}

/** How well a regression predicts each pair from all others, by output. @param left targets less equal shares */
export function* errorsOf(regression: Regression, left: Float64Array, outputs: number): Steps<Float64Array> {
  const fit = yield* regression.fit("size", left, outputs);
  return yield* regression.precision.crossValidation(fit, squaresOf(regression.design, left, outputs));
}

/**
 * With equal shares a unit adds total / n, and a pair's target is that times (|S| - |complement|) / 2 = -n t / 2: the
 * targets without it.
 */
export function lessEqualShares({ t }: Design, targets: Float64Array, total: Float64Array): Float64Array {
  const outputs = total.length;
  return targets.map((target, i) => target + (total[i % outputs] * t[Math.floor(i / outputs)]) / 2);
}

/** Weighted sums of squares of each output. */
function squaresOf({ weights }: Design, targets: Float64Array, outputs: number): Float64Array {
  const squares = new Float64Array(outputs);
  targets.forEach((target, i) => {
    squares[i % outputs] += weights[Math.floor(i / outputs)] * target * target;
  });
  return squares;
}
