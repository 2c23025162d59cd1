import { indexOfDistributedComputation } from "../../analysis/concentration.js";
import { pearson } from "../../analysis/correlation.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";

/** What the figures A2 and A5 to A7 need to know of some units. */
export interface UnitStatistics {
  /** What each unit contributes, averaged over the outputs, `[units]`. */
  readonly contributions: Float64Array;
  /** Index of distributed computation of the contributions. */
  readonly index: number;
  /** The same index for each output alone. */
  readonly outputIndices: readonly number[];
  /** Mean |weight| of each unit, its incoming and its outgoing mean averaged, `[units]`. */
  readonly weights: readonly number[];
  /** Pearson's r between weights and contributions; NaN where one does not vary. */
  readonly weightCorrelation: number;
}

/** Statistics of units from their modes and the mean absolute weight of each. */
export function unitStatistics(modes: ShapleyModes, magnitudes: ArrayLike<number>): UnitStatistics {
  const contributions = modes.meanOverOutputs().values;
  const weights = Array.from(magnitudes);
  return {
    contributions,
    index: indexOfDistributedComputation(contributions),
    outputIndices: Array.from({ length: modes.outputs }, (_, output) =>
      indexOfDistributedComputation(modes.output(output).values),
    ),
    weights,
    weightCorrelation: pearson(weights, contributions),
  };
}

/** The units of largest contribution, and all others: what figure A1 lesions. */
export function topAndRest(
  contributions: Float64Array,
  top: number,
): { readonly top: number[]; readonly rest: number[] } {
  const ranked = Array.from(contributions.keys()).sort((a, b) => contributions[b] - contributions[a]);
  return { top: ranked.slice(0, top), rest: ranked.slice(top) };
}
