import type { Data } from "plotly.js";
import { invalid } from "../errors.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, distinctNames, sameLength } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { annotation, type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { escapeText, shortened, textWidth, withoutCommonPath } from "./kit/text.js";
import { axisStyle, digitStyle, ink, regulariserStyles, sizeStyle, transparent } from "./kit/theme.js";
import { paddedRange } from "./summaries.js";

/** Units as points of a plane: what `unitMap` makes. */
export interface UnitMapPoints {
  readonly units: readonly string[];
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** Shares of what sets the units apart that the two axes show; default not said. */
  readonly explained?: readonly [x: number, y: number];
}

/** Options of `unitMapFigure`. */
export interface UnitMapFigureOptions extends FigureOptions {
  /** The group of each unit, from 0 on: its colour and symbol; default one group. At most ten. */
  readonly groups?: ArrayLike<number>;
  /** What the groups are called; default `Cluster 1`, `Cluster 2`, ... */
  readonly names?: readonly string[];
  /** What each unit contributes: points grow with its size; default all alike. */
  readonly contributions?: ArrayLike<number>;
  /**
   * How many units are named at most, those of the largest contribution, or furthest out; default 12. A name stands on
   * the side where it covers fewer points; where two would meet only the first stands.
   */
  readonly labels?: number;
}

/** The names of `UnitMapFigureOptions`. */
export const unitMapFigureOptionNames: OptionNames<UnitMapFigureOptions> = {
  ...figureOptionNames,
  groups: true,
  names: true,
  contributions: true,
  labels: true,
};

const mostGroups = 10;

/**
 * A map of the units: near each other where their modes are alike. Both axes have one scale, so that distances are
 * true.
 *
 * @throws RangeError for lengths that differ, numbers that are not finite, groups that are no whole numbers from 0 to 9
 * @example
 * const figure = unitMapFigure(
 *   { units: ["a", "b", "c"], x: [0, 0.1, 2], y: [0, 0.2, 1] },
 *   { groups: [0, 0, 1], contributions: [0.5, 0.2, 0.1] },
 * );
 */
export function unitMapFigure(map: UnitMapPoints, options: UnitMapFigureOptions = {}): Figure {
  knownOptions("unitMapFigure", options, unitMapFigureOptionNames);
  has("map", map, "UnitMapPoints", "units", "x", "y");
  const { units, x, y, explained } = map;
  distinctNames("units", units, "the names of the units");
  const lists = {
    x,
    y,
    ...(options.groups && { groups: options.groups }),
    ...(options.contributions && { contributions: options.contributions }),
  };
  for (const [name, list] of Object.entries(lists)) {
    sameLength(name, list, units.length, "one per unit");
    allFinite(name, list);
  }
  const groups = Array.from(options.groups ?? new Uint8Array(units.length));
  const odd = groups.find((group) => !Number.isInteger(group) || group < 0 || group >= mostGroups);
  if (odd !== undefined) throw invalid("groups", `whole numbers from 0 to ${mostGroups - 1}`, odd);
  const count = 1 + Math.max(...groups);
  const names = options.names ?? Array.from({ length: count }, (_, group) => `Cluster ${group + 1}`);
  if (names.length < count) throw invalid("names", `${count} names, one for each group`, names);
  const labelled = options.labels ?? 12;
  if (!Number.isSafeInteger(labelled) || labelled < 0) throw invalid("labels", "a whole number from 0 on", labelled);

  const { font: em, width, marker } = sizeStyle(options.size);
  const sizes = Array.from(options.contributions ?? new Float64Array(units.length).fill(1), Math.abs);
  const largest = Math.max(...sizes) || 1;
  const diameter = (u: number) => marker * (options.contributions ? 0.6 + 1.9 * Math.sqrt(sizes[u] / largest) : 1.1);
  const legend = options.groups ? names.slice(0, count) : undefined;
  const height = Math.min(26 * em, 0.72 * width);
  const { layout, caption, plotWidth } = frame(options, {
    title: options.title ?? "Units with like modes lie together",
    caption: sentences(
      "Each point is a unit; distances between points are those between Shapley Modes, as far as two dimensions show them.",
      explained && `They show ${percent(explained[0] + explained[1])} of what sets the units apart.`,
      options.contributions && "The larger a point, the more its unit contributes, in either direction.",
      options.note,
    ),
    plotHeight: height,
    left: 4.6 * em,
    right: 1.4 * em,
    ...(legend && { legend }),
  });
  if (layout.legend) layout.legend.itemsizing = "constant";
  const data = names.slice(0, count).map((name, group): Data => {
    const own = Array.from(units.keys()).filter((u) => groups[u] === group);
    const style = options.groups
      ? digitStyle([0, 1, 3, 4, 9, 2, 5, 6, 7, 8][group])
      : { ...regulariserStyles.l2, symbol: "circle" as const };
    return {
      type: "scatter",
      mode: "markers",
      name: escapeText(name),
      x: own.map((u) => x[u]),
      y: own.map((u) => y[u]),
      customdata: own.map((u) => units[u]),
      marker: {
        color: transparent(style.colour, 0.75),
        symbol: style.symbol,
        size: own.map(diameter),
        line: { color: "#ffffff", width: 0.08 * marker },
      },
      hovertemplate: `%{customdata}<br>${escapeText(name)}<extra></extra>`,
    };
  });
  const ranges = equalScale(paddedRange(Array.from(x), 0.08), paddedRange(Array.from(y), 0.08), plotWidth / height);
  const axis = (number: 0 | 1) =>
    axisStyle(`Dimension ${number + 1}${explained ? ` (${percent(explained[number])})` : ""}`, em, {
      range: ranges[number],
      nticks: 7,
    });
  layout.xaxis = axis(0);
  layout.yaxis = axis(1);
  const scale = { x: plotWidth / (ranges[0][1] - ranges[0][0]), y: height / (ranges[1][1] - ranges[1][0]) };
  const texts = withoutCommonPath(units);
  const out = (u: number) => (options.contributions ? sizes[u] : Math.hypot(x[u], y[u]));
  const candidates = Array.from(units.keys())
    .sort((a, b) => out(b) - out(a))
    .slice(0, labelled);
  const taken: Box[] = [];
  const place = (u: number) => [(x[u] - ranges[0][0]) * scale.x, (ranges[1][1] - y[u]) * scale.y];
  const points = units.map((_, u): Box => {
    const [[across, down], r] = [place(u), diameter(u) / 2];
    return [across - r, down - r, across + r, down + r];
  });
  const labels = candidates.flatMap((u) => {
    const text = shortened(texts[u], 0.8 * em, 9 * em);
    const [left, top] = place(u);
    const shift = diameter(u) / 2 + 0.15 * em;
    const wide = textWidth(text, 0.8 * em);
    const boxAt = (from: number): Box => [from, top - 0.5 * em, from + wide, top + 0.5 * em];
    const free = [boxAt(left + shift), boxAt(left - shift - wide)].filter(
      (box) => box[0] > 0 && box[2] < plotWidth && !taken.some((other) => overlap(box, other)),
    );
    const covered = (box: Box) => points.filter((point, other) => other !== u && overlap(box, point)).length;
    const [box] = free.sort((a, b) => covered(a) - covered(b));
    if (!box) return [];
    taken.push(box);
    const rightwards = box[0] > left;
    return annotation({
      text: escapeText(text),
      font: { size: 0.8 * em, color: ink },
      xref: "x",
      yref: "y",
      x: x[u],
      y: y[u],
      xanchor: rightwards ? "left" : "right",
      yanchor: "middle",
      xshift: rightwards ? shift : -shift,
      borderpad: 0,
    });
  });
  return { data, layout: withAnnotations(layout, labels), caption };
}

type Box = readonly [left: number, top: number, right: number, bottom: number];

function overlap(a: Box, b: Box): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

/** Ranges of x and y widened so that both have as many pixels to one. @param aspect width over height */
function equalScale(x: readonly number[], y: readonly number[], aspect: number): [[number, number], [number, number]] {
  const [wide, high] = [x[1] - x[0], y[1] - y[0]];
  const unit = Math.max(wide / aspect, high);
  const about = ([from, to]: readonly number[], length: number): [number, number] => [
    (from + to - length) / 2,
    (from + to + length) / 2,
  ];
  return [about(x, unit * aspect), about(y, unit)];
}

function percent(part: number): string {
  return `${Math.round(100 * part)} %`;
}
