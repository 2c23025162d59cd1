import type { Data, LayoutAxis } from "plotly.js";
import { invalid } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { distinctNames, nonEmpty, sameLength } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { annotation, type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import {
  type HierarchyPanel,
  type HierarchyPoint,
  type HierarchySeries,
  panelOrder,
  panelRange,
  words,
} from "./kit/hierarchy-panels.js";
import { axisSuffix, gridColumns, panelTitle } from "./kit/panels.js";
import { escapeText, textWidth, withoutCommonPath } from "./kit/text.js";
import { axisColour, axisStyle, ink, quietInk, type SeriesStyle, sizeStyle } from "./kit/theme.js";
import { extent } from "./summaries.js";

/** Options of `hierarchyFigure`. */
export interface HierarchyFigureOptions extends FigureOptions {
  /** Which panels, in this order; default all that have a value. */
  readonly panels?: readonly HierarchyPanel[];
  /**
   * Layers of units of another kind than the others', such as the three colours: no line joins them to others. Default
   * none.
   */
  readonly apart?: readonly string[];
}

/** The names of `HierarchyFigureOptions`. */
export const hierarchyFigureOptionNames: OptionNames<HierarchyFigureOptions> = {
  ...figureOptionNames,
  panels: true,
  apart: true,
};

/** The first network, and those it is compared with. */
const styles: readonly Omit<SeriesStyle, "name">[] = [
  { colour: "#364B74", symbol: "circle" },
  { colour: "#8a8a8a", symbol: "diamond-open" },
  { colour: "#b0743c", symbol: "square-open" },
  { colour: "#8a5a78", symbol: "triangle-up-open" },
];
const dashes = ["solid", "dash", "dot", "dashdot"] as const;

/**
 * Figure B7: the hierarchy of a generator, one panel for each measure, the layers in their order from left to right,
 * with intervals. The first network is the one that matters; the others, its controls, are drawn quietly beside it.
 * Sampling error moves the measures: give hierarchies that were measured with as many images and orderings.
 *
 * @throws RangeError for no networks, names that come twice, networks of other layers
 * @example
 * const points = ["layer1", "layer2"].map((layer, l) => ({ layer, value: 0.2 + 0.3 * l, low: 0.1 + 0.3 * l, high: 0.3 + 0.3 * l }));
 * const [spread, frequency, edges, contours, chroma, share, likeness] = Array(7).fill(points);
 * const measures = { spread, frequency, edges, contours, chroma, share, likeness };
 * const hierarchy = { layers: ["layer1", "layer2"], measures, relativeErrors: [0.09, 0.04] };
 * const figure = hierarchyFigure([{ name: "Trained", hierarchy }]);
 */
export function hierarchyFigure(networks: readonly HierarchySeries[], options: HierarchyFigureOptions = {}): Figure {
  knownOptions("hierarchyFigure", options, hierarchyFigureOptionNames);
  const { layers, panels, apart } = validated(networks, options);
  const { font: em, width } = sizeStyle(options.size);
  const columns = gridColumns(panels.length, width / em);
  const rows = Math.ceil(panels.length / columns);
  const left = 4.2 * em;
  const gapX = 4.6 * em;
  const gapY = 4.8 * em;
  const height = 9 * em;
  const unitShift = -3.4 * em;
  const plotHeight = rows * height + (rows - 1) * gapY;
  const several = networks.length > 1;

  const { layout, caption, plotWidth } = frame(options, {
    title: options.title ?? "What each layer's modes are like",
    caption: sentences(
      "Of each layer's Shapley Modes: measures with intervals of 95 %.",
      panels.includes("contours") && "Dotted: as much on contours as anywhere.",
      samplingErrors(networks),
      apart.length > 0 && `Not joined: ${withoutCommonPath(apart).join(", ")}, of units of another kind.`,
      options.note,
    ),
    plotHeight,
    left,
    right: 0.8 * em,
    axisHeight: 3.4 * em,
    panelTitle: 1.5 * em,
    ...(several ? { legend: networks.map(({ name }) => name) } : {}),
  });
  const panelWidth = (plotWidth - (columns - 1) * gapX) / columns;
  const ticks = layerTicks(layers, panelWidth, em);
  const axes: Record<string, Partial<LayoutAxis>> = {};
  const data: Data[] = [];
  const titles = panels.map((panel, index) => {
    const suffix = axisSuffix(index);
    const start = (index % columns) * (panelWidth + gapX);
    const top = plotHeight - Math.floor(index / columns) * (height + gapY);
    axes[`xaxis${suffix}`] = axisStyle(undefined, em, {
      domain: [start / plotWidth, Math.min(1, (start + panelWidth) / plotWidth)],
      anchor: `y${suffix}` as "y",
      range: [-0.4, layers.length - 0.6],
      showgrid: false,
      ...ticks,
    });
    axes[`yaxis${suffix}`] = axisStyle(undefined, em, {
      domain: [Math.max(0, (top - height) / plotHeight), top / plotHeight],
      anchor: `x${suffix}` as "x",
      range: panelRange(networks, panel),
      nticks: 5,
    });
    data.push(...[...networks.keys()].reverse().map((n) => series(networks, n, panel, index, options)));
    const title = panelTitle(
      `<b>${escapeText(words[panel].title)}</b>`,
      index,
      { size: 0.96 * em, color: ink },
      0.2 * em,
    );
    return { ...title, xshift: unitShift - 0.7 * em };
  });
  // The unit stands along the axis: its title, placed by hand, as automatic margins would move the panels.
  const units = panels.map((panel, index) =>
    annotation({
      text: escapeText(words[panel].unit),
      font: { size: 0.9 * em, color: quietInk },
      textangle: "-90",
      xref: `x${axisSuffix(index)} domain`,
      x: 0,
      xanchor: "center",
      xshift: unitShift,
      yref: `y${axisSuffix(index)} domain`,
      y: 0.5,
      yanchor: "middle",
    }),
  );
  const shapes = panels.flatMap((panel, index) => referenceLine(panel, index, em));
  return { data, layout: withAnnotations({ ...layout, ...axes, shapes }, [...titles, ...units]), caption };
}

function validated(networks: readonly HierarchySeries[], options: HierarchyFigureOptions) {
  nonEmpty("networks", networks, "the networks", "name", "hierarchy");
  distinctNames(
    "names",
    networks.map(({ name }) => name),
    "the networks' names",
  );
  const { layers } = networks[0].hierarchy;
  distinctNames("layers", layers, "the names of the layers");
  networks.forEach(({ hierarchy }, n) => {
    if (hierarchy.layers.join("\n") !== layers.join("\n")) {
      throw invalid(`networks[${n}]`, `the layers ${layers.join(", ")}`, hierarchy.layers);
    }
    for (const panel of panelOrder) {
      sameLength(`networks[${n}].${panel}`, hierarchy.measures[panel], layers.length, "one value per layer");
    }
  });
  const known = (panel: HierarchyPanel) =>
    networks.some(({ hierarchy }) => hierarchy.measures[panel].some(({ value }) => Number.isFinite(value)));
  const apart = options.apart ?? [];
  for (const layer of apart) if (!layers.includes(layer)) throw invalid("apart", `some of ${layers.join(", ")}`, layer);
  const wanted = options.panels ?? panelOrder;
  for (const panel of wanted) {
    if (!panelOrder.includes(panel)) throw invalid("panels", `some of ${panelOrder.join(", ")}`, panel);
  }
  return { layers, apart, panels: nonEmpty("panels", wanted.filter(known), "the measures that have a value") };
}

/** A network's values in a panel, with their intervals; networks beside each other do not hide each other. */
function series(
  networks: readonly HierarchySeries[],
  n: number,
  panel: HierarchyPanel,
  index: number,
  options: HierarchyFigureOptions,
): Data {
  const { name, hierarchy } = networks[n];
  const { line, marker } = sizeStyle(options.size);
  const style = styles[n % styles.length];
  const points = hierarchy.measures[panel];
  // A gap, a point without a value, parts layers of one kind from those of another.
  const apart = (l: number) => options.apart?.includes(hierarchy.layers[l]) ?? false;
  const slots = points.flatMap((point, l) => {
    const gap = l > 0 && (apart(l) || apart(l - 1));
    return [...(gap ? [{ ...unknown, l: l - 0.5 }] : []), { ...point, l }];
  });
  const offset = networks.length === 1 ? 0 : 0.12 * (n - (networks.length - 1) / 2);
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  const room = (value: number, end: number) =>
    Number.isFinite(value) && Number.isFinite(end) ? Math.abs(end - value) : 0;
  const trained = n === 0;
  return {
    type: "scatter",
    mode: "lines+markers",
    name: escapeText(name),
    legendgroup: name,
    legendrank: 1000 + n,
    showlegend: index === 0 && networks.length > 1,
    xaxis: `x${axisSuffix(index)}`,
    yaxis: `y${axisSuffix(index)}`,
    x: slots.map(({ l }) => l + offset),
    y: slots.map(({ value }) => finite(value)),
    customdata: slots.map(({ layer, low, high }) => [layer, finite(low), finite(high)]),
    hovertemplate: `${escapeText(name)}, %{customdata[0]}<br>%{y:.3f} (%{customdata[1]:.3f} to %{customdata[2]:.3f})<extra></extra>`,
    line: { color: style.colour, width: trained ? line : 0.55 * line, dash: dashes[n % dashes.length] },
    marker: { color: style.colour, symbol: style.symbol, size: trained ? 0.85 * marker : 0.75 * marker },
    error_y: {
      type: "data",
      symmetric: false,
      array: slots.map(({ value, high }) => room(value, high)),
      arrayminus: slots.map(({ value, low }) => room(value, low)),
      color: style.colour,
      thickness: trained ? 0.7 * line : 0.45 * line,
      width: trained ? 0.45 * marker : 0.3 * marker,
    },
  } as Data;
}

const unknown: HierarchyPoint = { layer: "", value: Number.NaN, low: Number.NaN, high: Number.NaN };

function referenceLine(panel: HierarchyPanel, index: number, em: number) {
  const { reference } = words[panel];
  if (reference === undefined) return [];
  const suffix = axisSuffix(index);
  return [
    {
      type: "line" as const,
      layer: "below" as const,
      xref: `x${suffix} domain` as "x",
      x0: 0,
      x1: 1,
      yref: `y${suffix}` as "y",
      y0: reference,
      y1: reference,
      line: { color: axisColour, width: 0.08 * em, dash: "dot" as const },
    },
  ];
}

/** The layers' names, or only their numbers where names do not fit. */
function layerTicks(layers: readonly string[], panelWidth: number, em: number): Partial<LayoutAxis> {
  const names = withoutCommonPath(layers);
  const room = panelWidth / (layers.length + 0.2) - 0.5 * em;
  const fits = names.every((name) => textWidth(name, 0.92 * em) <= room);
  const numbers = names.map((name) => /\d+$/.exec(name)?.[0] ?? "");
  const short =
    numbers.every(Boolean) && new Set(numbers).size === names.length ? numbers : names.map((_, l) => `${l + 1}`);
  return {
    tickmode: "array",
    tickvals: layers.map((_, l) => l),
    ticktext: (fits ? names : short).map(escapeText),
    title: { text: fits ? "" : "layer", standoff: 0.3 * em, font: { size: 0.9 * em, color: quietInk } },
  };
}

/**
 * "Sampling error per layer: Trained 4–9 %, Shuffled 3–8 %." It moves measures, so it should be alike where they are
 * compared.
 */
function samplingErrors(networks: readonly HierarchySeries[]): string | undefined {
  const percent = (share: number) => (100 * share).toFixed(share < 0.01 ? 1 : 0);
  const told = networks.flatMap(({ name, hierarchy }) => {
    const known = hierarchy.relativeErrors.filter(Number.isFinite);
    if (known.length === 0) return [];
    const [low, high] = extent(known).map(percent);
    return [`${networks.length > 1 ? `${name} ` : ""}${low === high ? low : `${low}–${high}`} %`];
  });
  return told.length === 0 ? undefined : `Sampling error per layer: ${told.join(", ")}.`;
}
