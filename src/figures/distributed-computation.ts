import { oneOf } from "../errors.js";
import type { Figure } from "./figure.js";
import type { FigureOptions } from "./frame.js";
import { type FigureRegulariser, regulariserOrder, regulariserStyles } from "./theme.js";
import { checkPublished, checkTrendRows, trendFigure } from "./trend.js";

/** The index of distributed computation of one network. */
export interface DistributedComputationRow {
  readonly regulariser: FigureRegulariser;
  /** Hidden units n. */
  readonly width: number;
  readonly trial: number;
  /** From 0 (one unit does everything) to 1 (all contribute alike). */
  readonly index: number;
}

/** A published mean over trials. */
export interface PublishedByRegulariser {
  readonly regulariser: FigureRegulariser;
  readonly width: number;
  readonly mean: number;
  /** Population standard deviation over trials. */
  readonly sd: number;
}

/** Options of `distributedComputationFigure`. */
export interface DistributedComputationOptions extends FigureOptions {
  /** Published values to draw beside; default none. */
  readonly published?: readonly PublishedByRegulariser[];
}

/**
 * Figure A2: the index of distributed computation against the number of hidden units, mean and standard deviation
 * over trials, one line per regulariser. With one trial no spread is drawn; with more than twelve widths the spread
 * is a band.
 *
 * @throws RangeError for no rows, a regulariser that does not exist, a width or an index that is not a number
 * @example
 * const figure = distributedComputationFigure([
 *   { regulariser: "l1", width: 50, trial: 0, index: 0.81 },
 *   { regulariser: "none", width: 50, trial: 0, index: 0.88 },
 * ]);
 */
export function distributedComputationFigure(
  rows: readonly DistributedComputationRow[],
  options: DistributedComputationOptions = {},
): Figure {
  checkTrendRows(rows, "index");
  const published = checkPublished(options.published ?? []);
  return trendFigure(
    {
      styles: new Map(regulariserOrder.map((key) => [key, regulariserStyles[key]])),
      rows: rows.map((row, index) => ({
        series: oneOf(`rows[${index}].regulariser`, regulariserOrder, row.regulariser),
        width: row.width,
        value: row.index,
      })),
      published: published.map((row) => ({ ...row, series: row.regulariser })),
      title: "Distributed computation and network width",
      yTitle: "Index of distributed computation",
      meaning:
        "Entropy of the squared contributions, divided by that of n equal ones: 1 when all units contribute alike, 0 when one unit does everything.",
      bounds: [0, 1],
    },
    options,
  );
}
