import type { Data } from "plotly.js";
import { summarise } from "../analysis/summary.js";
import { invalid, oneOf } from "../errors.js";
import { type Regulariser, regularisers } from "../networks/mlp/regulariser.js";
import { knownOptions, type OptionNames } from "../options.js";
import { finiteFromZero, nonEmpty, validWidth, within } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { annotation, type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { lowerFirst, textWidth } from "./kit/text.js";
import { axisColour, axisStyle, ink, quietInk, regulariserStyles, sizeStyle } from "./kit/theme.js";
import { counted } from "./summaries.js";

/** Accuracies of one network on the whole test set, as fractions of the images. */
export interface LesionedAccuracyRow {
  readonly regulariser: Regulariser;
  readonly trial: number;
  /** With every unit intact. */
  readonly intact: number;
  /** With the units of largest mean contribution lesioned. */
  readonly topLesioned: number;
  /** With all other units lesioned. */
  readonly restLesioned: number;
}

/** Published mean and standard deviation over trials of the same accuracies. */
export interface PublishedLesionedAccuracy {
  readonly regulariser: Regulariser;
  readonly intact: { readonly mean: number; readonly sd: number };
  readonly topLesioned: { readonly mean: number; readonly sd: number };
  readonly restLesioned: { readonly mean: number; readonly sd: number };
}

/** Options of `lesionedAccuracyFigure`. */
export interface LesionedAccuracyOptions extends FigureOptions {
  /** How many units of largest contribution were lesioned; default 40. */
  readonly top?: number;
  /** How many hidden units the networks have; default 200. */
  readonly width?: number;
  /** Published values to draw beside; default none. */
  readonly published?: readonly PublishedLesionedAccuracy[];
  /** What a unit is; default `Hidden unit`. */
  readonly unitTitle?: string;
  /** Accuracy of guessing, drawn as a dotted line; default 0.1, ten classes. */
  readonly chance?: number;
}

/** The names of `LesionedAccuracyOptions`. */
export const lesionedAccuracyOptionNames: OptionNames<LesionedAccuracyOptions> = {
  ...figureOptionNames,
  top: true,
  width: true,
  published: true,
  unitTitle: true,
  chance: true,
};

const conditions = ["intact", "topLesioned", "restLesioned"] as const;
type Condition = (typeof conditions)[number];

/** Where the strips of a condition lie about its centre, and half the length of the line at the mean. */
const stripDistance = 0.27;
const stripHalf = 0.075;
const publishedOffset = 0.115;

/**
 * Figure A1: accuracy after lesioning the units that contribute most, and after lesioning all the others, beside that
 * of the intact network; one strip of networks per regulariser, their mean as a line.
 *
 * @throws RangeError for no rows, an accuracy outside 0 to 1, a `top` that is not below `width`
 * @example
 * const figure = lesionedAccuracyFigure(
 *   [{ regulariser: "l1", trial: 0, intact: 0.959, topLesioned: 0.095, restLesioned: 0.961 }],
 *   { top: 40, width: 200 },
 * );
 */
export function lesionedAccuracyFigure(
  rows: readonly LesionedAccuracyRow[],
  options: LesionedAccuracyOptions = {},
): Figure {
  knownOptions("lesionedAccuracyFigure", options, lesionedAccuracyOptionNames);
  const { top, width, chance, published } = validated(rows, options);
  const { font: em, line } = sizeStyle(options.size);
  const shown = regularisers.filter((key) => rows.some((row) => row.regulariser === key));
  const beside = published.filter((row) => shown.includes(row.regulariser));

  const kind = lowerFirst(options.unitTitle ?? "Hidden unit");
  const units = `${kind.split(" ").at(-1)}s`;
  const counts = shown.map((key) => rows.filter((row) => row.regulariser === key).length);
  const several = Math.max(...counts) > 1;

  const data: Data[] = [];
  for (const key of shown) data.push(strip(rows, key, shown, options));
  if (several) data.push(meanLines(rows, shown, line));
  beside.forEach((row, index) => {
    data.push(publishedMarkers(row, shown, options, index === 0));
  });

  const names = shown.map((key) => regulariserStyles[key].name);
  const { layout, caption } = frame(options, {
    title: options.title ?? `Lesioning the ${top} ${units} that contribute most`,
    caption: sentences(
      `Accuracy on the test images. Each marker is one network of ${width} ${kind}s (${counted(counts, "network", "networks")} per regulariser)${several ? "; the short lines are means" : ""}.`,
      beside.length > 0 && "Open circles: the published means ±1 standard deviation (population) over trials.",
      options.note,
    ),
    plotHeight: 21 * em,
    left: 4.4 * em,
    axisHeight: 2.4 * em,
    legend: [...names, ...(several ? ["Mean"] : []), ...(beside.length > 0 ? ["Published"] : [])],
  });
  layout.xaxis = axisStyle(undefined, em, {
    range: [-0.52, 2.52],
    showgrid: false,
    ticks: "",
    tickmode: "array",
    tickvals: [0, 1, 2],
    ticktext: [`All ${units} intact`, `Top ${top} of ${width} lesioned`, `Other ${width - top} lesioned`],
    tickfont: { size: em, color: ink },
  });
  layout.yaxis = axisStyle("Accuracy (fraction correct)", em, { range: [0, 1.03], dtick: 0.2, tickformat: ".1f" });
  const chanceLine = { color: axisColour, width: 0.6 * line, dash: "dot" as const };
  layout.shapes = [
    { type: "line", layer: "below", xref: "paper", x0: 0, x1: 1, yref: "y", y0: chance, y1: chance, line: chanceLine },
  ];
  const label = annotation({
    text: "guessing",
    font: { size: 0.84 * em, color: quietInk },
    x: 0.5 * (textWidth("guessing", em) / sizeStyle(options.size).width),
    y: chance,
    yref: "y",
    yanchor: "bottom",
  });
  return { data, layout: withAnnotations(layout, [label]), caption };
}

function validated(rows: readonly LesionedAccuracyRow[], options: LesionedAccuracyOptions) {
  nonEmpty("rows", rows, "the networks' accuracies");
  rows.forEach((row, index) => {
    oneOf(`rows[${index}].regulariser`, regularisers, row.regulariser);
    for (const condition of conditions) within(`rows[${index}].${condition}`, row[condition], 0, 1);
  });
  const { published = [] } = options;
  published.forEach((row, index) => {
    oneOf(`published[${index}].regulariser`, regularisers, row.regulariser);
    for (const condition of conditions) {
      within(`published[${index}].${condition}.mean`, row[condition].mean, 0, 1);
      finiteFromZero(`published[${index}].${condition}.sd`, row[condition].sd);
    }
  });
  const width = validWidth("width", options.width ?? 200);
  const top = validWidth("top", options.top ?? 40);
  if (top >= width) throw invalid("top", `fewer units than the network's ${width}`, top);
  return { top, width, chance: within("chance", options.chance ?? 0.1, 0, 1), published };
}

/** Where the strip of a regulariser lies within a condition. */
function centre(condition: Condition, key: Regulariser, shown: readonly Regulariser[]): number {
  return conditions.indexOf(condition) + (shown.indexOf(key) - (shown.length - 1) / 2) * stripDistance;
}

/** The networks of a regulariser in all three conditions, side by side in the order of the rows. */
function strip(
  rows: readonly LesionedAccuracyRow[],
  key: Regulariser,
  shown: readonly Regulariser[],
  options: FigureOptions,
): Data {
  const { marker, line } = sizeStyle(options.size);
  const { name, colour, symbol } = regulariserStyles[key];
  const own = rows.filter((row) => row.regulariser === key);
  const offset = (index: number) => ((index + 0.5) / own.length - 0.5) * 1.5 * stripHalf;
  return {
    type: "scatter",
    mode: "markers",
    name,
    legendgroup: name,
    x: conditions.flatMap((condition) => own.map((_, index) => centre(condition, key, shown) + offset(index))),
    y: conditions.flatMap((condition) => own.map((row) => row[condition])),
    customdata: conditions.flatMap(() => own.map((row) => row.trial)),
    hovertemplate: `${name}, trial %{customdata}<br>accuracy %{y:.4f}<extra></extra>`,
    marker: { color: colour, symbol, size: marker, opacity: 0.85, line: { color: "#ffffff", width: 0.25 * line } },
  };
}

/** A short line at the mean of every strip. */
function meanLines(rows: readonly LesionedAccuracyRow[], shown: readonly Regulariser[], line: number): Data {
  const x: (number | null)[] = [];
  const y: (number | null)[] = [];
  for (const key of shown) {
    for (const condition of conditions) {
      const { mean } = summarise(rows.filter((row) => row.regulariser === key).map((row) => row[condition]));
      const middle = centre(condition, key, shown);
      x.push(middle - stripHalf, middle + stripHalf, null);
      y.push(mean, mean, null);
    }
  }
  return {
    type: "scatter",
    mode: "lines",
    name: "Mean",
    legendgroup: "mean",
    x,
    y,
    line: { color: ink, width: 1.3 * line },
    hovertemplate: "mean %{y:.4f}<extra></extra>",
  };
}

/** The published mean and standard deviation, to the right of the strip. */
function publishedMarkers(
  row: PublishedLesionedAccuracy,
  shown: readonly Regulariser[],
  options: FigureOptions,
  inLegend: boolean,
): Data {
  const { marker, line } = sizeStyle(options.size);
  return {
    type: "scatter",
    mode: "markers",
    name: "Published",
    legendgroup: "published",
    showlegend: inLegend,
    x: conditions.map((condition) => centre(condition, row.regulariser, shown) + publishedOffset),
    y: conditions.map((condition) => row[condition].mean),
    error_y: {
      type: "data",
      array: conditions.map((condition) => row[condition].sd),
      color: quietInk,
      thickness: 0.5 * line,
      width: 0.25 * marker,
    },
    marker: { color: quietInk, symbol: "circle-open", size: 0.75 * marker, line: { width: 0.5 * line } },
    hovertemplate: `${regulariserStyles[row.regulariser].name}, published<br>mean %{y:.4f}<extra></extra>`,
  };
}
