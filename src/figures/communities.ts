import type { Data, Layout, LayoutAxis, Shape } from "plotly.js";
import { layerGroups } from "../analysis/layers.js";
import { invalid } from "../errors.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { distinctNames, nonEmpty, sameLength, within } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences } from "./kit/frame.js";
import { colourBar, heatTrace } from "./kit/heat-trace.js";
import { orderedColours } from "./kit/ordered-colours.js";
import { escapeText, shortened, widest } from "./kit/text.js";
import { axisStyle, ink, sizeStyle } from "./kit/theme.js";
import { fittingTicks, spacedIndices } from "./kit/ticks.js";
import { counted, quantile } from "./summaries.js";

/** Communities of units, and how their modes go together. */
export interface CommunitiesInput {
  /** Names of the units, `layer/filter`. */
  readonly units: readonly string[];
  /** Pearson's r between the modes of every two units, `[units, units]`, row after row; NaN where it is not defined. */
  readonly correlation: ArrayLike<number>;
  /** The units of each community; those in none are not drawn. */
  readonly communities: { readonly members: readonly (readonly string[])[] };
}

/** Options of `communitiesFigure`. */
export interface CommunitiesFigureOptions extends FigureOptions {
  /** What the communities are called; default `1`, `2`, ... */
  readonly names?: readonly string[];
}

/** The names of `CommunitiesFigureOptions`. */
export const communitiesFigureOptionNames: OptionNames<CommunitiesFigureOptions> = {
  ...figureOptionNames,
  names: true,
};

/**
 * Figure B6, its communities: the correlation matrix of modes with units ordered by community, each community a square
 * on the diagonal, and beside it how many filters of each layer a community has.
 *
 * @throws RangeError for a unit that is in two communities or not there, a correlation outside -1 to 1
 * @example
 * const figure = communitiesFigure({
 *   units: ["layer1/filter0", "layer1/filter1", "layer2/filter0"],
 *   correlation: [1, 0.1, 0.7, 0.1, 1, 0, 0.7, 0, 1],
 *   communities: { members: [["layer1/filter0", "layer2/filter0"], ["layer1/filter1"]] },
 * });
 */
export function communitiesFigure(input: CommunitiesInput, options: CommunitiesFigureOptions = {}): Figure {
  knownOptions("communitiesFigure", options, communitiesFigureOptionNames);
  has("input", input, "a CommunitiesInput", "units", "correlation", "communities");
  const { units, names, order, sizes } = validated(input, options);
  const { font: em, width, line } = sizeStyle(options.size);
  const beside = width / em > 45;
  const labels = names.map((name) => shortened(name, 0.92 * em, 8 * em));
  const labelWidth = widest(labels, 0.92 * em);
  const left = labelWidth + 2.6 * em;
  const right = beside ? 1.2 * em : 5.2 * em;
  const available = width - left - right;
  // Beside: matrix, colour bar, the bars' labels, bars. Else one above the other.
  const barGap = beside ? 6.4 * em + labelWidth + 1.6 * em : 0;
  const side = beside ? Math.min(25 * em, 0.62 * (available - barGap)) : available;
  const barHeight = beside ? side : Math.max(6, 1.5 * names.length) * em;
  const between = beside ? 0 : 2.2 * em;
  const plotHeight = beside ? side : side + between + barHeight;
  const layers = Object.keys(layerGroups(input.units));
  const panel = matrixPanel(input, order);
  const rest = units.length - order.length;

  const { layout, caption } = frame(options, {
    title: options.title ?? "Filters that paint alike",
    caption: sentences(
      `Correlation of the Shapley Modes of ${order.length} filters in ${counted([names.length], "community", "communities")}, outlined;`,
      "and how many filters of each layer a community has.",
      panel.limit < 1 && `Colours end at ±${panel.limit}.`,
      rest > 0 && `${rest} ${rest === 1 ? "filter is" : "filters are"} in none.`,
      options.note,
    ),
    plotHeight,
    left,
    right,
    axisHeight: 3.6 * em,
    legend: layers,
  });
  const across = (from: number, to: number): [number, number] => [from / available, Math.min(1, to / available)];
  const up = (from: number, to: number): [number, number] => [from / plotHeight, Math.min(1, to / plotHeight)];
  const matrixY = beside ? up(0, side) : up(plotHeight - side, plotHeight);
  const bar = colourBar("Pearson's <i>r</i>", Math.min(side, 16 * em), em, {
    x: side / available,
    y: (matrixY[0] + matrixY[1]) / 2,
    xpad: 0.7 * em,
    nticks: 5,
  });
  const blocks = blocksOf(sizes);
  const barTicks = spacedIndices(names.length, barHeight / (1.15 * em));
  const axes: Partial<Layout> = {
    xaxis: { ...hidden, domain: across(0, side), range: [-0.5, order.length - 0.5], anchor: "y" },
    yaxis: axisStyle("Community", em, {
      ...hidden,
      visible: true,
      domain: matrixY,
      range: [order.length - 0.5, -0.5],
      anchor: "x",
      ...blockTicks(blocks, labels, panel.rows, side, em),
    }),
    xaxis2: axisStyle("Filters", em, {
      domain: beside ? across(side + barGap, available) : across(0, side),
      range: [0, 1.04 * Math.max(...sizes)],
      anchor: "y2",
      ...(Math.max(...sizes) < 6 ? { dtick: 1 } : { nticks: 6 }),
    }),
    // Places, not names: Plotly would take the number of a tick for the community of that name.
    yaxis2: axisStyle(undefined, em, {
      showgrid: false,
      domain: beside ? up(0, side) : up(0, barHeight),
      range: [names.length - 0.5, -0.5],
      anchor: "x2",
      ticks: "",
      tickmode: "array",
      tickvals: barTicks,
      ticktext: barTicks.map((c) => escapeText(labels[c])),
    }),
  };
  const shapes = blocks.map((block) => outline(block, order.length, line));
  const matrix: Data = { ...heatTrace(panel, 0, bar), showlegend: false };
  const data = [matrix, ...layerBars(input, names, layers)];
  return { data, layout: { ...layout, ...axes, shapes, barmode: "stack", bargap: 0.3 }, caption };
}

const hidden: Partial<LayoutAxis> = {
  type: "category",
  visible: false,
  showgrid: false,
  showline: false,
};

function validated({ units, correlation, communities }: CommunitiesInput, { names }: CommunitiesFigureOptions) {
  distinctNames("units", units, "the names of the units");
  sameLength("correlation", correlation, units.length ** 2, "one for every two units");
  const { members } = communities;
  nonEmpty("communities.members", members, "the communities");
  if (names) sameLength("names", names, members.length, "one per community");
  const places = new Map(units.map((unit, u) => [unit, u]));
  const order = members.flat().map((unit) => {
    const u = places.get(unit);
    if (u === undefined) throw invalid("communities", "units that are there, each in one community", unit);
    places.delete(unit);
    return u;
  });
  for (const a of order) {
    for (const b of order) {
      const r = correlation[a * units.length + b];
      // Only then: a name for each of millions takes seconds.
      if (Math.abs(r) > 1) within(`correlation[${a * units.length + b}]`, r, -1, 1, 1e-9);
    }
  }
  const sizes = members.map((community, c) => nonEmpty(`communities.members[${c}]`, community, "its units").length);
  const chosen = distinctNames("names", names ?? members.map((_, c) => `${c + 1}`), "the communities' names");
  return { units, names: chosen, order, sizes };
}

/** The matrix in the order of the communities; two decimals are more than a colour shows. */
function matrixPanel({ units, correlation }: CommunitiesInput, order: readonly number[]) {
  const ordered = order.map((u) => units[u]);
  const cell = (r: number) => (Number.isNaN(r) ? null : Math.round(100 * r) / 100 + 0);
  const z = order.map((a) => order.map((b) => cell(correlation[a * units.length + b]))) as number[][];
  const hovertemplate = "%{y} and %{x}<br>r = %{z:.2f}<extra></extra>";
  const limit = enoughFor(z);
  return { title: "correlation", columns: ordered, rows: ordered, z, limit, hovertemplate };
}

/** A tenth that 99 % of the correlations of different units do not exceed, at least 0.2: most are far from 1. */
function enoughFor(z: readonly (readonly number[])[]): number {
  const others = z.flatMap((row, a) => row.filter((r, b) => a !== b && r !== null).map(Math.abs));
  if (others.length === 0) return 1;
  return Math.min(1, Math.max(0.2, Math.ceil(10 * quantile(others, 0.99) - 1e-9) / 10));
}

/** First place and length of each community along the axes. */
function blocksOf(sizes: readonly number[]) {
  let from = 0;
  return sizes.map((length) => {
    const block = { from, length };
    from += length;
    return block;
  });
}

/**
 * The community's name at the middle of its block, where there is room: by the name of the unit there, as a whole
 * number may be the name of another one.
 */
function blockTicks(
  blocks: readonly { from: number; length: number }[],
  labels: readonly string[],
  units: readonly string[],
  side: number,
  em: number,
) {
  const count = blocks.reduce((sum, { length }) => sum + length, 0);
  const middles = blocks.map(({ from, length }) => from + (length - 1) / 2);
  const places = fittingTicks(middles, (1.05 * em * count) / side);
  const tickvals = places.map((place) => units[place] ?? place);
  const ticktext = places.map((place) => escapeText(labels[middles.indexOf(place)]));
  return { tickmode: "array" as const, tickvals, ticktext, tickcolor: "#ffffff" };
}

/** A community's square. In shares of the axes, so that it stays in its place where cells are put together. */
function outline({ from, length }: { from: number; length: number }, count: number, line: number): Partial<Shape> {
  const [start, end] = [from / count, (from + length) / count];
  return {
    type: "rect",
    xref: "x domain" as "x",
    yref: "y domain" as "y",
    x0: start,
    x1: end,
    y0: 1 - start,
    y1: 1 - end,
    line: { color: ink, width: 0.6 * line },
  };
}

/** For each layer a stacked bar of how many of its filters each community has. */
function layerBars(
  { units, communities }: CommunitiesInput,
  names: readonly string[],
  layers: readonly string[],
): Data[] {
  const inLayer = layerGroups(units);
  const colours = orderedColours(layers.length);
  return layers.map((layer, l) => {
    const all = new Set(inLayer[layer]);
    return {
      type: "bar",
      orientation: "h",
      name: escapeText(layer),
      legendgroup: layer,
      xaxis: "x2",
      yaxis: "y2",
      y: names.map((_, c) => c),
      customdata: [...names],
      x: communities.members.map((community) => community.filter((unit) => all.has(unit)).length),
      marker: { color: colours[l], line: { color: "#ffffff", width: 0.5 } },
      hovertemplate: `Community %{customdata}: %{x} of the ${all.size} filters of ${escapeText(layer)}<extra></extra>`,
    };
  });
}
