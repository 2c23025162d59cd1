import type { Steps } from "../../pace.js";
import type { Estimate } from "../estimator.js";
import { fitBeside, largerOf } from "./candidates.js";
import { lessEqualShares } from "./few-pairs.js";
import type { Fit, Regression } from "./fit.js";
import { folds } from "./folds.js";
import { Rounding } from "./rounding.js";
import type { SizeTermKind } from "./size-terms.js";
import { blocksOfTargets, type Targets } from "./targets.js";
import type { TripleAmount } from "./triple-amounts.js";
import { type CrossFit, spreadOfMeans, type TripleFits } from "./triple-fits.js";

/** The terms that an estimate is made with. */
export interface Used {
  /** With triples the kind with whose terms these were fitted. */
  readonly kind: SizeTermKind;
  /** Whether values are held back towards equal shares; default false. */
  readonly heldBack?: boolean;
  readonly triples?: {
    readonly amount: TripleAmount;
    readonly fits: TripleFits;
    /** What they say, where that is known of all outputs together. */
    readonly known: CrossFit | undefined;
  };
}

/** An estimate, and how many triples each fold has. */
export interface Outcome extends Estimate {
  readonly triples?: readonly number[];
  /** Pairs less unknowns, triples among them. */
  readonly degrees: number;
  readonly rounding: Rounding;
}

/** Arrays of the targets' size that are in memory at a time, without triples and with them. */
const copies = { size: 5, triples: 13 };

/** The estimate with the terms that were chosen, block after block. @param total v(all) - v(none), `[outputs]` */
export function* outcomeOf(
  regression: Regression,
  { kind, heldBack = false, triples }: Used,
  targets: Targets,
  total: Float64Array,
): Steps<Outcome> {
  const { design } = regression;
  const { pairs, outputs } = targets;
  const { units } = design;
  const values = new Float64Array(units * outputs);
  const standardErrors = new Float64Array(units * outputs);
  const sums = new Float64Array(pairs);
  const sumsOfOthers = new Float64Array(pairs);
  const sumsOfFolds = triples?.known?.sumsOfFolds ?? new Float64Array(triples ? folds * pairs : 0);
  const rounding = new Rounding(regression.ridge);
  const { precision } = regression;
  // Values that are held back are off by more than chance: longer errors have some of that in.
  const pooled = !triples && !heldBack && precision.few;
  let counts: readonly number[] | undefined;
  for (const { from, to } of blocksOfTargets(targets, triples ? copies.triples : copies.size)) {
    const width = to - from;
    const own = targets.read(from, to);
    let fit: Fit;
    let variances: Float64Array;
    if (triples) {
      const { fits, amount, known } = triples;
      const [said] = known
        ? [known]
        : yield* fits.of(yield* regression.fit(kind, own, width), width, [amount], [sumsOfFolds]);
      ({ fit, variances } = yield* fitBeside(regression, kind, own, width, said, sums, sumsOfOthers));
      for (let i = 0; i < fit.values.length; i++) fit.values[i] += said.values[i];
      counts = said.triples;
    } else {
      const left = heldBack ? lessEqualShares(design, own, total.subarray(from, to)) : own;
      fit = yield* regression.fit(kind, left, width);
      variances = yield* pooled ? precision.pooledVariances(fit, width, sums) : precision.variances(fit, width, sums);
    }
    makeEfficient(fit.values, total.subarray(from, to), units);
    rounding.add(variances, own, fit.residuals, total.subarray(from, to));
    rooted(variances);
    for (let u = 0; u < units; u++) {
      values.set(fit.values.subarray(u * width, (u + 1) * width), u * outputs + from);
      standardErrors.set(variances.subarray(u * width, (u + 1) * width), u * outputs + from);
    }
  }
  const ofMeans = yield* pooled
    ? precision.pooledMeanVariances(kind, sums, outputs)
    : precision.meanVariances(kind, sums, outputs);
  const spread = spreadOfMeans(sumsOfFolds, outputs);
  const meanVariances = triples
    ? largerOf(yield* precision.meanVariances(kind, sumsOfOthers, outputs, spread), ofMeans)
    : ofMeans;
  rounding.addToMeans(meanVariances, outputs);
  const meanStandardErrors = rooted(meanVariances);
  const degrees = pairs - regression.unknowns(kind) - Math.max(0, ...(counts ?? []));
  rounding.forget(standardErrors, meanStandardErrors, degrees);
  return {
    values,
    standardErrors,
    meanStandardErrors,
    degrees,
    rounding,
    ...(counts && { triples: counts }),
  };
}

/** Adds the same number to all units of an output, so that they add up to the total. */
export function makeEfficient(values: Float64Array, total: Float64Array, units: number): void {
  const outputs = total.length;
  for (let o = 0; o < outputs; o++) {
    let sum = 0;
    for (let u = 0; u < units; u++) sum += values[u * outputs + o];
    const missing = (total[o] - sum) / units;
    for (let u = 0; u < units; u++) values[u * outputs + o] += missing;
  }
}

/** Square roots in place; infinite variances are unknown ones. */
export function rooted(variances: Float64Array): Float64Array {
  for (let i = 0; i < variances.length; i++) {
    variances[i] = variances[i] === Number.POSITIVE_INFINITY ? Number.NaN : Math.sqrt(variances[i]);
  }
  return variances;
}
