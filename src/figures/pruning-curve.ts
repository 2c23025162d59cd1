import type { Data } from "plotly.js";
import { invalid } from "../errors.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, distinctNames, finite, finiteFromZero, sameLength } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { annotation, type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { band, lineColours, lineDashes } from "./kit/lines.js";
import { escapeText, shortened, textWidth, widest } from "./kit/text.js";
import { axisColour, axisStyle, quietInk, sizeStyle } from "./kit/theme.js";
import { paddedRange } from "./summaries.js";

/** The scores of one ranking of units; `pruningCurve` gives them. */
export interface ScoreCurve {
  readonly name: string;
  /** Score with the first 0, 1, ..., all units intact, `[units + 1]`. */
  readonly scores: ArrayLike<number>;
  /** Where it is a mean, the lowest and the highest of the scores, `[units + 1]` each; default no band. */
  readonly lowest?: ArrayLike<number>;
  readonly highest?: ArrayLike<number>;
}

/** Options of `pruningCurveFigure`. */
export interface PruningCurveFigureOptions extends FigureOptions {
  /** What the scores are, for the vertical axis; default `score`. */
  readonly score?: string;
  /**
   * A loss that is allowed: a thin grey line that far below the intact network's score, or above it where less is
   * better; default none.
   */
  readonly loss?: number;
}

/** The names of `PruningCurveFigureOptions`. */
export const pruningCurveFigureOptionNames: OptionNames<PruningCurveFigureOptions> = {
  ...figureOptionNames,
  score: true,
  loss: true,
};

/**
 * A score against how many units are kept, one line per ranking of the units: how many can go, and which ranking knows
 * which.
 *
 * @throws RangeError for no curves, more than ten, a name that comes twice, lengths that differ, numbers that are not
 *   finite, or scores outside of their band
 * @example
 * const curves = [
 *   { name: "Shapley", scores: [0.1, 0.7, 0.9, 0.95] },
 *   { name: "random", scores: [0.1, 0.3, 0.6, 0.95], lowest: [0.1, 0.1, 0.4, 0.95], highest: [0.1, 0.5, 0.8, 0.95] },
 * ];
 * const figure = pruningCurveFigure({ curves }, { score: "accuracy", loss: 0.01 });
 */
export function pruningCurveFigure(
  input: { readonly curves: readonly ScoreCurve[]; readonly lowerIsBetter?: boolean },
  options: PruningCurveFigureOptions = {},
): Figure {
  knownOptions("pruningCurveFigure", options, pruningCurveFigureOptionNames);
  has("input", input, "an object", "curves");
  const { curves, lowerIsBetter = false } = input;
  const all = checked(curves);
  const loss = options.loss === undefined ? undefined : finiteFromZero("loss", options.loss);
  const { font: em, line, width } = sizeStyle(options.size);
  const names = curves.map(({ name }) => shortened(name, 0.95 * em, 14 * em));
  const kept = Array.from({ length: all + 1 }, (_, k) => k);
  const intact = finite("score of all units", curves[0].scores[all]);
  const score = options.score ?? "score";

  const bands: Data[] = [];
  const drawn: Data[] = [];
  const reached: number[] = [];
  curves.forEach(({ scores, lowest, highest }, index) => {
    for (const part of [scores, lowest ?? [], highest ?? []]) for (const value of Array.from(part)) reached.push(value);
    if (lowest && highest) bands.push(band(names[index], index, kept, Array.from(lowest), Array.from(highest)));
    drawn.push({
      type: "scatter",
      mode: "lines",
      name: escapeText(names[index]),
      legendgroup: String(index),
      x: kept,
      y: Array.from(scores),
      line: { color: lineColours[index], width: 1.2 * line, dash: lineDashes[index % lineDashes.length] },
      hovertemplate: `${escapeText(names[index])}<br>%{x} units: %{y:.4g}<extra></extra>`,
    });
  });
  const allowed = loss === undefined ? undefined : lowerIsBetter ? intact + loss : intact - loss;
  if (allowed !== undefined) reached.push(allowed);
  const range = paddedRange(reached, 0.04);
  const labels = range.map((value) => value.toPrecision(3));
  const { layout, caption } = frame(options, {
    title: options.title ?? "What is left as units go",
    caption: sentences(
      `The ${score} with the first units of each ranking intact and all others lesioned.`,
      bands.length > 0 && "Bands: from the lowest to the highest of several rankings, the line their mean.",
      loss !== undefined &&
        `Thin grey line: ${loss} ${lowerIsBetter ? "above" : "below"} the ${score} with all ${all} units.`,
      options.note,
    ),
    plotHeight: 20 * em,
    left: widest(labels, 0.92 * em) + 3.2 * em,
    right: 1.4 * em,
    legend: names,
  });
  layout.xaxis = axisStyle("Units kept", em, {
    range: [0, all],
    showgrid: false,
    ...(all <= 8 && { dtick: 1 }), // there are no halves of units
  });
  layout.yaxis = axisStyle(escapeText(score.charAt(0).toUpperCase() + score.slice(1)), em, { range });
  if (allowed === undefined) return { data: [...bands, ...drawn], layout, caption };
  const limit = { color: axisColour, width: 0.8 * line };
  const y = allowed;
  layout.shapes = [{ type: "line", layer: "below", xref: "paper", x0: 0, x1: 1, yref: "y", y0: y, y1: y, line: limit }];
  const text = `${loss} ${lowerIsBetter ? "more" : "less"}`;
  const label = annotation({
    text,
    font: { size: 0.84 * em, color: quietInk },
    x: (0.6 * textWidth(text, em)) / width,
    y,
    yref: "y",
    yanchor: "bottom",
  });
  return { data: [...bands, ...drawn], layout: withAnnotations(layout, [label]), caption };
}

/** @returns how many units there are */
function checked(curves: readonly ScoreCurve[]): number {
  distinctNames(
    "curves",
    curves.map(({ name }) => name),
    "the rankings",
  );
  if (curves.length > lineColours.length) throw invalid("curves", `at most ${lineColours.length}`, curves.length);
  const { length } = curves[0].scores;
  if (length < 2) throw invalid("curves[0].scores", "a score of no unit, of one, and so on", curves[0].scores);
  curves.forEach(({ scores, lowest, highest }, c) => {
    for (const [part, values] of Object.entries({ scores, lowest, highest })) {
      if (values === undefined) continue;
      sameLength(`curves[${c}].${part}`, values, length, "as many as in the first curve");
      allFinite(`curves[${c}].${part}`, values);
    }
    for (let k = 0; k < length; k++) {
      const [low, high] = [lowest?.[k] ?? scores[k], highest?.[k] ?? scores[k]];
      const slack = 1e-9 * Math.max(Math.abs(low), Math.abs(high));
      if (low - slack > scores[k] || scores[k] > high + slack) {
        throw invalid(`curves[${c}].scores[${k}]`, `a number from ${low} to ${high}, its band`, scores[k]);
      }
    }
  });
  return length - 1;
}
