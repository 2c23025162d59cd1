import type { Data, LayoutAxis } from "plotly.js";
import type { ModesTest, TestedInteraction } from "../analysis/inference/modes-test.js";
import type { Linkage } from "../analysis/linkage.js";
import { oneOf } from "../errors.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { type ColourRange, colourLimit } from "./kit/colour-limit.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences } from "./kit/frame.js";
import { heatLabels, unitLabels } from "./kit/heat-labels.js";
import { colourBar, heatTrace } from "./kit/heat-trace.js";
import { checkedPairs, type PairNumbers, pairTree, withoutRounding } from "./kit/pair-matrix.js";
import { escapeText, wrapText } from "./kit/text.js";
import { axisStyle, ink, quietInk, sizeStyle } from "./kit/theme.js";

/** Options of `interactionMatrixFigure`. */
export interface InteractionMatrixOptions extends FigureOptions {
  /**
   * "tree" (default): units that interact strongly stand side by side, below their tree; "given": as they come, without
   * a tree.
   */
  readonly order?: "tree" | "given";
  /** Where the colours end: "full" (default), "robust" or a number. */
  readonly range?: ColourRange;
  /** What the numbers are; default `Interaction`. */
  readonly quantity?: string;
  /** What stands at the columns; default nothing: rows and columns mean the same. */
  readonly columnTitle?: string;
  /** What stands at the rows; default nothing. */
  readonly rowTitle?: string;
  /** Of `testInteractions`: pairs that hold after Holm's correction get a dot. Default none. */
  readonly test?: Pick<ModesTest<TestedInteraction>, "rows" | "found" | "settings">;
}

/** The names of `InteractionMatrixOptions`. */
export const interactionMatrixOptionNames: OptionNames<InteractionMatrixOptions> = {
  ...figureOptionNames,
  order: true,
  range: true,
  quantity: true,
  columnTitle: true,
  rowTitle: true,
  test: true,
};

/**
 * How every two units interact: a matrix on a diverging scale, and above it the tree of units by average linkage, in
 * which those that interact strongly, either way, are joined low. What is not known is left blank, and so is the
 * diagonal. What the matrix says is rounding is 0.
 *
 * @throws RangeError for fewer than 2 or more than 250 units, a matrix that is not square, an infinite number
 * @example
 * const game = await gameFrom(["a", "b", "c"], (intact) => (intact.has("a") && intact.has("b") ? 2 : 0) - (intact.has("c") && intact.has("b") ? 1 : 0));
 * const figure = interactionMatrixFigure((await interactions(game)).matrix(), { quantity: "SII" });
 */
export function interactionMatrixFigure(given: PairNumbers, options: InteractionMatrixOptions = {}): Figure {
  knownOptions("interactionMatrixFigure", options, interactionMatrixOptionNames);
  has("given", given, "PairNumbers");
  checkedPairs(given);
  const { pairs: matrix, nothing } = withoutRounding(given);
  const known = checkedPairs(matrix);
  const byTree = oneOf("order", ["tree", "given"], options.order ?? "tree") === "tree" && !nothing;
  const { limit, remark } = colourLimit([known], options.range);
  const tree = byTree
    ? pairTree(
        matrix,
        known.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
      )
    : undefined;
  const order = tree?.order ?? matrix.units.map((_, u) => u);
  const units = order.map((u) => matrix.units[u]);

  const held = options.test && heldPairs(options.test, matrix.units);

  const { font: em, width, line, marker } = sizeStyle(options.size);
  const labels = heatLabels(units, em, Math.min(9 * em, 0.25 * width));
  const left = labels.width + (options.rowTitle === undefined ? 1.2 : 2.9) * em;
  const quantity = options.quantity ?? "Interaction";
  const side = Math.min(width - left - 7.5 * em, 32 * em);
  const barTitle = wrapText(quantity, em, side);
  const treeHeight = tree ? 4.5 * em : 0;
  const gap = tree ? 0.4 * em : 0;
  const plotHeight = side + treeHeight + gap;
  const bottom = unitLabels(units, em, side);
  const { layout, caption } = frame(options, {
    title: options.title ?? "Which units work together",
    caption: sentences(
      `${quantity} of every two units.`,
      nothing && "There are none beyond rounding.",
      !nothing &&
        (options.columnTitle === undefined
          ? "Red: together they do more than each alone; blue: less, they do the same."
          : "Red adds, blue takes away."),
      tree && "The tree joins units low that interact strongly, either way (average linkage).",
      held && dotsSentence(options.test, held.length),
      remark,
      options.note,
    ),
    plotHeight,
    left,
    right: width - left - side,
    axisHeight: bottom.height + (options.columnTitle === undefined ? 0.9 : 2.5) * em,
  });

  const top: [number, number] = [0, side / plotHeight];
  const square = { type: "category" as const, showgrid: false, showline: false };
  const axes: Record<string, Partial<LayoutAxis>> = {
    xaxis: axisStyle(title(options.columnTitle), em, {
      ...square,
      range: [-0.5, units.length - 0.5],
      anchor: "y",
      ...bottom.ticks,
    }),
    yaxis: axisStyle(title(options.rowTitle), em, {
      ...square,
      domain: top,
      range: [units.length - 0.5, -0.5],
      anchor: "x",
      ...labels.ticks(side),
    }),
  };
  const shown = (i: number, j: number) => (i === j || Number.isNaN(matrix.values[i][j]) ? null : matrix.values[i][j]);
  const z = order.map((i) => order.map((j) => shown(i, j))) as number[][];
  const errors = matrix.standardErrors;
  const [rowTitle, columnTitle] = [title(options.rowTitle), title(options.columnTitle)];
  const names = rowTitle && columnTitle ? `${rowTitle}: %{y}<br>${columnTitle}: %{x}` : "%{y} and %{x}";
  const cells = {
    title: quantity,
    columns: units,
    rows: units,
    z,
    limit,
    hovertemplate: `${names}<br>%{z:.5f}${errors ? "%{customdata}" : ""}<extra></extra>`,
  };
  const bar = colourBar(barTitle.map(escapeText).join("<br>"), Math.min(side, 18 * em), em, {
    nticks: 5,
    y: (top[0] + top[1]) / 2,
  });
  const customdata =
    errors && order.map((i) => order.map((j) => (errors[i][j] > 0 ? ` ± ${errors[i][j].toPrecision(2)}` : "")));
  const data: Data[] = [{ ...heatTrace(cells, 0, bar), ...(customdata && { customdata }) } as Data];
  if (held && held.length > 0) {
    const place = new Map(order.map((u, at) => [u, at]));
    const both = held.flatMap(([a, b]) => [
      [place.get(a), place.get(b)],
      [place.get(b), place.get(a)],
    ]) as [number, number][];
    data.push({
      type: "scatter",
      mode: "markers",
      x: both.map(([column]) => units[column]),
      y: both.map(([, row]) => units[row]),
      marker: {
        color: "#ffffff",
        line: { color: ink, width: 0.5 * line },
        size: Math.min(0.6 * marker, (0.4 * side) / units.length),
      },
      hoverinfo: "skip",
      showlegend: false,
    });
  }
  if (tree) {
    axes.xaxis2 = { domain: [0, 1], range: [-0.5, units.length - 0.5], visible: false, anchor: "y2" };
    axes.yaxis2 = {
      domain: [(side + gap) / plotHeight, 1],
      range: [-0.02, 1.03].map((share) => share * Math.max(1e-9, tree.merges[tree.merges.length - 1].height)),
      visible: false,
      anchor: "x2",
    };
    data.push({
      type: "scatter",
      mode: "lines",
      xaxis: "x2",
      yaxis: "y2",
      ...treeLines(tree),
      line: { color: quietInk, width: 0.5 * line },
      hoverinfo: "skip",
      showlegend: false,
    });
  }
  return { data, layout: { ...layout, ...axes }, caption };
}

/** Pairs of units whose interaction holds after Holm's correction. */
function heldPairs(test: Pick<ModesTest<TestedInteraction>, "found">, units: readonly string[]): [number, number][] {
  const names = new Set(test.found().map((row) => row.units));
  return units.flatMap((a, i) =>
    units.flatMap((b, j): [number, number][] =>
      i < j && (names.has(`${a} + ${b}`) || names.has(`${b} + ${a}`)) ? [[i, j]] : [],
    ),
  );
}

function dotsSentence(test: InteractionMatrixOptions["test"], held: number): string | false {
  if (!test) return false;
  const { rows, settings } = test;
  const percent = Number((100 * settings.level).toPrecision(6));
  const what = `other than 0 at ${percent} % (Holm, ${rows.length} tests)`;
  return held > 0 ? `Dots: ${what}.` : `No pair is ${what}.`;
}

function title(text: string | undefined): string | undefined {
  return text === undefined ? undefined : escapeText(text);
}

/** A bracket for every merge, from the heights of its two groups to its own; null between brackets. */
function treeLines({ merges, order }: Linkage): { x: (number | null)[]; y: (number | null)[] } {
  const items = order.length;
  const place = new Map<number, { x: number; y: number }>();
  order.forEach((item, at) => place.set(item, { x: at, y: 0 }));
  const x: (number | null)[] = [];
  const y: (number | null)[] = [];
  merges.forEach(({ groups, height }, m) => {
    const [a, b] = groups.map((group) => place.get(group) as { x: number; y: number });
    x.push(a.x, a.x, b.x, b.x, null);
    y.push(a.y, height, height, b.y, null);
    place.set(items + m, { x: (a.x + b.x) / 2, y: height });
  });
  return { x, y };
}
