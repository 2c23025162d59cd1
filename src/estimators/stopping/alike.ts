import type { Ends, Estimate } from "../estimator.js";
import { lostIn, meanOver, rankedBy } from "./measures.js";
import type { AccuracyRule } from "./until.js";

/**
 * Samples from which on a goal goes by errors of 0: where so many were alike, with a confidence of 95 % at most 5 in 100 others differ (rule of three,
 * Hanley and Lippman-Hand 1983). Of 16 it may be one in five.
 */
export const tellingSamples = 60;

/** Whether some contributions were the same in all samples, but for rounding, though units change the output. */
export interface Alike {
  /** Some number of some mode. */
  readonly numbers: boolean;
  /** Some unit's contribution averaged over the outputs. */
  readonly means: boolean;
}

export const noneAlike: Alike = { numbers: false, means: false };

/** Whether the error that a rule goes by knows nothing of samples that were not drawn. */
export function restsOnAlike(rule: AccuracyRule, { numbers, means }: Alike): boolean {
  return rule === "standardError" || rule === "relativeError" ? numbers : means;
}

/** What of an estimate from few samples was the same in all of them. */
export function alikeIn(estimate: Estimate, ends: Ends): Alike {
  const { all, none, single = false } = ends;
  const means = { all: Float64Array.of(meanOver(all)), none: Float64Array.of(meanOver(none)), single };
  return {
    numbers: someAlike(estimate.values, estimate.standardErrors, ends),
    means: someAlike(rankedBy(estimate), estimate.meanStandardErrors, means),
  };
}

/**
 * @param values `[units, outputs]`
 * @param errors of the values
 */
function someAlike(values: Float64Array, errors: Float64Array, ends: Ends): boolean {
  const outputs = ends.all.length;
  for (let o = 0; o < outputs; o++) {
    let [most, least, largest] = [Math.abs(ends.all[o] - ends.none[o]), Number.POSITIVE_INFINITY, 0];
    for (let i = o; i < values.length; i += outputs) {
      largest = Math.max(largest, Math.abs(values[i]));
      most = Math.max(most, errors[i]);
      least = Math.min(least, errors[i]);
    }
    const lost = lostIn(ends, o, largest);
    // What no unit changes is the same in every sample.
    if (least <= lost && Math.max(most, largest) > lost) return true;
  }
  return false;
}
