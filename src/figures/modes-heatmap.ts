import type { Data, LayoutAxis } from "plotly.js";
import { oneOf } from "../errors.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, distinctNames, nonEmpty, sameLength } from "./kit/checks.js";
import { type ColourRange, colourLimit } from "./kit/colour-limit.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { heatLabels, unitLabels } from "./kit/heat-labels.js";
import { colourBar, type HeatPanel, heatTitleRoom, heatTitles, heatTrace } from "./kit/heat-trace.js";
import { axisSuffix } from "./kit/panels.js";
import { escapeText, wrapText } from "./kit/text.js";
import { axisStyle, sizeStyle } from "./kit/theme.js";

/** The Shapley Modes of one network. */
export interface ModesPanel {
  /** What stands above the panel, e.g. `L1`. */
  readonly title: string;
  /** Names of the units, from left to right. */
  readonly units: readonly string[];
  /** Contributions `[units, outputs]`, unit after unit. */
  readonly values: Float64Array;
  /** Names of the outputs, from top to bottom. */
  readonly outputs: readonly string[];
}

/** Options of `modesHeatmapFigure` and `modeHeatmapFigure`. */
export interface ModesHeatmapOptions extends FigureOptions {
  /** What v(S) measures, for the colour bar; default `score`. */
  readonly score?: string;
  /** What an output is; default `Output`. */
  readonly outputTitle?: string;
  /** What a unit is; default `Unit`. */
  readonly unitTitle?: string;
  /** Where the colours end; default `"full"`. */
  readonly range?: ColourRange;
  /**
   * `"shared"` (default): one colour scale for all panels; `"own"`: each panel has a scale and a colour bar of its own.
   */
  readonly scale?: "shared" | "own";
}

/** The names of `ModesHeatmapOptions`. */
export const modesHeatmapOptionNames: OptionNames<ModesHeatmapOptions> = {
  ...figureOptionNames,
  score: true,
  outputTitle: true,
  unitTitle: true,
  range: true,
  scale: true,
};

/**
 * Figure A3: Shapley Modes as heatmaps, outputs by units, one panel below the other, with one diverging colour scale
 * centred at 0 for all of them.
 *
 * @throws RangeError for no panels, values that are not finite, or not as many as units times outputs
 * @example
 * const figure = modesHeatmapFigure([
 *   { title: "L1", units: ["0", "1"], outputs: ["0", "1"], values: Float64Array.of(0.2, 0, -0.1, 0.3) },
 * ]);
 */
export function modesHeatmapFigure(panels: readonly ModesPanel[], options: ModesHeatmapOptions = {}): Figure {
  knownOptions("modesHeatmapFigure", options, modesHeatmapOptionNames);
  nonEmpty("panels", panels, "the networks' modes");
  panels.forEach(checkPanel);
  const { font: em } = sizeStyle(options.size);
  const { limit, remark } = colourLimit(
    panels.map((panel) => panel.values),
    options.range,
  );
  const ownScales = oneOf("scale", ["shared", "own"], options.scale ?? "shared") === "own";
  const limits = panels.map(({ values }) => (ownScales ? colourLimit([values], options.range) : { limit, remark }));
  const remarks = ownScales
    ? limits.map((own, index) => own.remark && `${panels[index].title}: ${own.remark}`)
    : [remark];
  const score = options.score ?? "score";
  const sharedUnits = panels.every((panel) => panel.units.join("\n") === panels[0].units.join("\n"));

  const labels = panels.map((panel) => heatLabels(panel.outputs, em));
  const left = Math.max(...labels.map((label) => label.width)) + 2.9 * em;
  const heights = panels.map((panel) => Math.min(28, Math.max(5, 1.04 * panel.outputs.length)) * em);
  const barTitle = wrapText(
    `Contribution to ${score}`,
    em,
    ownScales ? Math.min(...heights) : heights.reduce((sum, height) => sum + height, 0),
  );
  const right = (5.1 + 1.2 * barTitle.length) * em;
  const plotWidth = sizeStyle(options.size).width - left - right;
  const bottoms = panels.map((panel) => unitLabels(panel.units, em, plotWidth));
  const axisHeight = bottoms[panels.length - 1].height + 2.5 * em;
  const gaps = bottoms
    .slice(0, -1)
    .map((bottom) => (sharedUnits ? 0.6 * em : bottom.height + 2.5 * em) + heatTitleRoom(em));
  const plotHeight = [...heights, ...gaps].reduce((sum, part) => sum + part, 0);

  const single = panels.length === 1;
  const { layout, caption } = frame(options, {
    title: options.title ?? (single ? "Shapley Modes" : "Shapley Modes of one network each"),
    caption: sentences(
      `Each column is the Shapley Mode of one unit: its contribution to the ${score} of every ${(options.outputTitle ?? "Output").toLowerCase()}.`,
      `Red adds, blue takes away${single ? "" : ownScales ? "; each panel has a colour scale of its own" : "; one colour scale for all panels"}.`,
      ...remarks,
      options.note,
    ),
    plotHeight,
    left,
    right,
    axisHeight,
    panelTitle: panels.some((panel) => panel.title !== "") ? heatTitleRoom(em) : 0,
  });

  const barText = barTitle.map(escapeText).join("<br>");
  const bar = (index: number, bottom: number) =>
    ownScales
      ? colourBar(barText, heights[index], em, { nticks: 4, y: (bottom + heights[index] / 2) / plotHeight })
      : colourBar(barText, plotHeight, em, { nticks: 7 });
  const axes: Record<string, Partial<LayoutAxis>> = {};
  const data: Data[] = [];
  let top = plotHeight;
  panels.forEach((panel, index) => {
    const suffix = axisSuffix(index);
    const bottom = top - heights[index];
    const withUnits = !sharedUnits || index === panels.length - 1;
    const rows = labels[index].ticks(heights[index]);
    axes[`yaxis${suffix}`] = axisStyle(escapeText(options.outputTitle ?? "Output"), em, {
      ...categories,
      domain: [Math.max(0, bottom / plotHeight), top / plotHeight],
      range: [panel.outputs.length - 0.5, -0.5],
      anchor: `x${suffix}` as "x",
      ...rows,
    });
    axes[`xaxis${suffix}`] = axisStyle(withUnits ? escapeText(options.unitTitle ?? "Unit") : undefined, em, {
      ...categories,
      range: [-0.5, panel.units.length - 0.5],
      anchor: `y${suffix}` as "y",
      ...bottoms[index].ticks,
      showticklabels: withUnits,
    });
    data.push(
      heatTrace(heat(panel, limits[index].limit), index, index === 0 || ownScales ? bar(index, bottom) : undefined),
    );
    top = bottom - (gaps[index] ?? 0);
  });
  return { data, layout: withAnnotations({ ...layout, ...axes }, heatTitles(panels, em)), caption };
}

/**
 * The Shapley Modes of one network as a heatmap, outputs by units: the one-panel case of `modesHeatmapFigure`.
 *
 * @example
 * const figure = modeHeatmapFigure({ units: ["a", "b"], outputs: ["0"], values: Float64Array.of(0.2, -0.1) });
 */
export function modeHeatmapFigure(
  panel: Omit<ModesPanel, "title"> & { readonly title?: string },
  options: ModesHeatmapOptions = {},
): Figure {
  knownOptions("modeHeatmapFigure", options, modesHeatmapOptionNames);
  has("panel", panel, "a ModesPanel");
  return modesHeatmapFigure([{ ...panel, title: panel.title ?? "" }], options);
}

const categories: Partial<LayoutAxis> = { type: "category", showgrid: false, showline: false };

function checkPanel(panel: ModesPanel, index: number): void {
  const name = `panels[${index}]`;
  distinctNames(`${name}.units`, panel.units, "the names of the units");
  distinctNames(`${name}.outputs`, panel.outputs, "the names of the outputs");
  const { length: units } = panel.units;
  const { length: outputs } = panel.outputs;
  sameLength(`${name}.values`, panel.values, units * outputs, `${units} units times ${outputs} outputs`);
  allFinite(`${name}.values`, panel.values);
}

/** The modes of a network as a panel of heat, outputs by units. */
function heat({ title, units, outputs, values }: ModesPanel, limit: number): HeatPanel {
  const z = outputs.map((_, output) => units.map((_, unit) => values[unit * outputs.length + output]));
  const hovertemplate = "unit %{x}, output %{y}<br>contribution %{z:.5f}<extra></extra>";
  return { title, columns: units, rows: outputs, z, limit, hovertemplate };
}
