import type { Data } from "plotly.js";
import { summarise } from "../../analysis/summary.js";
import { counted, distinct, extent, paddedRange } from "../summaries.js";
import { finite, finiteFromZero, nonEmpty, validWidth, within } from "./checks.js";
import type { Figure } from "./figure.js";
import { type FigureOptions, frame, sentences } from "./frame.js";
import { escapeText, textWidth } from "./text.js";
import { axisColour, axisStyle, type SeriesStyle, sizeStyle } from "./theme.js";
import { fittingTicks } from "./ticks.js";
import { ownTraces, publishedEntry, publishedTrace, type TrendPublished, type WidthSummary } from "./trend-traces.js";

/** One number of one network. */
export interface TrendRow {
  readonly series: string;
  readonly width: number;
  readonly value: number;
  /** Ends of an interval of the value, which need not hold it. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** How the axis of the widths is drawn. */
export interface TrendAxis {
  /** What a width is, for the axis, in Plotly's markup; default `Hidden units <i>n</i>`. */
  readonly widthTitle?: string | undefined;
  /**
   * Names of the widths where these are no scale, such as layers': they then stand side by side, and no line joins
   * them.
   */
  readonly widthNames?: Readonly<Record<number, string>> | undefined;
}

/** A measure of networks against their width: what A2, A5 and A6 have in common. */
export interface TrendParts extends TrendAxis {
  /** The series in the order of the legend. Those without a row are left out. */
  readonly styles: ReadonlyMap<string, SeriesStyle>;
  readonly rows: readonly TrendRow[];
  readonly published: readonly TrendPublished[];
  readonly title: string;
  readonly yTitle: string;
  /** What the measure is, the first sentence of the caption. */
  readonly meaning: string;
  /** What the measure can not leave; the axis stops there. */
  readonly bounds: readonly [number, number];
}

/**
 * Up to this many widths the spread over trials is drawn as error bars, from there on as a band where all have several.
 */
const mostErrorBars = 12;

/** Mean and standard deviation over trials against the number of hidden units, published values beside them. */
export function trendFigure(parts: TrendParts, options: FigureOptions): Figure {
  const { styles, rows, published, bounds } = parts;
  const { font: em } = sizeStyle(options.size);
  const summaries = new Map([...styles.keys()].map((key) => [key, byWidth(rows.filter((row) => row.series === key))]));
  const shown = [...styles.keys()].filter((key) => summaries.get(key)?.length);
  const beside = published.filter((row) => styles.has(row.series));
  const counts = [...summaries.values()].flat().map((summary) => summary.trials);
  const spread = Math.max(...counts) > 1;
  const widths = distinct([...rows, ...beside].map((row) => row.width));
  const named = parts.widthNames;
  // Side by side, so that intervals do not hide each other.
  const place = (width: number, key: string) =>
    named ? widths.indexOf(width) + 0.14 * (shown.indexOf(key) - (shown.length - 1) / 2) : width;
  const withIntervals = [...summaries.values()].flat().some(({ interval }) => interval);
  const many = distinct(rows.map((row) => row.width)).length > mostErrorBars;
  // A band says nothing between a width of several trials and one of a single trial.
  const banded = many && counts.every((count) => count > 1);

  const data: Data[] = [];
  for (const [key, style] of styles) {
    const its = sorted(beside.filter((row) => row.series === key));
    if (its.length > 0) data.push(publishedTrace(its, style, em));
  }
  for (const key of shown) {
    data.push(
      ...ownTraces(summaries.get(key) as WidthSummary[], styles.get(key) as SeriesStyle, options, {
        banded,
        many,
        spread: spread || withIntervals,
        joined: named === undefined,
        place: (width) => place(width, key),
      }),
    );
  }
  if (beside.length > 0) data.push(publishedEntry(em));

  const legend = shown.map((key) => (styles.get(key) as SeriesStyle).name);
  const { layout, plotWidth, caption } = frame(options, {
    title: options.title ?? parts.title,
    caption: sentences(
      parts.meaning,
      spreadSentence(counts, banded, withIntervals),
      besideSentence(beside),
      options.note,
    ),
    plotHeight: 22 * em,
    left: 4.6 * em,
    legend: beside.length > 0 ? [...legend, "Published"] : legend,
  });
  const all = [...[...summaries.values()].flat(), ...beside];
  const ends = [...summaries.values()].flat().flatMap(({ interval }) => interval ?? []);
  const [low, high] = paddedRange([...all.flatMap((row) => [row.mean - row.sd, row.mean + row.sd]), ...ends]);
  const range = [Math.max(low, bounds[0]), Math.min(high, bounds[1])];
  layout.xaxis = axisStyle(
    parts.widthTitle ?? "Hidden units <i>n</i>",
    em,
    named ? namedAxis(widths, named) : widthAxis(widths, distinct(rows.map((r) => r.width)), plotWidth, em),
  );
  layout.yaxis = axisStyle(parts.yTitle, em, {
    range,
    zeroline: range[0] < 0 && range[1] > 0,
    zerolinecolor: axisColour,
    zerolinewidth: 1,
  });
  return { data, layout, caption };
}

/** Checks rows that hold a width and a measure within its bounds (or beyond them by a rounding error). */
export function checkTrendRows<T extends { readonly width: number }>(
  rows: readonly T[],
  measure: keyof T & string,
  [low, high]: readonly [number, number],
): readonly T[] {
  nonEmpty("rows", rows, "the networks' values");
  rows.forEach((row, index) => {
    validWidth(`rows[${index}].width`, row.width);
    within(`rows[${index}].${measure}`, row[measure], low, high, 1e-9);
  });
  return rows;
}

/** Checks published means. */
export function checkPublished<T extends { width: number; mean: number; sd: number }>(
  rows: readonly T[],
): readonly T[] {
  rows.forEach((row, index) => {
    validWidth(`published[${index}].width`, row.width);
    finite(`published[${index}].mean`, row.mean);
    finiteFromZero(`published[${index}].sd`, row.sd);
  });
  return rows;
}

function byWidth(rows: readonly TrendRow[]): WidthSummary[] {
  return distinct(rows.map((row) => row.width)).map((width) => {
    const own = rows.filter((row) => row.width === width);
    const { mean, populationSd, count } = summarise(own.map((row) => row.value));
    const [{ low = Number.NaN, high = Number.NaN }] = own;
    const known = count === 1 && Number.isFinite(low) && Number.isFinite(high);
    return { width, mean, sd: populationSd, trials: count, interval: known ? [low, high] : undefined };
  });
}

function sorted<T extends { width: number }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => a.width - b.width);
}

/** Range of the widths; ticks at our own widths where these are few. */
function widthAxis(all: readonly number[], own: readonly number[], plotWidth: number, em: number) {
  const [low, high] = extent(all);
  const pad = all.length === 1 ? Math.max(1, 0.1 * low) : 0.035 * (high - low);
  const range = [low - pad, high + pad];
  if (own.length > mostErrorBars) return { range };
  const room = (textWidth(` ${high} `, 0.92 * em) / plotWidth) * (range[1] - range[0]);
  const tickvals = fittingTicks(own, room);
  return { range, tickmode: "array" as const, tickvals, ticktext: tickvals.map(String) };
}

/** Widths that are no scale, side by side with their names. */
function namedAxis(widths: readonly number[], names: Readonly<Record<number, string>>) {
  const tickvals = widths.map((_, at) => at);
  const ticktext = widths.map((width) => escapeText(names[width] ?? String(width)));
  return { range: [-0.5, widths.length - 0.5], showgrid: false, tickmode: "array" as const, tickvals, ticktext };
}

function spreadSentence(counts: readonly number[], banded: boolean, withIntervals: boolean): string {
  const several = counts.filter((count) => count > 1);
  if (several.length === 0 && withIntervals) return "One network per point; its bar is an interval of its number.";
  if (several.length === 0) return "One network per point, so no spread is shown.";
  const drawn = banded ? "Lines are means and bands" : "Markers are means and error bars";
  const trials = counted(several, "trial", "trials");
  const single = several.length < counts.length ? "; markers without a bar are single networks" : "";
  return `${drawn} ±1 standard deviation (population) over ${trials}${single}.`;
}

function besideSentence(beside: readonly TrendPublished[]): string | undefined {
  if (beside.length === 0) return undefined;
  return "Short level lines with pale bars: the published means ±1 standard deviation.";
}
