import { oneOf } from "../../errors.js";
import { type Regulariser, regularisers } from "../../networks/mlp/regulariser.js";
import type { OptionNames } from "../../options.js";
import type { Figure } from "./figure.js";
import type { FigureOptions } from "./frame.js";
import { figureOptionNames } from "./frame.js";
import { regulariserStyles } from "./theme.js";
import { checkPublished, checkTrendRows, type TrendAxis, type TrendParts, trendFigure } from "./trend.js";

/** A network of some regulariser and width. */
export interface RegularisedNetwork {
  readonly regulariser: Regulariser;
  /** Hidden units n. */
  readonly width: number;
  readonly trial: number;
  /**
   * Ends of an interval of the network's number, drawn where no other network has its regulariser and width; it need
   * not hold the number. Default none.
   */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** A published mean over trials. */
export interface PublishedByRegulariser {
  readonly regulariser: Regulariser;
  readonly width: number;
  readonly mean: number;
  /** Population standard deviation over trials. */
  readonly sd: number;
}

/** Options of the figures that have a line per regulariser, A2 and A5. */
export interface RegulariserTrendOptions extends FigureOptions, TrendAxis {
  /** Published values to draw beside; default none. */
  readonly published?: readonly PublishedByRegulariser[];
  /** What the outputs are that contributions are averaged over, for the caption of A5; default `digits`. */
  readonly outputsTitle?: string;
}

/** The names of `RegulariserTrendOptions`. */
export const regulariserTrendOptionNames: OptionNames<RegulariserTrendOptions> = {
  ...figureOptionNames,
  published: true,
  widthTitle: true,
  widthNames: true,
  outputsTitle: true,
};

/** A measure of networks against their width, one line per regulariser: what A2 and A5 have in common. */
export function regulariserTrend<M extends string>(
  rows: readonly (RegularisedNetwork & Readonly<Record<M, number>>)[],
  measure: M,
  words: Pick<TrendParts, "title" | "yTitle" | "meaning" | "bounds">,
  options: RegulariserTrendOptions,
): Figure {
  checkTrendRows(rows, measure, words.bounds);
  const published = checkPublished(options.published ?? []);
  return trendFigure(
    {
      ...words,
      widthTitle: options.widthTitle,
      widthNames: options.widthNames,
      styles: new Map(regularisers.map((key) => [key, regulariserStyles[key]])),
      rows: rows.map((row, index) => ({
        series: oneOf(`rows[${index}].regulariser`, regularisers, row.regulariser),
        width: row.width,
        value: row[measure],
        low: row.low,
        high: row.high,
      })),
      published: published.map((row, index) => ({
        ...row,
        series: oneOf(`published[${index}].regulariser`, regularisers, row.regulariser),
      })),
    },
    options,
  );
}
