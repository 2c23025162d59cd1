import type { Data } from "plotly.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { distinctNames, finiteFromZero, sameLength } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences } from "./kit/frame.js";
import { heatLabels, unitLabels } from "./kit/heat-labels.js";
import { colourBar, heatTrace } from "./kit/heat-trace.js";
import { wrapText } from "./kit/text.js";
import { axisStyle, sizeStyle } from "./kit/theme.js";

/** How much of each group's |mode| falls on each feature, relative to the feature's area. */
export interface FeatureSharesInput {
  /** Names of the layers or communities. */
  readonly groups: readonly string[];
  /** Names of the features, e.g. `hair`. */
  readonly features: readonly string[];
  /** `[groups][features]`: share of |mode| over share of the pixels; 1 is no preference, NaN is not known. */
  readonly values: readonly (readonly number[])[];
}

/** Options of `featureSharesFigure`. */
export interface FeatureSharesOptions extends FigureOptions {
  /** What a group is, for the axis; default `Layer`. */
  readonly groupTitle?: string;
}

/** The names of `FeatureSharesOptions`. */
export const featureSharesOptionNames: OptionNames<FeatureSharesOptions> = { ...figureOptionNames, groupTitle: true };

/** Least factor at which the colours end: smaller differences do not look large. */
const leastFactor = 2;

/**
 * What of a face the layers, or communities of filters, paint: how much of their |mode| falls on each feature, relative
 * to what would fall there if it were even over the image. The colours are those of the logarithm, so twice and half
 * are as strong; the numbers themselves stand in the cells.
 *
 * @throws RangeError for no groups or features, a name that comes twice, a value below 0, lengths that differ
 * @example
 * const figure = featureSharesFigure({ groups: ["layer1", "layer2"], features: ["hair", "mouth"], values: [[2.1, 0.8], [1.2, 1]] });
 */
export function featureSharesFigure(input: FeatureSharesInput, options: FeatureSharesOptions = {}): Figure {
  knownOptions("featureSharesFigure", options, featureSharesOptionNames);
  has("input", input, "a FeatureSharesInput");
  const { groups, features, values } = validated(input);
  const { font: em, width } = sizeStyle(options.size);
  const groupTitle = options.groupTitle ?? "Layer";
  const rows = heatLabels(groups, em, 11 * em);
  const left = rows.width + 2.7 * em;
  const plotHeight = Math.max(1.9 * em * groups.length, 6 * em);
  const barTitle = wrapText("times an even share", em, plotHeight);
  const right = (4.8 + 1.2 * barTitle.length) * em;
  const cell = Math.min((width - left - right) / features.length, Math.max(6.5, 20 / features.length) * em);
  const plotWidth = cell * features.length;
  const columns = unitLabels(features, em, plotWidth);
  const logarithms = values.map((row) => row.map((value) => (value > 0 ? Math.log2(value) : Number.NaN)));
  const largest = logarithms.flat().reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
  const limit = Math.min(3, Math.max(Math.log2(leastFactor), largest));
  const zeros = values.some((row) => row.includes(0));

  const { layout, caption } = frame(options, {
    title: options.title ?? "What of a face they paint",
    caption: sentences(
      `Share of a ${groupTitle.toLowerCase()}'s |mode| that falls on a feature, over the feature's share of the image: 1 is no preference.`,
      largest > limit && `Colours end at 1/${2 ** limit} and ${2 ** limit}.`,
      options.note,
    ),
    plotHeight,
    left,
    right: width - left - plotWidth,
    axisHeight: columns.height + 0.8 * em,
  });
  const ends = [-3, -2, -1, 0, 1, 2, 3].filter((place) => Math.abs(place) <= limit + 1e-9);
  const bar = colourBar(barTitle.join("<br>"), Math.min(plotHeight, 16 * em), em, {
    tickmode: "array",
    tickvals: ends,
    ticktext: ends.map((place) => (place < 0 ? `1/${2 ** -place}` : `${2 ** place}`)),
  });
  // 0 has no logarithm: it takes the last colour. What is not known has none.
  const colour = (value: number, logarithm: number) =>
    value === 0 && zeros ? -limit : Number.isNaN(logarithm) ? null : logarithm;
  const panel = {
    title: "enrichment",
    columns: features,
    rows: groups,
    z: values.map((row, g) => row.map((value, f) => colour(value, logarithms[g][f]))) as number[][],
    limit,
    hovertemplate: "%{y}, %{x}: %{text} times an even share<extra></extra>",
  };
  const text = values.map((row) =>
    row.map((value) => (Number.isNaN(value) ? "" : value.toFixed(value < 9.95 ? 1 : 0))),
  );
  const trace = {
    ...heatTrace(panel, 0, bar),
    text,
    texttemplate: "%{text}",
    textfont: { size: 0.92 * em },
    xgap: 1,
    ygap: 1,
  };
  layout.xaxis = axisStyle(undefined, em, {
    type: "category",
    showgrid: false,
    showline: false,
    tickcolor: "#ffffff",
    range: [-0.5, features.length - 0.5],
    ...columns.ticks,
  });
  layout.yaxis = axisStyle(groupTitle, em, {
    type: "category",
    showgrid: false,
    showline: false,
    tickcolor: "#ffffff",
    range: [groups.length - 0.5, -0.5],
    ...rows.ticks(plotHeight),
  });
  return { data: [trace as Data], layout, caption };
}

function validated({ groups, features, values }: FeatureSharesInput): FeatureSharesInput {
  distinctNames("groups", groups, "the names of the groups");
  distinctNames("features", features, "the names of the features");
  sameLength("values", values, groups.length, "one row per group");
  values.forEach((row, g) => {
    sameLength(`values[${g}]`, row, features.length, "one per feature");
    row.forEach((value, f) => {
      if (!Number.isNaN(value)) finiteFromZero(`values[${g}][${f}]`, value);
    });
  });
  return { groups, features, values };
}
