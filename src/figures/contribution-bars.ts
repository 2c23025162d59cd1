import type { Data } from "plotly.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, distinctNames, finiteFromZero, sameLength, validWidth } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences } from "./kit/frame.js";
import { type Confidence, errorLength, errorNote, sameInAllNote } from "./kit/intervals.js";
import { escapeText, shortened, widest, withoutCommonPath } from "./kit/text.js";
import { axisColour, axisStyle, ink, regulariserStyles, sizeStyle, transparent } from "./kit/theme.js";
import { categoryTicks } from "./kit/ticks.js";
import { paddedRange } from "./summaries.js";

/** One number per unit. */
export interface Contributions {
  /** Names of the units. */
  readonly units: readonly string[];
  /** The contribution of each: a Shapley value, or a Shapley Mode's mean over its outputs. */
  readonly values: ArrayLike<number>;
  /** Standard error of each, NaN where unknown; default none. No error bar is drawn where there is none. */
  readonly standardErrors?: ArrayLike<number> | undefined;
  /** Of the standard errors; default infinitely many: intervals of a normal distribution. */
  readonly degreesOfFreedom?: number | undefined;
}

/** Options of `contributionBarsFigure`. */
export interface ContributionBarsOptions extends FigureOptions {
  /** How many units to show, those of largest absolute contribution; default 40. */
  readonly top?: number;
  /** What v(S) measures, with its unit, for the axis; default `score`. */
  readonly score?: string;
  /** What a unit is; default `Unit`. */
  readonly unitTitle?: string;
  /** Confidence intervals as error bars: `true` of 95 %, or a level such as 0.99; default one standard error. */
  readonly confidence?: Confidence;
}

/** The names of `ContributionBarsOptions`. */
export const contributionBarsOptionNames: OptionNames<ContributionBarsOptions> = {
  ...figureOptionNames,
  top: true,
  score: true,
  unitTitle: true,
  confidence: true,
};

/**
 * The contribution of every unit as a bar, sorted from the largest to the smallest, with one standard error on either
 * side, or a confidence interval.
 *
 * @throws RangeError for no units, a name that comes twice, a value that is not finite, a negative standard error,
 *   lengths that differ
 * @example
 * const figure = contributionBarsFigure(
 *   { units: ["left", "right"], values: [0.2, 0.7], standardErrors: [0.01, 0.02] },
 *   { score: "accuracy" },
 * );
 */
export function contributionBarsFigure(input: Contributions, options: ContributionBarsOptions = {}): Figure {
  knownOptions("contributionBarsFigure", options, contributionBarsOptionNames);
  has("input", input, "Contributions");
  const { factor, words } = errorLength(options.confidence, input.degreesOfFreedom);
  const bars = sortedBars(input, validWidth("top", options.top ?? 40)).map((bar) => ({
    ...bar,
    error: factor * bar.error,
  }));
  const { font: em } = sizeStyle(options.size);
  const withErrors = input.standardErrors !== undefined;
  const labels = withoutCommonPath(bars.map((bar) => bar.unit)).map((name) => shortened(name, 0.92 * em, 14 * em));
  const score = options.score ?? "score";

  const { layout, caption } = frame(options, {
    title: options.title ?? "What every unit contributes",
    caption: sentences(
      `Contribution of each unit to the ${score}.`,
      bars.length < input.units.length &&
        `Shown are the ${bars.length} of ${input.units.length} units that contribute most, in either direction.`,
      errorNote("Error bars", words, input.standardErrors),
      sameInAllNote(bars),
      options.note,
    ),
    plotHeight: Math.max(7, 1.35 * bars.length) * em,
    left: widest(labels, 0.92 * em) + 3 * em,
    right: 1.4 * em,
  });
  const trace: Data = {
    type: "bar",
    orientation: "h",
    name: "Contribution",
    x: bars.map((bar) => bar.value),
    y: bars.map((bar) => bar.unit),
    marker: { color: transparent(regulariserStyles.l2.colour, 0.6) },
    hovertemplate: "%{y}<br>contribution %{x:.5f}<extra></extra>",
  };
  if (withErrors) {
    const array = bars.map((bar) => bar.error);
    trace.error_x = { type: "data", array, color: ink, thickness: 0.085 * em, width: 0.22 * em };
  }
  layout.bargap = 0.28;
  layout.xaxis = axisStyle(`Contribution to ${escapeText(score)}`, em, {
    range: paddedRange([0, ...bars.flatMap((bar) => [bar.value - bar.error, bar.value + bar.error])], 0.03),
    zeroline: true,
    zerolinecolor: axisColour,
    zerolinewidth: 1,
  });
  layout.yaxis = axisStyle(escapeText(options.unitTitle ?? "Unit"), em, {
    type: "category",
    showgrid: false,
    range: [bars.length - 0.5, -0.5],
    ...categoryTicks(
      bars.map((bar) => bar.unit),
      labels,
    ),
    ticks: "",
  });
  return { data: [trace], layout, caption };
}

/** The units of largest absolute contribution, sorted by their contribution. */
function sortedBars({ units, values, standardErrors }: Contributions, top: number) {
  checkContributions({ units, values, standardErrors });
  return units
    .map((unit, index) => ({
      unit,
      value: values[index],
      error: standardErrors?.[index] || 0,
      alike: standardErrors?.[index] === 0,
    }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, top)
    .sort((a, b) => b.value - a.value);
}

/** @throws RangeError, TypeError for what is no number for each of some units */
export function checkContributions({ units, values, standardErrors }: Contributions): void {
  distinctNames("units", units, "the names of the units");
  sameLength("values", values, units.length, "one per unit");
  allFinite("values", values);
  if (standardErrors) {
    sameLength("standardErrors", standardErrors, units.length, "one per unit");
    for (let unit = 0; unit < units.length; unit++) {
      // NaN: a single ordering says nothing of its spread, and no error bar is drawn.
      if (!Number.isNaN(standardErrors[unit])) finiteFromZero(`standardErrors[${unit}]`, standardErrors[unit]);
    }
  }
}
