import type { Data, PlotData } from "plotly.js";
import type { FigureOptions } from "./frame.js";
import { publishedColour, type SeriesStyle, sizeStyle, transparent } from "./theme.js";

/** A published mean and standard deviation over trials. */
export interface TrendPublished {
  readonly series: string;
  readonly width: number;
  readonly mean: number;
  readonly sd: number;
}

/** The trials of one width. */
export interface WidthSummary {
  readonly width: number;
  readonly mean: number;
  readonly sd: number;
  readonly trials: number;
  /** Of a single network whose interval is known. */
  readonly interval: readonly [low: number, high: number] | undefined;
}

/** What the points of a series are drawn as. */
interface TraceKind {
  readonly banded: boolean;
  readonly many: boolean;
  readonly spread: boolean;
  readonly joined: boolean;
  /** Where a width stands. */
  readonly place: (width: number) => number;
}

/** The mean over trials with its spread, which a single trial does not have. */
export function ownTraces(
  rows: WidthSummary[],
  style: SeriesStyle,
  options: FigureOptions,
  { banded, many, spread, joined, place }: TraceKind,
): Data[] {
  const { line, marker } = sizeStyle(options.size);
  const points: Partial<PlotData> = {
    type: "scatter",
    mode: joined ? "lines+markers" : "markers",
    // A marker at the end of the range, such as an index of 0, is whole.
    cliponaxis: false,
    name: style.name,
    legendgroup: style.name,
    x: rows.map((row) => place(row.width)),
    y: rows.map((row) => row.mean),
    customdata: rows.map(({ width, sd, trials, interval }) => [
      trials,
      trials > 1
        ? `, mean of ${trials} trials, sd ${sd.toFixed(3)}`
        : `, one trial${interval ? `, interval ${interval.map((end) => end.toFixed(3)).join(" to ")}` : ""}`,
      ...(joined ? [] : [width]),
    ]),
    hovertemplate: `${style.name}, n = ${joined ? "%{x}" : "%{customdata[2]}"}<br>%{y:.3f}%{customdata[1]}<extra></extra>`,
    line: { color: style.colour, width: line },
    marker: {
      color: style.colour,
      symbol: style.symbol,
      size: many ? 0.6 * marker : marker,
      line: { color: "#ffffff", width: 0.3 * line },
    },
  };
  if (!spread) return [points];
  if (banded) return [band(rows, style), points];
  const several = rows.filter((row) => row.trials > 1 || row.interval);
  return several.length > 0 ? [bars(several, style, options, place), points] : [points];
}

/**
 * One standard deviation on either side of the means of several trials, or the interval of a single one. (Plotly draws
 * caps for a deviation that is not there.)
 */
function bars(
  several: readonly WidthSummary[],
  style: SeriesStyle,
  options: FigureOptions,
  place: TraceKind["place"],
): Data {
  const { line, marker } = sizeStyle(options.size);
  return {
    type: "scatter",
    mode: "markers",
    x: several.map((row) => place(row.width)),
    y: several.map(({ interval, mean }) => (interval ? (interval[0] + interval[1]) / 2 : mean)),
    marker: { opacity: 0 },
    error_y: {
      type: "data",
      array: several.map(({ interval, sd }) => (interval ? (interval[1] - interval[0]) / 2 : sd)),
      color: style.colour,
      thickness: 0.75 * line,
      width: 0.5 * marker,
    },
    hoverinfo: "skip",
    name: `${style.name}, ${several.some(({ interval }) => interval) ? "interval" : "1 sd"}`,
    legendgroup: style.name,
    showlegend: false,
  };
}

/**
 * The published means as short level lines with a pale bar, one standard deviation up and down: only where something is
 * published.
 */
export function publishedTrace(rows: TrendPublished[], style: SeriesStyle, em: number): Data {
  return {
    ...publishedStyle(style.colour, em),
    name: `${style.name}, published`,
    showlegend: false,
    x: rows.map((row) => row.width),
    y: rows.map((row) => row.mean),
    error_y: { ...publishedBar(style.colour, em), array: rows.map((row) => row.sd) },
    customdata: rows.map((row) => row.sd),
    hovertemplate: `${style.name}, published, n = %{x}<br>mean %{y:.3f}, sd %{customdata:.3f}<extra></extra>`,
  };
}

/** One grey entry of the legend for all published values. */
export function publishedEntry(em: number): Data {
  return {
    ...publishedStyle(publishedColour, em),
    name: "Published",
    x: [null],
    y: [null],
    error_y: { ...publishedBar(publishedColour, em), array: [0] },
  };
}

function publishedStyle(colour: string, em: number): Partial<PlotData> {
  return {
    type: "scatter",
    mode: "markers",
    legendgroup: "published",
    marker: { symbol: "line-ew-open", size: 0.8 * em, color: colour, line: { width: 0.13 * em } },
  };
}

function publishedBar(colour: string, em: number) {
  return { type: "data" as const, color: transparent(colour, 0.22), thickness: 1.1 * em, width: 0 };
}

/** One standard deviation on either side of a mean, as an area. */
function band(rows: readonly WidthSummary[], style: SeriesStyle): Data {
  const back = [...rows].reverse();
  return {
    type: "scatter",
    mode: "lines",
    x: [...rows, ...back].map((row) => row.width),
    y: [...rows.map((row) => row.mean + row.sd), ...back.map((row) => row.mean - row.sd)],
    fill: "toself",
    fillcolor: transparent(style.colour, 0.2),
    line: { width: 0 },
    hoverinfo: "skip",
    name: `${style.name}, 1 sd`,
    legendgroup: style.name,
    showlegend: false,
  };
}
