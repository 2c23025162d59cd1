import type { Data } from "plotly.js";
import { invalid } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, distinctNames, finite, nonEmpty, sameLength, validWidth } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences } from "./kit/frame.js";
import { type Confidence, errorLength } from "./kit/intervals.js";
import { band, lineColours, lineDashes } from "./kit/lines.js";
import { escapeText, lowerFirst, shortened, widest } from "./kit/text.js";
import { axisColour, axisStyle, sizeStyle } from "./kit/theme.js";
import { extent, paddedRange } from "./summaries.js";

/** A mode along one axis: `modes.unit("inflow")` is one where the output has a single axis. */
export interface ModeLine {
  readonly name: string;
  /** One number per place of the axis. */
  readonly values: ArrayLike<number>;
  /** Standard error of each, NaN where unknown; default none, and no band. */
  readonly standardErrors?: ArrayLike<number> | undefined;
  /** Of the standard errors; default infinitely many: intervals of a normal distribution. */
  readonly degreesOfFreedom?: number | undefined;
}

/** The axis that the lines run along. */
export interface LineAxis {
  /** What it counts, with its unit, e.g. `Time (s)`. */
  readonly title: string;
  /** Where each value lies, ascending; default equal steps from `from` to `to`. */
  readonly places?: ArrayLike<number>;
  /** Where the first and the last value lie, instead of `places`; default 0 and the number of values - 1. */
  readonly from?: number;
  readonly to?: number;
}

/** Options of `modeLinesFigure`. */
export interface ModeLinesOptions extends FigureOptions {
  readonly axis: LineAxis;
  /** What v(S) measures, with its unit, for the vertical axis; default `score`. */
  readonly score?: string;
  /** Bands as confidence intervals: `true` of 95 %, or a level such as 0.99; default one standard error. */
  readonly confidence?: Confidence;
  /** How many lines to show, those that go furthest from 0; default 8. At most 10: more could not be told apart. */
  readonly top?: number;
}

/** The names of `ModeLinesOptions`. */
export const modeLinesOptionNames: OptionNames<ModeLinesOptions> = {
  ...figureOptionNames,
  axis: true,
  score: true,
  confidence: true,
  top: true,
};

/**
 * Shapley Modes along an axis, one line per unit with a band of its standard errors: what each part of a simulation
 * adds as time goes on, or at each frequency.
 *
 * @throws RangeError for no lines, a name that comes twice, lengths that differ, values that are not finite, negative
 *   standard errors, places that do not ascend
 * @example
 * const figure = modeLinesFigure(
 *   [
 *     { name: "inflow", values: [0, 0.4, 0.9], standardErrors: [0, 0.05, 0.1] },
 *     { name: "leak", values: [0, -0.1, -0.5], standardErrors: [0, 0.02, 0.06] },
 *   ],
 *   { axis: { title: "Time (s)", from: 0, to: 10 }, score: "volume (l)" },
 * );
 */
export function modeLinesFigure(lines: readonly ModeLine[], options: ModeLinesOptions): Figure {
  knownOptions("modeLinesFigure", options, modeLinesOptionNames);
  nonEmpty("lines", lines, "the units' modes", "name", "values");
  distinctNames(
    "lines",
    lines.map(({ name }) => name),
    "the units' modes",
  );
  const { length } = lines[0].values;
  lines.forEach((line, index) => checkLine(line, index, length));
  const places = placesOf(options.axis, length);
  const top = validWidth("top", options.top ?? 8);
  if (top > lineColours.length) throw invalid("top", `at most ${lineColours.length}`, top);
  const furthest = ({ values }: ModeLine) => Math.max(...extent(Array.from(values)).map(Math.abs));
  const shown = [...lines].sort((a, b) => furthest(b) - furthest(a)).slice(0, top);
  const { words } = errorLength(options.confidence);
  const { font: em, line: width } = sizeStyle(options.size);
  const withErrors = shown.some(({ standardErrors }) => standardErrors !== undefined);
  const score = options.score ?? "score";
  const names = shown.map(({ name }) => shortened(name, 0.95 * em, 14 * em));

  const bands: Data[] = [];
  const drawn: Data[] = [];
  const reached: number[] = [0];
  shown.forEach(({ values, standardErrors, degreesOfFreedom }, index) => {
    const { factor } = errorLength(options.confidence, degreesOfFreedom);
    const colour = lineColours[index];
    const error = (i: number) => factor * (standardErrors?.[i] || 0);
    const y = Array.from(values);
    const upper = y.map((value, i) => value + error(i));
    const lower = y.map((value, i) => value - error(i));
    for (const value of [...upper, ...lower]) reached.push(value);
    if (standardErrors) {
      bands.push(band(names[index], index, places, lower, upper));
    }
    drawn.push({
      type: "scatter",
      mode: length === 1 ? "markers" : "lines",
      name: escapeText(names[index]),
      legendgroup: String(index),
      x: [...places],
      y,
      line: { color: colour, width: 1.2 * width, dash: lineDashes[index % lineDashes.length] },
      marker: { color: colour },
      hovertemplate: `${escapeText(names[index])}<br>%{x}: %{y:.5g}<extra></extra>`,
    });
  });

  const range = paddedRange(reached, 0.04);
  const labels = range.map((value) => value.toPrecision(3));
  const { layout, caption } = frame(options, {
    title: options.title ?? `What every unit adds to the ${score}`,
    caption: sentences(
      `Contribution of each unit to the ${score}, over ${lowerFirst(options.axis.title)}.`,
      shown.length < lines.length && `Shown are the ${shown.length} of ${lines.length} units that go furthest from 0.`,
      withErrors && `Bands: ${words}.`,
      options.note,
    ),
    plotHeight: 20 * em,
    left: widest(labels, 0.92 * em) + 3.2 * em,
    right: 1.4 * em,
    legend: names,
  });
  layout.xaxis = axisStyle(escapeText(options.axis.title), em, {
    range: length === 1 ? paddedRange(places) : [places[0], places[length - 1]],
    showgrid: false,
  });
  layout.yaxis = axisStyle(`Contribution to ${escapeText(score)}`, em, {
    range,
    zeroline: true,
    zerolinecolor: axisColour,
    zerolinewidth: 1,
  });
  return { data: [...bands, ...drawn], layout, caption };
}

function checkLine({ values, standardErrors }: ModeLine, index: number, length: number): void {
  const name = `lines[${index}]`;
  sameLength(`${name}.values`, values, length, "as many as in the first line");
  if (length === 0) throw invalid(`${name}.values`, "at least one number", values);
  allFinite(`${name}.values`, values);
  if (!standardErrors) return;
  sameLength(`${name}.standardErrors`, standardErrors, length, "one per value");
  for (let i = 0; i < length; i++) {
    const error = standardErrors[i];
    if (Number.isNaN(error)) continue; // a single ordering says nothing of its spread
    if (finite(`${name}.standardErrors[${i}]`, error) < 0) {
      throw invalid(`${name}.standardErrors[${i}]`, "a number from 0 on", error);
    }
  }
}

function placesOf(axis: LineAxis, length: number): number[] {
  if (axis === null || typeof axis !== "object" || typeof axis.title !== "string") {
    throw invalid("axis", "an axis with a title", axis);
  }
  if (axis.places) {
    if (axis.from !== undefined || axis.to !== undefined)
      throw invalid("axis", "places, or from and to, not both", axis);
    sameLength("axis.places", axis.places, length, "one per value");
    allFinite("axis.places", axis.places);
    const places = Array.from(axis.places);
    const step = places.findIndex((place, i) => i > 0 && place <= places[i - 1]);
    if (step > 0) throw invalid(`axis.places[${step}]`, "ascending places", places[step]);
    return places;
  }
  const from = finite("axis.from", axis.from ?? 0);
  const to = finite("axis.to", axis.to ?? from + length - 1);
  if (length > 1 && to <= from) throw invalid("axis.to", "more than from", to);
  return Array.from({ length }, (_, i) => (length === 1 ? from : from + (i * (to - from)) / (length - 1)));
}
