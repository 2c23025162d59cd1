import type { Data } from "plotly.js";
import type { AttributionCurvesParts } from "../analysis/attribution-curves-result.js";
import { invalid } from "../errors.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, distinctNames, sameLength } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { panelTitle } from "./kit/panels.js";
import { escapeText } from "./kit/text.js";
import { axisStyle, digitStyle, ink, type SeriesStyle, sizeStyle, transparent } from "./kit/theme.js";
import { paddedRange, quantile } from "./summaries.js";

/** Options of `attributionCurvesFigure`. */
export interface AttributionCurvesFigureOptions extends FigureOptions {
  /** What v measures, with its unit, for the axis; default `v`. */
  readonly score?: string;
}

/** The names of `AttributionCurvesFigureOptions`. */
export const attributionCurvesFigureOptionNames: OptionNames<AttributionCurvesFigureOptions> = {
  ...figureOptionNames,
  score: true,
};

/** Styles of the rankings: colours that are dark enough for lines, each with a symbol and a dash of its own. */
const styles: readonly (SeriesStyle & { readonly dash: "solid" | "dash" | "dot" | "dashdot" })[] = [
  { ...digitStyle(0), dash: "solid" },
  { ...digitStyle(1), dash: "dash" },
  { ...digitStyle(3), dash: "dot" },
  { ...digitStyle(5), dash: "dashdot" },
  { ...digitStyle(6), dash: "solid" },
  { ...digitStyle(9), dash: "dash" },
  { ...digitStyle(7), dash: "dot" },
  { ...digitStyle(2), dash: "dashdot" },
];
const random = "Random rankings";
const randomColour = "#8c8c8c";

/**
 * Deletion and insertion curves of several rankings side by side, random rankings as a band; the areas below them stand
 * in the caption.
 *
 * @throws RangeError for no curve or more than eight, names that come twice, lengths that differ, numbers that are not
 *   finite
 * @example
 * const game = await gameFrom(["a", "b", "c"], (intact) => (intact.has("a") ? 2 : 0) + (intact.has("b") ? 1 : 0));
 * const curves = await attributionCurves(game, { shapley: await shapley(game) });
 * const figure = attributionCurvesFigure(curves, { score: "score" });
 */
export function attributionCurvesFigure(
  input: AttributionCurvesParts,
  options: AttributionCurvesFigureOptions = {},
): Figure {
  knownOptions("attributionCurvesFigure", options, attributionCurvesFigureOptionNames);
  has("input", input, "AttributionCurvesParts", "units", "counts");
  const { counts, units, curves } = input;
  distinctNames(
    "curves",
    curves.map(({ name }) => name),
    "the rankings",
  );
  if (curves.length > styles.length) throw invalid("curves", `at most ${styles.length} rankings`, curves.length);
  for (const { deletion, insertion } of [...curves, ...input.random]) {
    for (const [name, list] of Object.entries({ deletion, insertion })) {
      sameLength(name, list, counts.length, "one for each step");
      allFinite(name, list);
    }
  }
  const { font: em, line, width } = sizeStyle(options.size);
  const beside = width / em > 45;
  const x = counts.map((count) => (100 * count) / units);
  const panels = [
    {
      of: "deletion",
      area: "deletionArea",
      title: "Deletion: the most important go first",
      axis: "Units lesioned (%)",
    },
    {
      of: "insertion",
      area: "insertionArea",
      title: "Insertion: the most important come back first",
      axis: "Units intact (%)",
    },
  ] as const;
  const all = [...curves, ...input.random].flatMap(({ deletion, insertion }) => [...deletion, ...insertion]);
  const range = paddedRange(all, 0.05);
  const legend = [...curves.map(({ name }) => name), ...(input.random.length > 0 ? [random] : [])];
  const left = 4.6 * em;
  const right = 1.2 * em;
  const height = 18 * em;
  const between = 6.4 * em;
  const [better, worse] = input.lowerIsBetter ? ["lower", "higher"] : ["higher", "lower"];
  const areas = (area: "deletionArea" | "insertionArea") =>
    curves.map((curve) => `${curve.name} ${Number(curve[area].toPrecision(3))}`).join(", ");
  const { layout, caption, plotWidth } = frame(options, {
    title: options.title ?? "How soon the ranked units matter",
    caption: sentences(
      `${options.score ?? "v"} as units are lesioned, and as they come back, from the most important on.`,
      `Areas: deletion (${worse} is better) ${areas("deletionArea")}; insertion (${better} is better) ${areas("insertionArea")}.`,
      input.random.length > 0 &&
        `Grey: mean of ${input.random.length} random rankings, and the middle 90 % of them at each step.`,
      options.note,
    ),
    plotHeight: beside ? height : 2 * height + between,
    left,
    right,
    panelTitle: 1.6 * em,
    legend,
  });
  const gap = (4.4 * em) / plotWidth;
  const data = panels.flatMap(({ of }, panel): Data[] => {
    const suffix = panel === 0 ? "" : "2";
    const axes = { xaxis: `x${suffix}`, yaxis: `y${suffix}` } as { xaxis: "x"; yaxis: "y" };
    const drawn = curves.map(
      ({ name, [of]: values }, c): Data => ({
        ...axes,
        type: "scatter",
        mode: "lines",
        name: escapeText(name),
        legendgroup: name,
        showlegend: panel === 0,
        x,
        y: Array.from(values),
        line: { color: styles[c].colour, width: line, dash: styles[c].dash },
        hovertemplate: `${escapeText(name)}<br>%{x:.0f} % of the units<br>%{y:.4g}<extra></extra>`,
      }),
    );
    if (input.random.length === 0) return drawn;
    const at = (step: number) => input.random.map(({ [of]: values }) => values[step]);
    const ends = (share: number) => counts.map((_, step) => quantile(at(step), share));
    const mean = counts.map((_, step) => at(step).reduce((sum, value) => sum + value, 0) / input.random.length);
    const band: Data = {
      ...axes,
      type: "scatter",
      mode: "lines",
      name: `${random}, middle 90 %`,
      legendgroup: random,
      showlegend: false,
      x: [...x, ...[...x].reverse()],
      y: [...ends(0.05), ...ends(0.95).reverse()],
      fill: "toself",
      fillcolor: transparent(randomColour, 0.25),
      line: { width: 0 },
      hoverinfo: "skip",
    };
    const middle: Data = {
      ...axes,
      type: "scatter",
      mode: "lines",
      name: random,
      legendgroup: random,
      showlegend: panel === 0,
      x,
      y: mean,
      line: { color: randomColour, width: 0.8 * line },
      hovertemplate: `${random}, mean<br>%{x:.0f} % of the units<br>%{y:.4g}<extra></extra>`,
    };
    return [band, ...drawn, middle];
  });
  panels.forEach(({ axis }, panel) => {
    const suffix = panel === 0 ? "" : "2";
    const share = height / (2 * height + between);
    const domainX: [number, number] = beside ? (panel === 0 ? [0, (1 - gap) / 2] : [(1 + gap) / 2, 1]) : [0, 1];
    const domainY: [number, number] = beside ? [0, 1] : panel === 0 ? [1 - share, 1] : [0, share];
    const own = { domain: domainX, anchor: `y${suffix}` as "y", range: [-2, 102], dtick: 25 };
    Object.assign(layout, {
      [`xaxis${suffix}`]: axisStyle(axis, em, own),
      [`yaxis${suffix}`]: axisStyle(beside && panel > 0 ? undefined : escapeText(options.score ?? "v"), em, {
        domain: domainY,
        anchor: `x${suffix}` as "x",
        range,
      }),
    });
  });
  const titles = panels.map(({ title }, panel) => panelTitle(title, panel, { size: 0.95 * em, color: ink }, 2));
  return { data, layout: withAnnotations(layout, titles), caption };
}
