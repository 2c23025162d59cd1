import type { Data } from "plotly.js";
import { invalid } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, distinctNames, finiteFromZero, nonEmpty, sameLength } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { heatTitleRoom, heatTitles } from "./kit/heat-trace.js";
import { band, lineColours, lineDashes } from "./kit/lines.js";
import { axisSuffix } from "./kit/panels.js";
import { escapeText, widest } from "./kit/text.js";
import { axisStyle, sizeStyle } from "./kit/theme.js";
import { paddedRange } from "./summaries.js";

/** A score after removing more and more units in one order. */
export interface RemovalSeries {
  readonly name: string;
  /** How many were removed, ascending. */
  readonly removed: ArrayLike<number>;
  /** Mean score with so many removed. */
  readonly means: ArrayLike<number>;
  /** Its standard deviation over runs, networks or random orders; default none, and no band. */
  readonly sds?: ArrayLike<number>;
  /**
   * In place of it where a band begins and ends: of scores that have bounds quantiles over the runs, which stay within
   * them.
   */
  readonly lower?: ArrayLike<number>;
  readonly upper?: ArrayLike<number>;
}

/** One panel of removals. */
export interface RemovalPanel {
  /** What stands above the panel; `""` for nothing. */
  readonly title: string;
  /** What the scores are, for the vertical axis. */
  readonly score: string;
  readonly series: readonly RemovalSeries[];
}

/** Options of `removalsFigure`. */
export interface RemovalsOptions extends FigureOptions {
  /** What is removed; default `experts`. */
  readonly units?: string;
  /** Of what the bands are one standard deviation, e.g. `over 20 runs`; default not said. */
  readonly over?: string;
  /** What the bands are where series have `lower` and `upper`, e.g. `the middle 68 % of the runs`. */
  readonly bands?: string;
}

/** The names of `RemovalsOptions`. */
export const removalsOptionNames: OptionNames<RemovalsOptions> = {
  ...figureOptionNames,
  units: true,
  over: true,
  bands: true,
};

/**
 * Figure C5: a score against how many units were removed, those that contribute most first, those that contribute least
 * first, random ones; bands of one standard deviation. Where series of a panel do not start alike, the caption says so.
 *
 * @throws RangeError for no panels or series, more than ten series, names that come twice, lengths that differ, numbers
 *   that are not finite or do not ascend
 * @example
 * const figure = removalsFigure([
 *   {
 *     title: "",
 *     score: "accuracy",
 *     series: [
 *       { name: "highest first", removed: [0, 1, 2], means: [0.9, 0.5, 0.1] },
 *       { name: "lowest first", removed: [0, 1, 2], means: [0.9, 0.9, 0.8], sds: [0, 0.01, 0.05] },
 *     ],
 *   },
 * ]);
 */
export function removalsFigure(panels: readonly RemovalPanel[], options: RemovalsOptions = {}): Figure {
  knownOptions("removalsFigure", options, removalsOptionNames);
  checked(panels);
  const { font: em, line, marker } = sizeStyle(options.size);
  const units = options.units ?? "experts";
  const names = [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))];
  if (names.length > lineColours.length) throw invalid("series", `at most ${lineColours.length}`, names.length);
  const ranges = panels.map(({ series }) =>
    paddedRange(
      series.flatMap((own) => {
        const { lower, upper } = bandOf(own) ?? {};
        return [...Array.from(own.means), ...(lower ?? []), ...(upper ?? [])];
      }),
      0.04,
    ),
  );
  const left =
    widest(
      ranges.flat().map((value) => value.toPrecision(2)),
      0.92 * em,
    ) +
    3.2 * em;
  const height = (panels.length > 1 ? 13 : 20) * em;
  const gap = 3.6 * em + heatTitleRoom(em);
  const plotHeight = panels.length * height + (panels.length - 1) * gap;
  const banded = panels.some(({ series }) => series.some(({ sds }) => sds !== undefined));
  const { layout, caption } = frame(options, {
    title: options.title ?? `What is left without some ${units}`,
    caption: sentences(
      `Score after removing ${units} one after the other.`,
      banded && `Bands: one standard deviation${options.over ? ` ${options.over}` : ""}.`,
      options.bands && `Bands: ${options.bands}.`,
      ...panels.map(unlikeStarts),
      options.note,
    ),
    plotHeight,
    left,
    right: 1.4 * em,
    panelTitle: panels.some(({ title }) => title !== "") ? heatTitleRoom(em) : 0,
    legend: names,
  });
  const axes: Record<string, object> = {};
  const [bands, lines]: [Data[], Data[]] = [[], []];
  panels.forEach((panel, index) => {
    const suffix = axisSuffix(index);
    const bottom = plotHeight - index * (height + gap) - height;
    const on = { xaxis: `x${suffix}`, yaxis: `y${suffix}` };
    const most = Math.max(...panel.series.flatMap(({ removed }) => Array.from(removed)));
    axes[`xaxis${suffix}`] = axisStyle(`Number of ${escapeText(units)} removed`, em, {
      range: [-0.01 * most, 1.01 * most],
      anchor: `y${suffix}` as "y",
      showgrid: false,
    });
    axes[`yaxis${suffix}`] = axisStyle(escapeText(panel.score.charAt(0).toUpperCase() + panel.score.slice(1)), em, {
      domain: [Math.max(0, bottom / plotHeight), Math.min(1, (bottom + height) / plotHeight)],
      range: ranges[index],
      anchor: `x${suffix}` as "x",
    });
    panel.series.forEach((own) => {
      const { name, removed, means } = own;
      const group = names.indexOf(name);
      const [x, y] = [Array.from(removed), Array.from(means)];
      const first = panels.findIndex(({ series }) => series.some((own) => own.name === name)) === index;
      const range = bandOf(own);
      if (range) bands.push({ ...band(name, group, x, range.lower, range.upper), ...on } as Data);
      lines.push({
        type: "scatter",
        mode: "lines+markers",
        name: escapeText(name),
        legendgroup: String(group),
        showlegend: first,
        x,
        y,
        ...on,
        line: { color: lineColours[group], width: 1.1 * line, dash: lineDashes[group % lineDashes.length] },
        marker: { color: lineColours[group], size: 0.6 * marker },
        hovertemplate: `${escapeText(name)}<br>%{x} removed: %{y:.4g}<extra></extra>`,
      } as Data);
    });
  });
  return {
    data: [...bands, ...lines],
    layout: withAnnotations({ ...layout, ...axes }, heatTitles(panels, em)),
    caption,
  };
}

/** Where a series' band begins and ends; undefined where it has none. */
function bandOf({ means, sds, lower, upper }: RemovalSeries): { lower: number[]; upper: number[] } | undefined {
  if (lower && upper) return { lower: Array.from(lower), upper: Array.from(upper) };
  if (!sds) return undefined;
  const [below, above] = [-1, 1].map((sign) => Array.from(means, (mean, i) => mean + sign * sds[i]));
  return { lower: below, upper: above };
}

/** A sentence where the scores of the intact network, of which there should be one, differ between series. */
function unlikeStarts({ series }: RemovalPanel): string | undefined {
  const starts = series
    .filter(({ removed }) => removed[0] === 0)
    .map(({ name, means, sds }) => ({ name, start: means[0], sd: sds?.[0] ?? 0 }));
  const unlike = starts.some(({ start }) => Math.abs(start - starts[0].start) > 1e-6);
  if (!unlike) return undefined;
  const told = starts.map(({ name, start }) => `${start.toFixed(3)} (${name})`).join(" and ");
  return `With nothing removed the series do not start alike: ${told}; they were not run alike, and a difference of that size says nothing.`;
}

function checked(panels: readonly RemovalPanel[]): void {
  nonEmpty("panels", panels, "the panels of removals", "series");
  panels.forEach(({ series }, p) => {
    distinctNames(
      `series of panels[${p}]`,
      series.map(({ name }) => name),
      "the orders of removal",
    );
    for (const { name, removed, means, sds, lower, upper } of series) {
      allFinite(`removed of ${name}`, removed);
      if (Array.from(removed).some((count, i) => i > 0 && count <= removed[i - 1])) {
        throw invalid(`removed of ${name}`, "ascending numbers", removed);
      }
      sameLength(`means of ${name}`, means, removed.length, "one per number of removed units");
      allFinite(`means of ${name}`, means);
      if ((lower === undefined) !== (upper === undefined)) {
        throw invalid(`lower and upper of ${name}`, "both, or neither", lower === undefined ? "upper" : "lower");
      }
      for (const [bound, numbers] of Object.entries({ lower, upper })) {
        if (numbers === undefined) continue;
        if (sds !== undefined) throw invalid(`sds of ${name}`, `none beside ${bound}`, "both");
        sameLength(`${bound} of ${name}`, numbers, removed.length, "one per number of removed units");
        allFinite(`${bound} of ${name}`, numbers);
      }
      if (sds === undefined) continue;
      sameLength(`sds of ${name}`, sds, removed.length, "one per number of removed units");
      for (const sd of Array.from(sds)) finiteFromZero(`sds of ${name}`, sd);
    }
  });
}
