import type { Data } from "plotly.js";
import { invalid } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, distinctNames, finiteFromZero, sameLength } from "./kit/checks.js";
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

/**
 * Figures C1 to C3 and C6: bars side by side at every place (a layer, an expert, a task), one colour for each series (a task, a domain, a lesion), panels one below the
 * other with scales of their own.
 *
 * @throws RangeError for no panels, no series or more than ten, names that come twice, series that differ between panels, lengths that differ, values that are not finite
 * @example
 * const figure = groupedBarsFigure([
 *   { title: "", places: ["0", "1"], series: [{ name: "arithmetic", values: [0.3, 0.7] }, { name: "language", values: [0.6, 0.4] }] },
 * ]);
 */
export function groupedBarsFigure(panels: readonly BarsPanel[], options: GroupedBarsOptions = {}): Figure {
  knownOptions("groupedBarsFigure", options, groupedBarsOptionNames);
  checked(panels);
  const { font: em, width } = sizeStyle(options.size);
  const names = panels[0].series.map(({ name }) => name);
  const ranges = panels.map(({ series }) => {
    const ends = series.flatMap(({ values, errors }) =>
      Array.from(values).flatMap((value, i) => [value - (errors?.[i] || 0), value + (errors?.[i] || 0)]),
    );
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
      data.push({
        type: "bar",
        name: escapeText(series.name),
        legendgroup: String(s),
        showlegend: index === 0 && names.length > 1,
        x: [...panel.places],
        y: Array.from(series.values),
        xaxis: `x${suffix}`,
        yaxis: `y${suffix}`,
        marker: { color: lineColours[s] },
        hovertemplate: `%{x}, ${escapeText(series.name)}<br>%{y:.5g}<extra></extra>`,
        ...(series.errors && {
          error_y: {
            type: "data",
            array: Array.from(series.errors, (error) => error || 0),
            color: ink,
            thickness: 0.07 * em,
            width: 0.12 * em,
          },
        }),
      } as Data);
    });
    top = bottom - (gaps[index] ?? 0);
  });
  layout.barmode = "group";
  layout.bargap = 0.18;
  layout.bargroupgap = 0;
  return { data, layout: withAnnotations({ ...layout, ...axes }, heatTitles(panels, em)), caption };
}

function shortNumber(value: number): string {
  return value.toPrecision(2);
}

function checked(panels: readonly BarsPanel[]): void {
  if (!Array.isArray(panels) || panels.length === 0) throw invalid("panels", "at least one", panels);
  const first = (panels as readonly BarsPanel[])[0].series.map(({ name }) => name);
  distinctNames("series", first, "the bars");
  if (first.length > lineColours.length) throw invalid("series", `at most ${lineColours.length}`, first.length);
  (panels as readonly BarsPanel[]).forEach(({ places, series }, p) => {
    distinctNames(`panels[${p}].places`, places, "the places");
    const names = series.map(({ name }) => name);
    if (names.join("\n") !== first.join("\n")) throw invalid(`series of panels[${p}]`, first.join(", "), names);
    series.forEach(({ name, values, errors }) => {
      sameLength(`values of ${name}`, values, places.length, "one per place");
      allFinite(`values of ${name}`, values);
      if (errors === undefined) return;
      sameLength(`errors of ${name}`, errors, places.length, "one per place");
      for (const error of Array.from(errors)) if (!Number.isNaN(error)) finiteFromZero(`errors of ${name}`, error);
    });
  });
}
