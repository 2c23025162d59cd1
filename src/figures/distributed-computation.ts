import { knownOptions } from "../options.js";
import type { Figure } from "./kit/figure.js";
import {
  type RegularisedNetwork,
  type RegulariserTrendOptions,
  regulariserTrend,
  regulariserTrendOptionNames,
} from "./kit/regulariser-trend.js";

/** The index of distributed computation of one network. */
export interface DistributedComputationRow extends RegularisedNetwork {
  /** From 0 (one unit does everything) to 1 (all contribute alike). */
  readonly index: number;
}

/**
 * Figure A2: the index of distributed computation against the number of hidden units, mean and standard deviation
 * over trials, one line per regulariser. With one trial no spread is drawn; with more than twelve widths the spread
 * is a band.
 *
 * @throws RangeError for no rows, a regulariser that does not exist, a width that is no positive integer, an index
 * outside 0 to 1
 * @example
 * const figure = distributedComputationFigure([
 *   { regulariser: "l1", width: 50, trial: 0, index: 0.81 },
 *   { regulariser: "none", width: 50, trial: 0, index: 0.88 },
 * ]);
 */
export function distributedComputationFigure(
  rows: readonly DistributedComputationRow[],
  options: RegulariserTrendOptions = {},
): Figure {
  knownOptions("distributedComputationFigure", options, regulariserTrendOptionNames);
  const words = {
    title: "Distributed computation and network width",
    yTitle: "Index of distributed computation",
    meaning:
      "Entropy of the squared contributions, divided by that of n equal ones: 1 when all units contribute alike, 0 when one unit does everything.",
    bounds: [0, 1],
  } as const;
  return regulariserTrend(rows, "index", words, options);
}
