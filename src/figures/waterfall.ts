import type { Data } from "plotly.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { type Contributions, checkContributions } from "./contribution-bars.js";
import { finite, validWidth } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences } from "./kit/frame.js";
import { type Confidence, errorLength, errorNote, sameInAllNote } from "./kit/intervals.js";
import { escapeText, shortened, widest, withMinus, withoutCommonPath } from "./kit/text.js";
import { addingColour, axisColour, axisStyle, ink, quietInk, sizeStyle, takingColour } from "./kit/theme.js";
import { paddedRange } from "./summaries.js";

/** Options of `waterfallFigure`. */
export interface WaterfallOptions extends FigureOptions {
  /** v with no unit intact, where the steps begin; default 0. */
  readonly from?: number;
  /**
   * How many units have a step of their own, those of largest absolute contribution; the others share one. Default 15.
   */
  readonly top?: number;
  /** What v(S) measures, with its unit, for the axis; default `score`. */
  readonly score?: string;
  /** What a unit is; default `Unit`. */
  readonly unitTitle?: string;
  /** Error bars: `true` of 95 %, or a level such as 0.99; default one standard error. */
  readonly confidence?: Confidence;
}

/** The names of `WaterfallOptions`. */
export const waterfallOptionNames: OptionNames<WaterfallOptions> = {
  ...figureOptionNames,
  from: true,
  top: true,
  score: true,
  unitTitle: true,
  confidence: true,
};

/**
 * One output, step by step: from v(no unit intact) to v(all intact), each unit's contribution a bar that begins where
 * the one before ended. The largest come first; those after the first `top` share one step.
 *
 * @param input contributions to one output, as `modes.output(...)` gives them
 * @throws RangeError for no units, a name that comes twice, a value that is not finite, a negative standard error,
 *   lengths that differ
 * @example
 * const figure = waterfallFigure(
 *   { units: ["left", "right", "hat"], values: [0.5, 0.3, -0.1] },
 *   { from: 0.1, score: "accuracy" },
 * );
 */
export function waterfallFigure(input: Contributions, options: WaterfallOptions = {}): Figure {
  knownOptions("waterfallFigure", options, waterfallOptionNames);
  has("input", input, "Contributions");
  checkContributions(input);
  const from = finite("from", options.from ?? 0);
  const top = validWidth("top", options.top ?? 15);
  const { factor, words } = errorLength(options.confidence, input.degreesOfFreedom);
  const { font: em, line } = sizeStyle(options.size);
  const { steps, others } = stepsOf(input, top);
  const score = options.score ?? "score";
  const starts = [from];
  for (const { value } of steps) starts.push(starts[starts.length - 1] + value);
  const to = starts[steps.length];
  const short = withoutCommonPath(steps.slice(0, others === 0 ? undefined : -1).map(({ unit }) => unit));
  const texts = [...short, ...(others === 0 ? [] : [`${others} others`])];
  const names = ["None intact", ...texts, "All intact"].map((name) => shortened(name, 0.92 * em, 13 * em));
  const withErrors = input.standardErrors !== undefined;

  const { layout, caption } = frame(options, {
    title: options.title ?? `How the units make up the ${score}`,
    caption: sentences(
      `From the ${score} with no unit intact to that with all intact; each bar is one unit's contribution, red adds, blue takes away.`,
      others > 0 && `The ${others} units of smallest contribution share a step.`,
      errorNote("Error bars", words, input.standardErrors),
      sameInAllNote(steps),
      options.note,
    ),
    plotHeight: 1.55 * names.length * em,
    left: widest(names, 0.92 * em) + 3 * em,
    right: 3.4 * em,
  });
  const text = numberText(steps.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0));
  const errors = steps.map(({ error }) => factor * error);
  const reached = steps.flatMap((_, i) => [starts[i], starts[i + 1] - errors[i], starts[i + 1] + errors[i]]);
  const bars: Data = {
    type: "bar",
    orientation: "h",
    name: "Contribution",
    base: steps.map((_, i) => starts[i]),
    x: steps.map(({ value }) => value),
    y: steps.map((_, i) => i + 1),
    width: steps.map(() => 0.66),
    marker: { color: steps.map(({ value }) => (value < 0 ? takingColour : addingColour)) },
    customdata: steps.map(({ unit }) => escapeText(unit)),
    hovertemplate: "%{customdata}<br>contribution %{x:.5g}<extra></extra>",
  } as Data;
  if (withErrors && steps.some(({ error }) => error > 0)) {
    Object.assign(bars, {
      error_x: { type: "data", array: errors, color: ink, thickness: 0.085 * em, width: 0.2 * em },
    });
  }
  const ends: Data = {
    type: "scatter",
    mode: "text+markers",
    name: "v(S)",
    x: [from, to],
    y: [0, steps.length + 1],
    marker: { color: ink, symbol: "diamond", size: 0.7 * em },
    text: [from, to].map((value) => ` ${text(value)}`),
    textposition: "middle right",
    textfont: { size: 0.86 * em, color: ink },
    cliponaxis: false,
    hovertemplate: "%{x:.5g}<extra></extra>",
  } as Data;
  // Beyond the error bars, on the side that the bar goes to.
  const contributions: Data = {
    type: "scatter",
    mode: "text",
    name: "",
    x: steps.map(({ value }, i) =>
      value < 0 ? Math.min(starts[i], starts[i + 1] - errors[i]) : Math.max(starts[i], starts[i + 1] + errors[i]),
    ),
    y: steps.map((_, i) => i + 1),
    text: steps.map(({ value }) => ` ${value < 0 ? "" : "+"}${text(value)} `),
    textposition: steps.map(({ value }) => (value < 0 ? "middle left" : "middle right")),
    textfont: { size: 0.86 * em, color: quietInk },
    cliponaxis: false,
    hoverinfo: "skip",
  } as unknown as Data;
  // Each step begins where the one before has ended.
  const connectors: Data = {
    type: "scatter",
    mode: "lines",
    name: "",
    x: starts.flatMap((value) => [value, value, null]),
    y: starts.flatMap((_, i) => [i, i + 1, null]),
    line: { color: axisColour, width: 0.5 * line, dash: "dot" },
    hoverinfo: "skip",
  };
  layout.xaxis = axisStyle(escapeText(score.charAt(0).toUpperCase() + score.slice(1)), em, {
    range: paddedRange([from, to, ...reached], 0.1),
  });
  layout.yaxis = axisStyle(escapeText(options.unitTitle ?? "Unit"), em, {
    showgrid: false,
    range: [names.length - 0.5, -0.5],
    tickmode: "array",
    tickvals: names.map((_, index) => index),
    ticktext: names.map(escapeText),
    ticks: "",
  });
  return { data: [connectors, bars, contributions, ends], layout, caption };
}

/** The units of largest contribution, largest first, and the others as one step. */
function stepsOf({ units, values, standardErrors }: Contributions, top: number) {
  const all = units
    .map((unit, index) => ({
      unit,
      value: values[index],
      error: standardErrors?.[index] || 0,
      alike: standardErrors?.[index] === 0,
    }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  // A single unit has a step of its own rather than one that it shares with nobody.
  const shown = all.length === top + 1 ? all.length : top;
  const rest = all.slice(shown);
  const steps = all.slice(0, shown);
  if (rest.length > 0) {
    const sum = (of: (step: { value: number; error: number }) => number) =>
      rest.reduce((total, step) => total + of(step), 0);
    // Estimates of units are correlated: the sum of their errors is never too small.
    steps.push({
      unit: `${rest.length} others`,
      value: sum(({ value }) => value),
      error: sum(({ error }) => error),
      alike: false,
    });
  }
  return { steps, others: rest.length };
}

/** How numbers up to some size are written: with as many decimals as three digits of the largest have. */
function numberText(largest: number): (value: number) => string {
  const decimals = 2 - Math.floor(Math.log10(largest || 1));
  const plain = decimals >= -3 && decimals <= 7;
  return (value) => withMinus(plain ? value.toFixed(Math.max(0, decimals)) : value.toPrecision(3));
}
