import { invalid } from "../../errors.js";
import { checkModes } from "../../modes/check-modes.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import { knownOptions } from "../../options.js";
import { distributionOfProcessing, gini, indexOfDistributedComputation, participationRatio } from "../concentration.js";
import { cancelledText, contributionTable } from "./contribution-table.js";
import { type CorrectedInterval, statisticInterval } from "./statistic-interval.js";
import { share } from "./test-modes.js";

/** Options of {@link concentration}. */
export interface ConcentrationOptions {
  /** With this probability an interval holds the index; default 0.95. */
  readonly confidence?: number;
}

/**
 * How concentrated the contributions of the units are; intervals are NaN where the modes have fewer than two blocks and
 * a sampling error.
 */
export interface Concentration {
  /** The paper's index: {@link indexOfDistributedComputation}. */
  readonly indexOfDistributedComputation: CorrectedInterval;
  /** msapy's: {@link distributionOfProcessing}. */
  readonly distributionOfProcessing: CorrectedInterval;
  readonly gini: CorrectedInterval;
  readonly participationRatio: CorrectedInterval;
  /** Independent blocks that the intervals are from; 0 where there are none. */
  readonly blocks: number;
  /** Why there are no intervals, or no indices; undefined where there are. */
  readonly unknown: string | undefined;
}

const notKnown: CorrectedInterval = {
  value: Number.NaN,
  corrected: Number.NaN,
  low: Number.NaN,
  high: Number.NaN,
};

/**
 * How concentrated the work is, in four indices with confidence intervals: of the contributions averaged over the
 * outputs (`modes.slice(k)` has those to output k).
 *
 * Intervals are of the jackknife over the blocks (Quenouille 1956; Tukey 1958), which are left out one at a time:
 * `value` is the index of the modes themselves, `corrected` the same less the bias that sampling error causes (noise
 * looks like shared work). The interval is about `corrected`, so that `value` need not lie in its middle, or in it at
 * all. It is as wide as the sampling of orderings makes it; how networks differ is another spread, of which
 * `averageModes` of several results has the blocks.
 *
 * Where contributions cancel in that mean, as those to probabilities do, which add up to 1, indices would be of
 * rounding: all are NaN, and `unknown` says so.
 *
 * @throws TypeError for what is no ShapleyModes; RangeError for options out of range
 * @example
 * const { gini } = concentration(await shapley(game, { orderings: 1000, blocks: 50 }));
 * console.log(gini.value, gini.corrected, gini.low, gini.high);
 */
export function concentration(modes: ShapleyModes, options: ConcentrationOptions = {}): Concentration {
  knownOptions("concentration", options, { confidence: true });
  checkModes(modes);
  const confidence = share("confidence", options.confidence ?? 0.95);
  const table = contributionTable(modes);
  if (table.rows === 0) throw invalid("modes", "at least one unit", table.rows);
  const exact = modes.standardErrors?.every((error) => error === 0) ?? false;
  const { values, blocks, rows } = table;
  const cancels = table.cancelled > 0;
  const intervalOf = (index: (contributions: Float64Array) => number, bounds: readonly [number, number]) =>
    cancels ? notKnown : statisticInterval({ values, blocks, exact }, index, bounds, confidence);
  const known = exact || (blocks !== undefined && blocks.count > 1);
  const noBlocks =
    "the modes have no independent blocks: shapley(game, { blocks: 50 }) keeps them, averageModes makes them of several results";
  return {
    indexOfDistributedComputation: intervalOf(indexOfDistributedComputation, [0, 1]),
    distributionOfProcessing: intervalOf(distributionOfProcessing, [0, 1]),
    gini: intervalOf(gini, [0, 1 - 1 / rows]),
    participationRatio: intervalOf(participationRatio, [Math.min(1, participationRatio(values)), rows]),
    blocks: blocks?.count ?? 0,
    unknown: cancels ? cancelledText : known ? undefined : noBlocks,
  };
}
