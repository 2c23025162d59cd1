import type { Data, LayoutAxis } from "plotly.js";
import { invalid } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { distinctNames, nonEmpty, sameLength, within } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { heatLabels, unitLabels } from "./kit/heat-labels.js";
import { colourBar, heatTitleRoom, heatTitles, heatTrace } from "./kit/heat-trace.js";
import { axisSuffix } from "./kit/panels.js";
import { escapeText } from "./kit/text.js";
import { axisStyle, sizeStyle } from "./kit/theme.js";

/** How the outputs of one network go together. */
export interface CorrelationPanel {
  /** What stands above the panel, e.g. `L1`. */
  readonly title: string;
  /** Pearson's r of every two outputs over the units, `[outputs][outputs]`. */
  readonly correlation: readonly (readonly number[])[];
  /** Names of the outputs. */
  readonly labels: readonly string[];
}

/** Options of `outputCorrelationFigure`. */
export interface OutputCorrelationOptions extends FigureOptions {
  /** What an output is; default `Output`. */
  readonly outputTitle?: string;
}

/** The names of `OutputCorrelationOptions`. */
export const outputCorrelationOptionNames: OptionNames<OutputCorrelationOptions> = {
  ...figureOptionNames,
  outputTitle: true,
};

/**
 * Figure A4: correlation of the outputs' rows of Shapley Modes (A3), one square heatmap per network, side by side, on
 * one scale from -1 to 1: which digits do the same units serve?
 *
 * @throws RangeError for no panels or more than fit side by side, a matrix that is not square, a correlation outside -1
 *   to 1
 * @example
 * const figure = outputCorrelationFigure([{ title: "L1", correlation: [[1, 0.2], [0.2, 1]], labels: ["0", "1"] }]);
 */
export function outputCorrelationFigure(
  panels: readonly CorrelationPanel[],
  options: OutputCorrelationOptions = {},
): Figure {
  knownOptions("outputCorrelationFigure", options, outputCorrelationOptionNames);
  nonEmpty("panels", panels, "the networks' correlations");
  panels.forEach(checkPanel);
  const { font: em, width } = sizeStyle(options.size);
  const right = 5.6 * em;
  // Panels with labels of their own have less room for them.
  const longest = sameLabels(panels) ? 9 * em : clamped((0.35 * (width - right)) / panels.length, 2 * em, 9 * em);
  const labels = panels.map((panel) => heatLabels(panel.labels, em, longest));
  const labelWidth = Math.max(...labels.map((label) => label.width));
  const left = labelWidth + 2.7 * em;
  const gap = 1.2 * em + (sameLabels(panels) ? 0 : labelWidth + 0.6 * em);
  const side = Math.min((width - left - right - gap * (panels.length - 1)) / panels.length, 26 * em);
  if (side < 2 * em) throw invalid("panels", "as many as fit side by side", panels.length);
  const taken = side * panels.length + gap * (panels.length - 1);
  const bottoms = panels.map((panel) => unitLabels(panel.labels, em, side));

  const outputTitle = escapeText(options.outputTitle ?? "Output");
  const { layout, caption } = frame(options, {
    title: options.title ?? "Which outputs share their units",
    caption: sentences(
      `Pearson correlation, over the units of a network, between the contributions to one ${(options.outputTitle ?? "Output").toLowerCase()} and those to another.`,
      options.note,
    ),
    plotHeight: side,
    left,
    right: width - left - taken,
    axisHeight: Math.max(...bottoms.map((bottom) => bottom.height)) + 2.5 * em,
    panelTitle: heatTitleRoom(em),
  });

  const bar = colourBar("Pearson's <i>r</i>", side, em, { dtick: side < 11 * em ? 1 : 0.5 });
  const axes: Record<string, Partial<LayoutAxis>> = {};
  const data: Data[] = [];
  panels.forEach((panel, index) => {
    const suffix = axisSuffix(index);
    const start = index * (side + gap);
    const square = { type: "category" as const, showgrid: false, showline: false, constrain: "domain" as const };
    axes[`xaxis${suffix}`] = axisStyle(outputTitle, em, {
      ...square,
      domain: [start / taken, Math.min(1, (start + side) / taken)],
      range: [-0.5, panel.labels.length - 0.5],
      anchor: `y${suffix}` as "y",
      ...bottoms[index].ticks,
    });
    axes[`yaxis${suffix}`] = axisStyle(index === 0 ? outputTitle : undefined, em, {
      ...square,
      range: [panel.labels.length - 0.5, -0.5],
      anchor: `x${suffix}` as "x",
      scaleanchor: `x${suffix}` as "x",
      ...labels[index].ticks(side),
      showticklabels: index === 0 || !sameLabels(panels),
    });
    const cells = {
      title: panel.title,
      columns: panel.labels,
      rows: panel.labels,
      z: panel.correlation.map((row) => [...row]),
      limit: 1,
      hovertemplate: "%{y} and %{x}<br>r = %{z:.3f}<extra></extra>",
    };
    data.push(heatTrace(cells, index, index === 0 ? bar : undefined));
  });
  return { data, layout: withAnnotations({ ...layout, ...axes }, heatTitles(panels, em)), caption };
}

function checkPanel(panel: CorrelationPanel, index: number): void {
  const name = `panels[${index}]`;
  distinctNames(`${name}.labels`, panel.labels, "the names of the outputs");
  const count = panel.labels.length;
  sameLength(`${name}.correlation`, panel.correlation, count, "one row per label");
  panel.correlation.forEach((row, r) => {
    sameLength(`${name}.correlation[${r}]`, row, count, "one column per label");
    // A correlation may leave -1..1 by a rounding error.
    for (let c = 0; c < count; c++) within(`${name}.correlation[${r}][${c}]`, row[c], -1, 1, 1e-9);
  });
}

function clamped(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

function sameLabels(panels: readonly CorrelationPanel[]): boolean {
  return panels.every((panel) => panel.labels.join("\n") === panels[0].labels.join("\n"));
}
