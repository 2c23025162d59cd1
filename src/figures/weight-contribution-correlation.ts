import { oneOf } from "../errors.js";
import { within } from "./checks.js";
import type { PublishedByRegulariser } from "./distributed-computation.js";
import type { Figure } from "./figure.js";
import type { FigureOptions } from "./frame.js";
import { type FigureRegulariser, regulariserOrder, regulariserStyles } from "./theme.js";
import { checkPublished, checkTrendRows, trendFigure } from "./trend.js";

/** How weights and contributions of one network's units go together. */
export interface WeightContributionCorrelationRow {
  readonly regulariser: FigureRegulariser;
  /** Hidden units n. */
  readonly width: number;
  readonly trial: number;
  /** Pearson's r over the units, -1 to 1. */
  readonly r: number;
}

/** Options of `weightContributionCorrelationFigure`. */
export interface WeightContributionCorrelationOptions extends FigureOptions {
  /** Published values to draw beside; default none. */
  readonly published?: readonly PublishedByRegulariser[];
}

/**
 * Figure A5: Pearson's r between the mean absolute weight of a unit (incoming and outgoing averaged) and its mean
 * contribution, against the number of hidden units; mean and standard deviation over trials, one line per regulariser.
 *
 * @throws RangeError for no rows, a regulariser that does not exist, an r outside -1 to 1
 * @example
 * const figure = weightContributionCorrelationFigure([{ regulariser: "l1", width: 50, trial: 0, r: 0.84 }]);
 */
export function weightContributionCorrelationFigure(
  rows: readonly WeightContributionCorrelationRow[],
  options: WeightContributionCorrelationOptions = {},
): Figure {
  checkTrendRows(rows, "r");
  const published = checkPublished(options.published ?? []);
  return trendFigure(
    {
      styles: new Map(regulariserOrder.map((key) => [key, regulariserStyles[key]])),
      rows: rows.map((row, index) => ({
        series: oneOf(`rows[${index}].regulariser`, regulariserOrder, row.regulariser),
        width: row.width,
        value: within(`rows[${index}].r`, row.r, -1, 1),
      })),
      published: published.map((row) => ({ ...row, series: row.regulariser })),
      title: "Weight and contribution, by network width",
      yTitle: "Pearson's <i>r</i>, weight and contribution",
      meaning:
        "Correlation over the units of a network between a unit's mean absolute weight (incoming and outgoing averaged) and its contribution (mean over the digits).",
      bounds: [-1, 1],
    },
    options,
  );
}
