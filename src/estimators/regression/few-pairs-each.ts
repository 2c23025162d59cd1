import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { errorsOf, lessEqualShares, regressionsOfFew } from "./few-pairs.js";
import { columnsOf, type Regression, setColumns } from "./fit.js";
import { makeEfficient, type Outcome, rooted } from "./outcome.js";
import { noticeableRidge, Rounding } from "./rounding.js";
import { blocksOfTargets, type Targets } from "./targets.js";

/** Arrays of the targets' size that are in memory at a time. */
const copies = 7;

/**
 * The estimate of few pairs for a part of a game's outputs: each output is held back as far as predicts its own pairs
 * well, so that it has the same numbers whichever others are played with it. Standard errors of means over the outputs
 * are the means of theirs, which are never too small.
 *
 * @param total v(all) - v(none), `[outputs]`
 */
export function* outcomeOfEach(
  design: Design,
  targets: Targets,
  total: Float64Array,
): Steps<{ readonly outcome: Outcome; readonly regression: Regression; readonly heldBack: boolean }> {
  const { units, pairs } = design;
  const { outputs } = targets;
  const regressions = yield* regressionsOfFew(design);
  const [first] = regressions;
  const values = new Float64Array(units * outputs);
  const standardErrors = new Float64Array(units * outputs);
  const rounding = new Rounding();
  let heldBack = false;
  for (const { from, to } of blocksOfTargets(targets, copies)) {
    const width = to - from;
    const own = targets.read(from, to);
    const block = { total: total.subarray(from, to), left: lessEqualShares(design, own, total.subarray(from, to)) };
    const chosen = yield* chosenOf(regressions, block.left, width);
    const ofBlock = {
      values: new Float64Array(units * width),
      variances: new Float64Array(units * width),
      residuals: new Float64Array(pairs * width),
    };
    for (const regression of new Set(chosen)) {
      const columns = Array.from(chosen.keys()).filter((o) => chosen[o] === regression);
      const fit = yield* regression.fit("size", columnsOf(block.left, width, columns), columns.length);
      const sums = new Float64Array(pairs); // of no use: they are of outputs with other regressions too
      const variances = yield* regression.precision.variances(fit, columns.length, sums);
      setColumns(ofBlock.values, width, columns, fit.values);
      setColumns(ofBlock.variances, width, columns, variances);
      setColumns(ofBlock.residuals, width, columns, fit.residuals);
      heldBack ||= regression.ridge >= noticeableRidge;
    }
    makeEfficient(ofBlock.values, block.total, units);
    const ridges = chosen.map(({ ridge }) => ridge);
    rounding.add(ofBlock.variances, own, ofBlock.residuals, block.total, ridges);
    rooted(ofBlock.variances);
    for (let u = 0; u < units; u++) {
      values.set(ofBlock.values.subarray(u * width, (u + 1) * width), u * outputs + from);
      standardErrors.set(ofBlock.variances.subarray(u * width, (u + 1) * width), u * outputs + from);
    }
  }
  const meanStandardErrors = new Float64Array(units);
  standardErrors.forEach((error, i) => {
    meanStandardErrors[Math.floor(i / outputs)] += error / outputs;
  });
  const degrees = pairs - first.unknowns("size");
  rounding.forget(standardErrors, meanStandardErrors, degrees);
  return { outcome: { values, standardErrors, meanStandardErrors, degrees, rounding }, regression: first, heldBack };
}

/** The ridge of outputs whose pairs do not clearly ask for another one. */
const usualRidge = 0.1;
/**
 * Share of the error with the usual ridge below which another one is taken: of a single output the best of seven is
 * often so by chance. Variances were 1.0 to 1.6 times those with one ridge for all outputs (games of 8 to 12 units).
 */
const clearly = 0.7;

/** For each output the regression that predicts its pairs clearly better than that with the usual ridge, or that. */
function* chosenOf(regressions: readonly Regression[], left: Float64Array, outputs: number): Steps<Regression[]> {
  const usual = regressions.find(({ ridge }) => ridge === usualRidge) as Regression;
  const chosen = new Array<Regression>(outputs).fill(usual);
  const least = (yield* errorsOf(usual, left, outputs)).map((error) => clearly * error);
  for (const regression of regressions) {
    const errors = yield* errorsOf(regression, left, outputs);
    for (let o = 0; o < outputs; o++) {
      if (!(errors[o] < least[o])) continue;
      chosen[o] = regression;
      least[o] = errors[o];
    }
  }
  return chosen;
}
