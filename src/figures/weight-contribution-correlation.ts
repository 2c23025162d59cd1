import { knownOptions } from "../options.js";
import type { Figure } from "./kit/figure.js";
import {
  type RegularisedNetwork,
  type RegulariserTrendOptions,
  regulariserTrend,
  regulariserTrendOptionNames,
} from "./kit/regulariser-trend.js";

/** How weights and contributions of one network's units go together. */
export interface WeightContributionCorrelationRow extends RegularisedNetwork {
  /** Pearson's r over the units, -1 to 1. */
  readonly r: number;
}

/**
 * Figure A5: Pearson's r between the mean absolute weight of a unit (incoming and outgoing averaged) and its mean
 * contribution, against the number of hidden units; mean and standard deviation over trials, one line per regulariser.
 *
 * @throws RangeError for no rows, a regulariser that does not exist, a width that is no positive integer, an r outside
 * -1 to 1
 * @example
 * const figure = weightContributionCorrelationFigure([{ regulariser: "l1", width: 50, trial: 0, r: 0.84 }]);
 */
export function weightContributionCorrelationFigure(
  rows: readonly WeightContributionCorrelationRow[],
  options: RegulariserTrendOptions = {},
): Figure {
  knownOptions("weightContributionCorrelationFigure", options, regulariserTrendOptionNames);
  const words = {
    title: "Weight and contribution, by network width",
    yTitle: "Pearson's <i>r</i>, weight and contribution",
    meaning: `Correlation over the units of a network between a unit's mean absolute weight (incoming and outgoing averaged) and its contribution (mean over the ${options.outputsTitle ?? "digits"}).`,
    bounds: [-1, 1],
  } as const;
  return regulariserTrend(rows, "r", words, options);
}
