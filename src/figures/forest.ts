import type { Data } from "plotly.js";
import { invalid, wrongKind } from "../errors.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { type Contributions, checkContributions } from "./contribution-bars.js";
import { allFinite, sameLength, validWidth } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { annotation, type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { type Confidence, errorLength, errorNote, intervalLength, sameInAllNote } from "./kit/intervals.js";
import { rankRanges, rankText } from "./kit/rank-ranges.js";
import { escapeText, shortened, widest, withMinus, withoutCommonPath } from "./kit/text.js";
import { axisColour, axisStyle, ink, quietInk, regulariserStyles, sizeStyle } from "./kit/theme.js";
import { categoryTicks } from "./kit/ticks.js";
import { paddedRange } from "./summaries.js";

/** One number per unit, with intervals of one's own where there are some. */
export interface ForestContributions extends Contributions {
  /**
   * Ends of each unit's interval, in place of those of the standard errors: such as percentiles of a bootstrap. Default
   * none.
   */
  readonly low?: ArrayLike<number> | undefined;
  readonly high?: ArrayLike<number> | undefined;
  /** What these intervals are, for the caption; default `intervals of the analysis`. */
  readonly intervals?: string | undefined;
}

/** Options of `forestFigure`. */
export interface ForestOptions extends FigureOptions {
  /** How many units to show, those of largest absolute contribution; default 40. */
  readonly top?: number;
  /** What v(S) measures, with its unit, for the axis; default `score`. */
  readonly score?: string;
  /** What a unit is; default `Unit`. */
  readonly unitTitle?: string;
  /** Level of the intervals: `true` 95 % (default), a level such as 0.99, or `false` one standard error. */
  readonly confidence?: Confidence;
  /**
   * Whether the ranks that each unit may have stand beside it; default true where standard errors are known. They are
   * of all units, not only of those shown, and hold together: with the level of the intervals, 95 % where these are of
   * one standard error, all units are within them.
   */
  readonly ranks?: boolean;
}

/** The names of `ForestOptions`. */
export const forestOptionNames: OptionNames<ForestOptions> = {
  ...figureOptionNames,
  top: true,
  score: true,
  unitTitle: true,
  confidence: true,
  ranks: true,
};

/**
 * A forest plot: the contribution of every unit as a point with its interval, sorted, beside a line at 0, with the
 * value and its interval in numbers, and the ranks that it may have. A unit whose interval holds 0 is drawn hollow.
 *
 * Ranks count contributions from the largest on, with their sign. Their intervals are widened for all units at once
 * (Bonferroni), so that the ranks of all of them are right together with the level that is stated.
 *
 * @throws RangeError for no units, a name that comes twice, a value that is not finite, a negative standard error,
 *   lengths that differ
 * @example
 * const figure = forestFigure(
 *   { units: ["left", "right", "hat"], values: [0.2, 0.7, 0.01], standardErrors: [0.01, 0.02, 0.015] },
 *   { score: "accuracy" },
 * );
 */
export function forestFigure(input: ForestContributions, options: ForestOptions = {}): Figure {
  knownOptions("forestFigure", options, forestOptionNames);
  has("input", input, "ForestContributions");
  checkContributions(input);
  const own = ownIntervals(input);
  const { confidence = true } = options;
  const { factor, words } = errorLength(confidence, input.degreesOfFreedom);
  const withErrors = own || input.standardErrors !== undefined;
  const ranked = (options.ranks ?? true) && input.standardErrors !== undefined;
  const level = confidence === true || confidence === false ? 0.95 : confidence;
  const rows = rowsOf(input, factor, level, validWidth("top", options.top ?? 40)).map((row) => ({
    ...row,
    ...endsOf(row, input),
  }));
  const { width, font: em, line, marker } = sizeStyle(options.size);
  const small = 0.88 * em;
  const labels = withoutCommonPath(rows.map((row) => row.unit)).map((name) =>
    shortened(name, 0.92 * em, Math.min(14 * em, 0.25 * width)),
  );
  const left = widest(labels, 0.92 * em) + 3 * em;
  const ranks = ranked ? rows.map(({ rank }) => rank) : undefined;
  const ranksWidth = ranks ? widest([...ranks, "Rank"], small) + 1.4 * em : 0;
  const room = 0.68 * width - left - ranksWidth - 2 * em;
  const { title: numbersTitle, texts: numbers } = numbersOf(rows, (texts) => widest(texts, small) <= room);
  const numbersWidth = widest([numbersTitle, ...numbers], small);
  const score = options.score ?? "score";

  const { layout, caption } = frame(options, {
    title: options.title ?? "What every unit contributes",
    caption: sentences(
      `Contribution of each unit to the ${score}.`,
      rows.length < input.units.length &&
        `Shown are the ${rows.length} of ${input.units.length} units that contribute most, in either direction.`,
      own
        ? `Intervals: ${input.intervals ?? "those of the analysis"}, each by itself, not corrected for ${input.units.length} units; hollow where they hold 0.`
        : errorNote("Intervals", `${words}; hollow where they hold 0`, input.standardErrors),
      sameInAllNote(rows),
      ranked &&
        `Rank, by value${Array.from(input.values).some((value) => value < 0) ? " and not by size, so that negative contributions come last" : ""}: all those that the unit may have among all ${input.units.length}, for all units together with ${Number((100 * level).toPrecision(12))} % confidence.`,
      options.note,
    ),
    plotHeight: Math.max(7, 1.35 * rows.length) * em,
    left,
    right: numbersWidth + ranksWidth + 2 * em,
    panelTitle: 1.6 * em,
  });
  const { colour } = regulariserStyles.l2;
  const trace: Data = {
    type: "scatter",
    mode: "markers",
    name: "Contribution",
    x: rows.map((row) => row.value),
    y: rows.map((row) => row.unit),
    marker: {
      color: colour,
      symbol: rows.map(({ low, high }) => (low < high && low <= 0 && high >= 0 ? "square-open" : "square")),
      size: 0.6 * marker, // as small as leaves short intervals to be seen
      line: { color: colour, width: 0.6 * line },
    },
    customdata: rows.map((row, at) => [numbers[at], row.rank]),
    hovertemplate: `%{y}<br>%{customdata[0]}${ranked ? "<br>rank %{customdata[1]}" : ""}<extra></extra>`,
  };
  if (withErrors) {
    // An interval that does not hold its point is drawn to the point on that side.
    const array = rows.map(({ value, high, error }) => (own ? Math.max(0, high - value) : error));
    const lower = own && {
      symmetric: false,
      arrayminus: rows.map(({ value, low }) => Math.max(0, value - low)),
    };
    trace.error_x = { type: "data", array, ...lower, color: ink, thickness: 0.085 * em, width: 0.34 * em };
  }
  layout.xaxis = axisStyle(`Contribution to ${escapeText(score)}`, em, {
    range: paddedRange([0, ...rows.flatMap((row) => [row.low, row.high])], 0.04),
    zeroline: true,
    zerolinecolor: axisColour,
    zerolinewidth: 1,
  });
  layout.yaxis = axisStyle(escapeText(options.unitTitle ?? "Unit"), em, {
    type: "category",
    range: [rows.length - 0.5, -0.5],
    ...categoryTicks(
      rows.map((row) => row.unit),
      labels,
    ),
    ticks: "",
  });
  const columns = [
    { title: numbersTitle, texts: numbers, shift: 0.8 * em },
    ...(ranks ? [{ title: "Rank", texts: ranks, shift: numbersWidth + 2.2 * em }] : []),
  ];
  const beside = columns.flatMap(({ title, texts, shift }) => {
    const placed = { xanchor: "left" as const, x: 1, xshift: shift, borderpad: 0, font: { size: small, color: ink } };
    const head = {
      ...placed,
      font: { size: small, color: quietInk },
      y: 1,
      yanchor: "bottom" as const,
      yshift: 0.2 * em,
    };
    return [
      annotation({ ...head, text: title }),
      ...texts.map((text, row) => annotation({ ...placed, text, y: row, yref: "y", yanchor: "middle" })),
    ];
  });
  return { data: [trace], layout: withAnnotations(layout, beside), caption };
}

/** A unit of the figure. */
interface Row {
  readonly unit: string;
  readonly value: number;
  /** Half of the interval of the standard error; 0 where nothing is known. */
  readonly error: number;

  /** Whether its standard error is 0. */
  readonly alike: boolean;
  readonly rank: string;
}

/** What is drawn of an interval. */
interface Ends {
  readonly low: number;
  readonly high: number;
}

/** @throws RangeError, TypeError for ends of which one is missing, that are no numbers, or turned round */
function ownIntervals({ units, low, high }: ForestContributions): boolean {
  if (!low && !high) return false;
  if (!low || !high)
    throw wrongKind(low ? "high" : "low", "both ends of the intervals, one per unit", low ? high : low);
  sameLength("low", low, units.length, "one per unit");
  sameLength("high", high, units.length, "one per unit");
  allFinite("low", low);
  allFinite("high", high);
  const turned = units.findIndex((_, u) => low[u] > high[u]);
  if (turned >= 0) throw invalid(`high[${turned}]`, `at least low[${turned}], ${low[turned]}`, high[turned]);
  return true;
}

/** The analysis' own interval of a row, else that of its standard error. */
function endsOf({ unit, value, error }: Row, { units, low, high }: ForestContributions): Ends {
  const u = units.indexOf(unit);
  return low && high ? { low: low[u], high: high[u] } : { low: value - error, high: value + error };
}

/** The units of largest absolute contribution, sorted by their contribution. */
function rowsOf(
  { units, values, standardErrors, degreesOfFreedom }: Contributions,
  factor: number,
  level: number,
  top: number,
): Row[] {
  const all = Array.from(units.keys());
  const together = intervalLength((1 - level) / units.length, degreesOfFreedom);
  const ranges = rankRanges(
    all.map((u) => values[u]),
    all.map((u) => together * (standardErrors?.[u] ?? Number.NaN)),
  );
  return all
    .map((u) => ({
      unit: units[u],
      value: values[u],
      error: factor * (standardErrors?.[u] || 0),
      alike: standardErrors?.[u] === 0,
      rank: rankText(ranges[u]),
    }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, top)
    .sort((a, b) => b.value - a.value);
}

/** What stands beside the rows: values with their intervals, or without, as shortly as there is room for. */
function numbersOf(rows: readonly (Row & Ends)[], fits: (texts: readonly string[]) => boolean) {
  const digits = decimals(rows);
  const written = (value: number) => withMinus(value.toFixed(digits));
  const interval = ({ value, low, high }: Row & Ends) =>
    low < high ? `${written(value)} [${written(low)}, ${written(high)}]` : written(value);
  const title = rows.some(({ low, high }) => low < high) ? "Contribution [interval]" : "Contribution";
  const ways = [
    { title, texts: rows.map(interval) },
    { title: "Value", texts: rows.map(({ value }) => written(value)) },
    { title: "Value", texts: rows.map(({ value }) => withMinus(String(Number(value.toPrecision(3))))) },
  ];
  return ways.find((way) => fits([way.title, ...way.texts])) ?? { title: "", texts: [] };
}

/** Decimals with which the smallest interval has two digits, or the largest value three; at most 6. */
function decimals(rows: readonly (Row & Ends)[]): number {
  const errors = rows.map(({ low, high }) => (high - low) / 2).filter((error) => error > 0);
  const largest = rows.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
  const scale = errors.length > 0 ? Math.min(...errors) / 10 : largest / 100;
  return scale > 0 ? Math.min(6, Math.max(0, Math.ceil(-Math.log10(scale)))) : 0;
}
