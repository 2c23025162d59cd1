import type { Data } from "plotly.js";
import { invalid } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { shortName } from "../words.js";
import { allFinite, distinctNames, finiteFromZero, nonEmpty, sameLength } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { unitLabels } from "./kit/heat-labels.js";
import { heatTitleRoom, heatTitles } from "./kit/heat-trace.js";
import { lineColours } from "./kit/lines.js";
import { axisSuffix } from "./kit/panels.js";
import { escapeText, widest } from "./kit/text.js";
import { axisColour, axisStyle, ink, sizeStyle } from "./kit/theme.js";
import { paddedRange } from "./summaries.js";

/** Bars of one colour, one for each place. */
export interface BarSeries {
  readonly name: string;
  /** One number per place. */
  readonly values: ArrayLike<number>;
  /** Half the length of each error bar, NaN where unknown; default none. */
  readonly errors?: ArrayLike<number>;
  /**
   * In place of it where each error bar begins and ends, NaN where unknown: of numbers that have bounds, such as
   * shares, intervals that stay within them.
   */
  readonly lower?: ArrayLike<number>;
  readonly upper?: ArrayLike<number>;
}

/** One panel of bars. */
export interface BarsPanel {
  /** What stands above the panel; `""` for nothing. */
  readonly title: string;
  /** Names of the places along the horizontal axis. */
  readonly places: readonly string[];
  /** What its numbers are, for the vertical axis; default that of the figure. */
  readonly valueTitle?: string;
  /** The bars that stand side by side at every place; the same names in every panel. */
  readonly series: readonly BarSeries[];
}

/** Options of `groupedBarsFigure`. */
export interface GroupedBarsOptions extends FigureOptions {
  /** What the numbers are, for the vertical axes; default `Contribution`. */
  readonly valueTitle?: string;
  /** What a place is; default `Layer`. */
  readonly placeTitle?: string;
  /** What the error bars are, for the caption; default not said. */
  readonly errorTitle?: string;
}

/** The names of `GroupedBarsOptions`. */
export const groupedBarsOptionNames: OptionNames<GroupedBarsOptions> = {
  ...figureOptionNames,
  valueTitle: true,
  placeTitle: true,
  errorTitle: true,
};

/** Characters of a series' name that the legend shows. */
const longestName = 40;

/**
 * Figures C1 to C3 and C6: bars side by side at every place (a layer, an expert, a task), one colour for each series (a
 * task, a domain, a lesion), panels one below the other with scales of their own.
 *
 * @throws RangeError for no panels, no series or more than ten, names that come twice, series that differ between
 *   panels, lengths that differ, values that are not finite
 * @example
 * const figure = groupedBarsFigure([
 *   { title: "", places: ["0", "1"], series: [{ name: "arithmetic", values: [0.3, 0.7] }, { name: "language", values: [0.6, 0.4] }] },
 * ]);
 */
export function groupedBarsFigure(panels: readonly BarsPanel[], options: GroupedBarsOptions = {}): Figure {
  knownOptions("groupedBarsFigure", options, groupedBarsOptionNames);
  checked(panels);
  const { font: em, width } = sizeStyle(options.size);
  const names = panels[0].series.map(({ name }) => shortName(name, longestName));
  const ranges = panels.map(({ series }) => {
    const ends = series.flatMap((own) => {
      const { below, above } = barsOf(own) ?? {};
      return Array.from(own.values).flatMap((value, i) => [value - (below?.[i] ?? 0), value + (above?.[i] ?? 0)]);
    });
    return paddedRange([0, ...ends], 0.04);
  });
  const left = widest(ranges.flat().map(shortNumber), 0.92 * em) + 3.2 * em;
  const right = 1.2 * em;
  const bottoms = panels.map(({ places }) => unitLabels(places, em, width - left - right));
  const height = (panels.length > 1 ? 12 : 18) * em;
  const gaps = bottoms.slice(0, -1).map((bottom) => bottom.height + 2.5 * em + heatTitleRoom(em));
  const plotHeight = panels.length * height + gaps.reduce((sum, gap) => sum + gap, 0);
  const valueTitle = options.valueTitle ?? "Contribution";
  const { layout, caption } = frame(options, {
    title: options.title ?? "What the layers contribute to each task",
    caption: sentences(options.errorTitle && `Error bars: ${options.errorTitle}.`, options.note),
    plotHeight,
    left,
    right,
    axisHeight: bottoms[panels.length - 1].height + 2.5 * em,
    panelTitle: panels.some(({ title }) => title !== "") ? heatTitleRoom(em) : 0,
    ...(names.length > 1 && { legend: names }),
  });
  const axes: Record<string, object> = {};
  const data: Data[] = [];
  let top = plotHeight;
  panels.forEach((panel, index) => {
    const suffix = axisSuffix(index);
    const bottom = top - height;
    axes[`yaxis${suffix}`] = axisStyle(escapeText(panel.valueTitle ?? valueTitle), em, {
      domain: [Math.max(0, bottom / plotHeight), top / plotHeight],
      range: ranges[index],
      anchor: `x${suffix}` as "x",
      nticks: panels.length > 1 ? 5 : 8,
      zeroline: true,
      zerolinecolor: axisColour,
      zerolinewidth: 1,
    });
    axes[`xaxis${suffix}`] = axisStyle(escapeText(options.placeTitle ?? "Layer"), em, {
      type: "category",
      range: [-0.5, panel.places.length - 0.5],
      anchor: `y${suffix}` as "y",
      showgrid: false,
      ...bottoms[index].ticks,
    });
    panel.series.forEach((series, s) => {
      const bars = barsOf(series);
      data.push({
        type: "bar",
        name: escapeText(names[s]),
        legendgroup: String(s),
        showlegend: index === 0 && names.length > 1,
        x: [...panel.places],
        y: Array.from(series.values),
        xaxis: `x${suffix}`,
        yaxis: `y${suffix}`,
        marker: { color: lineColours[s] },
        hovertemplate: `%{x}, ${escapeText(names[s])}<br>%{y:.5g}<extra></extra>`,
        ...(bars && {
          error_y: {
            type: "data",
            array: bars.above,
            ...(series.lower && { symmetric: false, arrayminus: bars.below }),
            color: ink,
            thickness: 0.07 * em,
            width: 0.12 * em,
          },
        }),
      } as Data);
    });
    top = bottom - (gaps[index] ?? 0);
  });
  const titles = panels.map(({ title }) => ({ title: shortName(title, 2 * longestName) }));
  layout.barmode = "group";
  layout.bargap = 0.18;
  layout.bargroupgap = 0;
  return { data, layout: withAnnotations({ ...layout, ...axes }, heatTitles(titles, em)), caption };
}

/** How far each error bar goes below and above its value, 0 where nothing is known; undefined where there are none. */
function barsOf({ values, errors, lower, upper }: BarSeries): { below: number[]; above: number[] } | undefined {
  const known = (lengths: ArrayLike<number>) => Array.from(lengths, (length) => length || 0);
  if (errors) return { below: known(errors), above: known(errors) };
  if (!lower || !upper) return undefined;
  const below = known(Array.from(lower, (end, i) => values[i] - end));
  return { below, above: known(Array.from(upper, (end, i) => end - values[i])) };
}

function shortNumber(value: number): string {
  return value.toPrecision(2);
}

function checked(panels: readonly BarsPanel[]): void {
  nonEmpty("panels", panels, "the groups of bars", "places", "series");
  const first = panels[0].series.map(({ name }) => name);
  distinctNames("series", first, "the bars");
  if (first.length > lineColours.length) throw invalid("series", `at most ${lineColours.length}`, first.length);
  panels.forEach(({ places, series }, p) => {
    distinctNames(`panels[${p}].places`, places, "the places");
    const names = series.map(({ name }) => name);
    if (names.join("\n") !== first.join("\n")) throw invalid(`series of panels[${p}]`, first.join(", "), names);
    series.forEach(({ name, values, errors, lower, upper }) => {
      sameLength(`values of ${name}`, values, places.length, "one per place");
      allFinite(`values of ${name}`, values);
      if ((lower === undefined) !== (upper === undefined)) {
        throw invalid(`lower and upper of ${name}`, "both, or neither", lower === undefined ? "upper" : "lower");
      }
      if (lower && errors) throw invalid(`errors of ${name}`, "none beside lower and upper", errors);
      for (const [end, sign] of Object.entries({ lower: -1, upper: 1 })) {
        const ends = sign < 0 ? lower : upper;
        if (ends === undefined) continue;
        sameLength(`${end} of ${name}`, ends, places.length, "one per place");
        // Where rounding leaves an end on the wrong side there is no bar.
        Array.from(ends).forEach((own, i) => {
          if (!(sign * (own - values[i]) < -1e-12)) return;
          throw invalid(`${end} of ${name}`, `no ${sign < 0 ? "more" : "less"} than the value ${values[i]}`, own);
        });
      }
      if (errors === undefined) return;
      sameLength(`errors of ${name}`, errors, places.length, "one per place");
      for (const error of Array.from(errors)) if (!Number.isNaN(error)) finiteFromZero(`errors of ${name}`, error);
    });
  });
}
