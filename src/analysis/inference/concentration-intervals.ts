import { invalid } from "../../errors.js";
import { checkModes } from "../../modes/check-modes.js";
import { jackknife } from "../../modes/jackknife.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import { knownOptions } from "../../options.js";
import { studentFactor } from "../../quantiles.js";
import type { Interval } from "../bootstrap.js";
import { distributionOfProcessing, gini, indexOfDistributedComputation, participationRatio } from "../concentration.js";
import { contributionTable } from "./contribution-table.js";
import { share } from "./test-modes.js";

/** Options of {@link concentration}. */
export interface ConcentrationOptions {
  /** With this probability an interval holds the index; default 0.95. */
  readonly confidence?: number;
}

/** Intervals narrower than this share of the index are rounding. */
const rounding = 1e-9;

/** How concentrated the contributions of the units are; intervals are NaN where the modes have fewer than two blocks and a sampling error. */
export interface Concentration {
  /** The paper's index: {@link indexOfDistributedComputation}. */
  readonly indexOfDistributedComputation: Interval;
  /** msapy's: {@link distributionOfProcessing}. */
  readonly distributionOfProcessing: Interval;
  readonly gini: Interval;
  readonly participationRatio: Interval;
  /** Independent blocks that the intervals are from; 0 where there are none. */
  readonly blocks: number;
  /** Why there are no intervals; undefined where there are. */
  readonly unknown: string | undefined;
}

/**
 * How concentrated the work is, in four indices with confidence intervals: of the contributions averaged over the outputs (`modes.slice(k)` has those to output k).
 *
 * Intervals are of the jackknife over the blocks (Quenouille 1956; Tukey 1958), which are left out one at a time: `value` is the index of the modes themselves, and from the interval the
 * bias is taken that sampling error causes (noise looks like shared work), so that it need not lie in the middle, or hold `value` at all. It is as wide as the sampling of
 * orderings makes it; how networks differ is another spread, of which `averageModes` of several results has the blocks.
 *
 * @throws TypeError for what is no ShapleyModes; RangeError for options out of range
 * @example
 * const { gini } = concentration(await shapley(game, { orderings: 1000, blocks: 50 }));
 * console.log(gini.value, gini.low, gini.high);
 */
export function concentration(modes: ShapleyModes, options: ConcentrationOptions = {}): Concentration {
  knownOptions("concentration", options, { confidence: true });
  checkModes(modes);
  const confidence = share("confidence", options.confidence ?? 0.95);
  const { values, blocks, rows } = contributionTable(modes);
  if (rows === 0) throw invalid("modes", "at least one unit", rows);
  const exact = modes.standardErrors?.every((error) => error === 0) ?? false;
  const intervalOf = (
    index: (contributions: Float64Array) => number,
    [least, most]: readonly [number, number],
  ): Interval => {
    const value = index(values);
    if (exact) return { value, low: value, high: value };
    if (!blocks || blocks.count < 2) return { value, low: Number.NaN, high: Number.NaN };
    const { count, weights } = blocks;
    const without = (b: number) => {
      const left = values.map((mean, row) => (mean - weights[b] * blocks.values[row * count + b]) / (1 - weights[b]));
      return index(left);
    };
    const { estimate, variance } = jackknife(weights, index(values), without);
    const half = studentFactor(1 - confidence, count - 1) * Math.sqrt(variance);
    if (half <= rounding * Math.abs(value)) return { value, low: value, high: value };
    // Bias falls with 1 / n or, where absolute values are of contributions near 0, with 1 / sqrt(n): it is then about twice as large.
    const further = estimate + (estimate - value);
    const within = (end: number) => Math.min(most, Math.max(least, end));
    return {
      value,
      low: within(Math.min(estimate, further) - half),
      high: within(Math.max(estimate, further) + half),
    };
  };
  const known = exact || (blocks !== undefined && blocks.count > 1);
  return {
    indexOfDistributedComputation: intervalOf(indexOfDistributedComputation, [0, 1]),
    distributionOfProcessing: intervalOf(distributionOfProcessing, [0, 1]),
    gini: intervalOf(gini, [0, 1 - 1 / rows]),
    participationRatio: intervalOf(participationRatio, [Math.min(1, participationRatio(values)), rows]),
    blocks: blocks?.count ?? 0,
    unknown: known
      ? undefined
      : "the modes have no independent blocks: shapley(game, { blocks: 50 }) keeps them, averageModes makes them of several results",
  };
}
