import { nothingChanged, someAlike } from "../../modes/same-in-all.js";
import type { Ends, Estimate } from "../estimator.js";
import { meanOver, rankedBy } from "./measures.js";
import type { AccuracyRule } from "./until.js";

/**
 * Whether some contributions were the same in all samples, but for rounding, though units change the output; or all of
 * them, so that nobody knows whether any does.
 */
export interface Alike {
  /** Some number of some mode. */
  readonly numbers: boolean;
  /** Some unit's contribution averaged over the outputs. */
  readonly means: boolean;
}

export const noneAlike: Alike = { numbers: false, means: false };
/** Where a fit says an output exactly, or nothing changed: errors, and those of means, are known as little. */
export const allAlike: Alike = { numbers: true, means: true };

/** Whether the error that a rule goes by knows nothing of samples that were not drawn. */
export function restsOnAlike(rule: AccuracyRule, { numbers, means }: Alike): boolean {
  return rule === "standardError" || rule === "relativeError" ? numbers : means;
}

/** What of an estimate from few samples was the same in all of them. */
export function alikeIn(estimate: Estimate, ends: Ends): Alike {
  if (nothingChanged(estimate.values, estimate.standardErrors, ends)) return allAlike;
  const { all, none, single = false } = ends;
  const means = { all: Float64Array.of(meanOver(all)), none: Float64Array.of(meanOver(none)), single };
  return {
    numbers: someAlike(estimate.values, estimate.standardErrors, ends),
    means: someAlike(rankedBy(estimate), estimate.meanStandardErrors, means),
  };
}
