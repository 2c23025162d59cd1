import { invalid, wrongKind } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import type { Figure } from "./kit/figure.js";
import type { FigureOptions } from "./kit/frame.js";
import { figureOptionNames } from "./kit/frame.js";
import { digitStyle } from "./kit/theme.js";
import { checkPublished, checkTrendRows, type TrendAxis, trendFigure } from "./kit/trend.js";
import { distinct } from "./summaries.js";

/** The index of distributed computation of one network for one digit. */
export interface DigitIndexRow {
  /** 0 to 9. */
  readonly digit: number;
  /** Hidden units n. */
  readonly width: number;
  readonly trial: number;
  /** From 0 (one unit does everything) to 1 (all contribute alike). */
  readonly index: number;
  /**
   * Ends of an interval of the index, drawn where no other network has its width; it need not hold the index. Default
   * none.
   */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** A published mean over trials for one digit. */
export interface PublishedByDigit {
  readonly digit: number;
  readonly width: number;
  readonly mean: number;
  /** Population standard deviation over trials. */
  readonly sd: number;
}

/** What the index can not leave. */
const bounds = [0, 1] as const;

/** Options of `digitIndexFigure`. */
export interface DigitIndexOptions extends FigureOptions, TrendAxis {
  /** Published values to draw beside; default none. */
  readonly published?: readonly PublishedByDigit[];
  /** Names of up to ten classes that are no digits, by their numbers; default `Digit 0` to `Digit 9`. */
  readonly classes?: readonly string[];
}

/** The names of `DigitIndexOptions`. */
export const digitIndexOptionNames: OptionNames<DigitIndexOptions> = {
  ...figureOptionNames,
  published: true,
  widthTitle: true,
  widthNames: true,
  classes: true,
};

/**
 * Figure A6: the index of distributed computation for single digits (in the paper 0, 1 and 9 of networks with L2)
 * against the number of hidden units; mean and standard deviation over trials, one line per digit.
 *
 * @throws RangeError for no rows, a width that is no positive integer, an index outside 0 to 1, TypeError for a digit
 * that is none
 * @example
 * const figure = digitIndexFigure([{ digit: 9, width: 50, trial: 0, index: 0.61 }], { note: "Networks with L2." });
 */
export function digitIndexFigure(rows: readonly DigitIndexRow[], options: DigitIndexOptions = {}): Figure {
  knownOptions("digitIndexFigure", options, digitIndexOptionNames);
  checkTrendRows(rows, "index", bounds);
  const published = checkPublished(options.published ?? []);
  rows.forEach((row, index) => {
    if (!Number.isInteger(row.digit) || row.digit < 0 || row.digit > 9) {
      throw wrongKind(`rows[${index}].digit`, "a digit from 0 to 9", row.digit);
    }
    if (options.classes && !options.classes[row.digit]) {
      throw invalid("classes", `a name for number ${row.digit}`, options.classes);
    }
  });
  const { classes, widthTitle, widthNames } = options;
  const one = classes ? "class" : "digit";
  const style = (digit: number) => ({ ...digitStyle(digit), ...(classes && { name: classes[digit] }) });
  return trendFigure(
    {
      styles: new Map(distinct(rows.map((row) => row.digit)).map((digit) => [String(digit), style(digit)])),
      rows: rows.map(({ digit, width, index, low, high }) => ({
        series: String(digit),
        width,
        value: index,
        low,
        high,
      })),
      published: published.map((row) => ({ ...row, series: String(row.digit) })),
      title: `Distributed computation for single ${classes ? "classes" : "digits"}`,
      yTitle: "Index of distributed computation",
      meaning: `Entropy of the squared contributions to one ${one}, divided by that of n equal ones: 1 when all units contribute alike, 0 when one unit does everything.`,
      bounds,
      widthTitle,
      widthNames,
    },
    options,
  );
}
