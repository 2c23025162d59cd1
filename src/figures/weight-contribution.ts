import type { Data, Layout, LayoutAxis } from "plotly.js";
import { oneOf } from "../errors.js";
import { type Regulariser, regularisers } from "../networks/mlp/regulariser.js";
import { knownOptions, type OptionNames } from "../options.js";
import { finite, nonEmpty, validWidth } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { annotation, type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { axisSuffix, gridColumns, panelTitle } from "./kit/panels.js";
import { escapeText, lowerFirst } from "./kit/text.js";
import { axisColour, axisStyle, ink, regulariserStyles, sizeStyle } from "./kit/theme.js";
import { paddedRange } from "./summaries.js";

/** One unit: how large its weights are, and what it contributes. */
export interface WeightContributionPoint {
  readonly regulariser: Regulariser;
  /** Mean absolute weight, incoming and outgoing averaged. */
  readonly weight: number;
  /** Contribution, mean over the outputs. */
  readonly contribution: number;
}

/** The units of networks of one width. */
export interface WeightContributionPanel {
  /** Hidden units n. */
  readonly width: number;
  readonly points: readonly WeightContributionPoint[];
}

/** Options of `weightContributionFigure`. */
export interface WeightContributionOptions extends FigureOptions {
  /** `"free"`: every panel has its own range (default), as contributions fall with n; `"shared"`: one range for all. */
  readonly axes?: "free" | "shared";
  /** What v(S) measures, for the axis; default `score`. */
  readonly score?: string;
  /** What a unit is; default `Hidden unit`. */
  readonly unitTitle?: string;
  /** Titles of the panels by their widths; default `n = 50`. */
  readonly widthNames?: Readonly<Record<number, string>> | undefined;
}

/** The names of `WeightContributionOptions`. */
export const weightContributionOptionNames: OptionNames<WeightContributionOptions> = {
  ...figureOptionNames,
  axes: true,
  score: true,
  unitTitle: true,
  widthNames: true,
};

/**
 * Figure A7: the contribution of every unit against its mean absolute weight, one panel per number of hidden units.
 *
 * @throws RangeError for no panels, a panel without points, a weight or contribution that is not a finite number
 * @example
 * const figure = weightContributionFigure([
 *   { width: 50, points: [{ regulariser: "l1", weight: 0.08, contribution: 0.02 }] },
 * ]);
 */
export function weightContributionFigure(
  panels: readonly WeightContributionPanel[],
  options: WeightContributionOptions = {},
): Figure {
  knownOptions("weightContributionFigure", options, weightContributionOptionNames);
  nonEmpty("panels", panels, "the widths");
  panels.forEach(checkPanel);
  const axesKind = oneOf("axes", ["free", "shared"], options.axes ?? "free");
  const { font: em, width } = sizeStyle(options.size);
  const all = panels.flatMap((panel) => panel.points);
  const shown = regularisers.filter((key) => all.some((point) => point.regulariser === key));

  const columns = gridColumns(panels.length, width / em);
  const rows = Math.ceil(panels.length / columns);
  const left = (rows === 1 ? 6.1 : 4.9) * em;
  const right = 0.9 * em;
  const gapX = axesKind === "free" ? 3.9 * em : 0.9 * em;
  const gapY = 3.4 * em;
  const side = (width - left - right - gapX * (columns - 1)) / columns;
  const height = Math.min(columns === 1 ? 0.6 * side : 0.85 * side, 20 * em);
  const plotHeight = rows * height + (rows - 1) * gapY;
  const plotWidth = width - left - right;

  const { layout, caption } = frame(options, {
    title: options.title ?? "Weight and contribution of every unit",
    caption: sentences(
      `Each marker is one ${lowerFirst(options.unitTitle ?? "Hidden unit")}: its mean absolute weight (incoming and outgoing averaged) and its contribution to the ${options.score ?? "score"} (mean over the outputs).`,
      axesKind === "free" && panels.length > 1 && "Every panel has its own range.",
      options.note,
    ),
    plotHeight,
    left,
    right,
    panelTitle: 1.4 * em,
    legend: shown.map((key) => regulariserStyles[key].name),
  });

  if (layout.legend) layout.legend.itemsizing = "constant";
  const data: Data[] = [];
  const axes: Record<string, Partial<LayoutAxis>> = {};
  const titles = panels.map((panel, index) => {
    const column = index % columns;
    const row = Math.floor(index / columns);
    const suffix = axisSuffix(index);
    const points = axesKind === "free" ? panel.points : all;
    const start = column * (side + gapX);
    const top = plotHeight - row * (height + gapY);
    axes[`xaxis${suffix}`] = axisStyle(undefined, em, {
      domain: [start / plotWidth, Math.min(1, (start + side) / plotWidth)],
      anchor: `y${suffix}` as "y",
      range: paddedRange(points.map((point) => point.weight)),
      nticks: Math.max(3, Math.floor(side / (3.4 * em))),
    });
    axes[`yaxis${suffix}`] = axisStyle(undefined, em, {
      domain: [Math.max(0, (top - height) / plotHeight), top / plotHeight],
      anchor: `x${suffix}` as "x",
      range: paddedRange(points.map((point) => point.contribution)),
      nticks: Math.max(4, Math.floor(height / (2 * em))),
      showexponent: "last",
      showticklabels: axesKind === "free" || column === 0,
      zeroline: true,
      zerolinecolor: axisColour,
      zerolinewidth: 1,
    });
    for (const key of shown.filter((each) => has(panel, each))) {
      const inLegend = panels.findIndex((other) => has(other, key)) === index;
      data.push(cloud(panel, key, suffix, options, inLegend, panels.length > 12));
    }
    const name = options.widthNames?.[panel.width];
    return panelTitle(name === undefined ? `<i>n</i> = ${panel.width}` : escapeText(name), index, {
      size: em,
      color: ink,
    });
  });
  return {
    data,
    layout: withAnnotations({ ...layout, ...axes }, [
      ...titles,
      ...axisTitles(layout, em, rows === 1 ? "<br>" : " ", options.score ?? "score"),
    ]),
    caption,
  };
}

function checkPanel(panel: WeightContributionPanel, index: number): void {
  validWidth(`panels[${index}].width`, panel.width);
  nonEmpty(`panels[${index}].points`, panel.points, "the units");
  panel.points.forEach((point, place) => {
    const name = `panels[${index}].points[${place}]`;
    oneOf(`${name}.regulariser`, regularisers, point.regulariser);
    finite(`${name}.weight`, point.weight);
    finite(`${name}.contribution`, point.contribution);
  });
}

function has(panel: WeightContributionPanel, key: Regulariser): boolean {
  return panel.points.some((point) => point.regulariser === key);
}

/** How many panels stand side by side: as square a grid as a page of this width (in letters) reads well. */
/** The units of one regulariser in one panel. */
function cloud(
  panel: WeightContributionPanel,
  key: Regulariser,
  suffix: string,
  options: FigureOptions,
  inLegend: boolean,
  small: boolean,
): Data {
  const { marker } = sizeStyle(options.size);
  const { name, colour, symbol } = regulariserStyles[key];
  const points = panel.points.filter((point) => point.regulariser === key);
  return {
    type: "scatter",
    mode: "markers",
    name,
    legendgroup: name,
    showlegend: inLegend,
    x: points.map((point) => point.weight),
    y: points.map((point) => point.contribution),
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    marker: { color: colour, symbol, size: marker * (small ? 0.45 : 0.65), opacity: 0.7 },
    hovertemplate: `${name}, n = ${panel.width}<br>mean |weight| %{x:.4f}<br>contribution %{y:.5f}<extra></extra>`,
  };
}

/** One title for all horizontal axes and one for all vertical ones. */
function axisTitles(layout: Partial<Layout>, em: number, gap: string, score: string) {
  const left = layout.margin?.l ?? 0;
  return [
    annotation({ text: "Mean |weight|", x: 0.5, y: 0, yanchor: "top", yshift: -1.7 * em, borderpad: 0 }),
    annotation({
      text: `Mean contribution${gap}(${escapeText(score)})`,
      textangle: "-90",
      x: 0,
      xanchor: "left",
      xshift: 0.6 * em - left,
      y: 0.5,
      yanchor: "middle",
      borderpad: 0,
    }),
  ];
}
