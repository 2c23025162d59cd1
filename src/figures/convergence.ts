import type { Data } from "plotly.js";
import { invalid, oneOf, wrongKind } from "../errors.js";
import { measureAt, type StoppingRecord, stoppingRecord } from "../estimators/stopping/record.js";
import { type AccuracyRule, accuracyRules } from "../estimators/stopping/until.js";
import type { JsonObject } from "../json.js";
import { knownOptions, type OptionNames } from "../options.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences } from "./kit/frame.js";
import { escapeText, widest } from "./kit/text.js";
import { axisColour, axisStyle, digitStyle, ink, regulariserStyles, type SeriesStyle, sizeStyle } from "./kit/theme.js";

/** A run whose convergence is drawn: Shapley Modes of a run with `until`, or what has their provenance. */
export interface ConvergenceRun {
  /** Stands in the legend where there are several; default the estimator. */
  readonly name?: string;
  readonly provenance: JsonObject;
}

/** Options of `convergenceFigure`. */
export interface ConvergenceOptions extends FigureOptions {
  /** Which measure: a rule of `until`. Default the first one that was asked for, else `standardError`. */
  readonly rule?: AccuracyRule;
  /** The goal that is drawn; default what the first run was asked for. */
  readonly goal?: number;
}

/** The names of `ConvergenceOptions`. */
export const convergenceOptionNames: OptionNames<ConvergenceOptions> = { ...figureOptionNames, rule: true, goal: true };

/** What is drawn for a rule: an error that falls. */
const measures: Readonly<Record<AccuracyRule, { axis: string; means: string; power: number }>> = {
  standardError: {
    axis: "Largest standard error",
    means: "Largest standard error of any number of any mode",
    power: 0.5,
  },
  meanStandardError: {
    axis: "Largest standard error of means",
    means: "Largest standard error of a unit's contribution averaged over the outputs",
    power: 0.5,
  },
  relativeError: {
    axis: "Relative error",
    means: "Largest standard error of an output in shares of its largest contribution, for the worst output",
    power: 0.5,
  },
  rankStability: {
    axis: "1 − rank stability",
    means: "What the expected rank correlation with a second run lacks to 1",
    power: 1,
  },
  top: {
    axis: "Overlap of intervals",
    means: "How many times too wide the intervals are for the first units to be told apart from the rest",
    power: 0.5,
  },
};

/** Styles of several runs: colours that are dark enough for lines, each with a symbol of its own. */
const styles = [0, 1, 3, 5, 6, 9].map(digitStyle);
const mostRuns = styles.length;

/**
 * How the error of a run fell as it went on: a point for each look of its stopping rules, on logarithmic axes, beside
 * the line that falls with the square root of the evaluations through the last of them, and the goal. Any run with
 * `until` will do, also one that has a budget alone.
 *
 * @param runs of the same game: one, or up to six to be compared
 * @throws RangeError for modes of a run without `until`, and where a run never saw the measure; TypeError for what is
 *   no run
 * @example
 * const square = await gameFrom(8, (intact) => intact.size ** 2);
 * const run = await shapley(square, { until: { standardError: 0.2 }, orderings: 2000 });
 * const figure = convergenceFigure(run);
 */
export function convergenceFigure(
  runs: ConvergenceRun | readonly ConvergenceRun[],
  options: ConvergenceOptions = {},
): Figure {
  knownOptions("convergenceFigure", options, convergenceOptionNames);
  const all = (Array.isArray(runs) ? runs : [runs]) as readonly ConvergenceRun[];
  if (all.length === 0 || all.length > mostRuns) throw invalid("runs", `1 to ${mostRuns} runs`, all.length);
  const records = all.map(recordOf);
  const rule = oneOf("rule", accuracyRules, options.rule ?? records[0].goals[0]?.rule ?? "standardError");
  const { axis, means, power } = measures[rule];
  const shown = (value: number) => (rule === "rankStability" ? 1 - value : value);
  const series = all.map((run, at) => seriesOf(run, records[at], at, all.length, shown, rule));
  const wanted = options.goal ?? records[0].goals.find((goal) => goal.rule === rule)?.goal;
  const goal = wanted === undefined ? undefined : shown(positive("goal", wanted));

  const { font: em, line, marker } = sizeStyle(options.size);
  const evaluations = series.flatMap(({ points }) => points.map(({ x }) => x));
  const errors = series.flatMap(({ points }) => points.map(({ y }) => y));
  const floor = goal === undefined ? leastShare * Math.max(...errors) : leastOfGoal * goal;
  const below = errors.some((error) => error < floor);
  let dotted = false;
  const data: Data[] = [];
  for (const { points: all, style, name } of series) {
    const points = all.map(({ x, y }) => ({ x, y: Math.max(y, floor) }));
    const last = points[points.length - 1];
    const ends = [points[0].x, last.x];
    // Through a look that is exact the line says nothing.
    if (last.y > floor || !below) {
      dotted = true;
      data.push({
        type: "scatter",
        mode: "lines",
        name: `${name}, expected`,
        showlegend: false,
        x: ends,
        y: ends.map((x) => last.y * (last.x / x) ** power),
        line: { color: style.colour, width: 0.5 * line, dash: "dot" },
        hoverinfo: "skip",
      });
    }
    data.push({
      type: "scatter",
      mode: "lines+markers",
      name,
      x: points.map(({ x }) => x),
      y: points.map(({ y }) => y),
      customdata: all.map(({ y }) => y),
      line: { color: style.colour, width: 0.8 * line },
      marker: { color: style.colour, symbol: style.symbol, size: 0.8 * marker },
      hovertemplate: `${escapeText(name)}<br>%{x:,} evaluations<br>%{customdata:.3g}<extra></extra>`,
    });
  }
  const range = [Math.min(...evaluations), Math.max(...evaluations)];
  if (goal !== undefined) {
    data.push({
      type: "scatter",
      mode: "lines",
      name: "Goal",
      x: [range[0] / wide, range[1] * wide],
      y: [goal, goal],
      line: { color: ink, width: 0.6 * line, dash: "dash" },
      hovertemplate: "goal %{y:.3g}<extra></extra>",
    });
  }
  const legend =
    series.length > 1 || goal !== undefined
      ? [...series.map(({ name }) => name), ...(goal === undefined ? [] : ["Goal"])]
      : undefined;
  const shownErrors = errors.map((error) => Math.max(error, floor));
  const heights = goal === undefined ? shownErrors : [...shownErrors, goal];
  const { layout, caption } = frame(options, {
    title: options.title ?? "How the error fell",
    caption: sentences(
      `${means}, at each look.`,
      below && `Points at ${Number(floor.toPrecision(2))}, the least that is drawn, are there or below it.`,
      dotted &&
        `Dotted: falling with ${power === 1 ? "the evaluations" : "the square root of the evaluations"} through the last look.`,
      ...series.map(({ record, name }) => endText(record, series.length > 1 ? name : undefined)),
      options.note,
    ),
    plotHeight: 20 * em,
    left: Math.max(5 * em, widest(decadesOf(heights), 0.92 * em) + 3.2 * em),
    right: 1.4 * em,
    ...(legend && { legend }),
  });
  layout.xaxis = logAxis("Evaluations of <i>v</i>", em, range, wide);
  layout.yaxis = logAxis(axis, em, [Math.min(...heights), Math.max(...heights)], 1.25);
  return { data, layout, caption };
}

/** Least error that is drawn as it is: a share of the goal, or without one of the largest error. */
const leastOfGoal = 1e-3;
const leastShare = 1e-6;

/** How far axes go beyond the points, as a factor. */
const wide = 1.15;

/** The powers of ten about some numbers, as ticks have them. */
function decadesOf(numbers: readonly number[]): string[] {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)].map((number) => Math.floor(Math.log10(number)));
  return Array.from({ length: high - low + 1 }, (_, at) => String(Number(`1e${low + at}`)));
}

function logAxis(title: string, em: number, [low, high]: readonly number[], beyond: number) {
  const range = [Math.log10(low / beyond), Math.log10(high * beyond)];
  return axisStyle(title, em, {
    type: "log",
    range,
    // Within two decades 2 and 5 are labelled too, within a third of one all digits.
    dtick: range[1] - range[0] < 0.35 ? "D1" : range[1] - range[0] < 2 ? "D2" : 1,
    tickformat: "~g",
    linecolor: axisColour,
  });
}

/** A curve of the figure. */
interface Series {
  readonly name: string;
  readonly style: SeriesStyle;
  readonly record: StoppingRecord;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

function seriesOf(
  { name, provenance }: ConvergenceRun,
  record: StoppingRecord,
  at: number,
  runs: number,
  shown: (value: number) => number,
  rule: AccuracyRule,
): Series {
  const points = record.looks
    .map((look) => ({ x: look.evaluations, y: shown(measureAt(look, rule)) }))
    // An error of 0 has no place on a logarithmic axis.
    .filter(({ y }) => Number.isFinite(y) && y > 0);
  if (points.length === 0) throw invalid("rule", "a measure that every run has seen above 0", rule);
  const style = runs === 1 ? regulariserStyles.l2 : styles[at];
  return { name: name ?? String(provenance.estimator ?? `run ${at + 1}`), style, record, points };
}

function recordOf(run: ConvergenceRun): StoppingRecord {
  if (run === null || typeof run !== "object" || typeof run.provenance !== "object") {
    throw wrongKind("runs", "Shapley Modes of a run with until", run);
  }
  const record = stoppingRecord(run.provenance);
  if (!record || record.looks.length === 0) {
    throw invalid("runs", "Shapley Modes of a run with until, whose looks they keep", run.provenance.estimator ?? null);
  }
  return record;
}

/** Why a run stopped, as a sentence. */
function endText({ looks, stopped }: StoppingRecord, name: string | undefined): string {
  const { evaluations, orderings } = looks[looks.length - 1];
  const when = `after ${evaluations.toLocaleString("en-GB")} evaluations${orderings === null ? "" : ` (${orderings.toLocaleString("en-GB")} orderings)`}`;
  const why: Readonly<Record<string, string>> = {
    met: "with all goals met",
    coalitions: "having played all coalitions",
    interrupted: "interrupted",
  };
  return `${name === undefined ? "The run" : name} stopped ${when}, ${why[stopped] ?? `at its budget of ${stopped}`}.`;
}

function positive(name: string, value: number): number {
  if (typeof value !== "number") throw wrongKind(name, "a positive number", value);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw invalid(name, "a positive number", value);
  return value;
}
