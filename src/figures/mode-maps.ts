import type { Annotations, ColorBar, Data, LayoutAxis } from "plotly.js";
import { oneOf, positiveInteger } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, nonEmpty, sameLength } from "./kit/checks.js";
import { type ColourRange, colourLimit } from "./kit/colour-limit.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { colourBar, heatTitleRoom, heatTitles, heatTrace } from "./kit/heat-trace.js";
import { axisTitles, checkedAxis, edges, type MapAxis, places, ticksOf } from "./kit/map-axis.js";
import { axisSuffix, gridColumns, panelTitle } from "./kit/panels.js";
import { escapeText, widest, wrapText } from "./kit/text.js";
import { axisStyle, quietInk, sizeStyle } from "./kit/theme.js";

/** A map: the Shapley Mode of a unit whose output has two axes, or the output itself. */
export interface MapPanel {
  /** What stands above the panel, e.g. the unit's name. */
  readonly title: string;
  /** `[rows, columns]`, row after row. */
  readonly values: ArrayLike<number>;
  /**
   * What the colours of this panel count, where it is something else than in the others: it has a full scale and a bar
   * of its own.
   */
  readonly quantity?: string;
}

/** Options of `modeMapsFigure`. */
export interface ModeMapsOptions extends FigureOptions {
  readonly rows: MapAxis;
  readonly columns: MapAxis;
  /** Whether the first row is at the top, as in an image, or at the bottom, as in a piano roll; default `"top"`. */
  readonly firstRow?: "top" | "bottom";
  /** What the colours count; default `Contribution`. */
  readonly quantity?: string;
  /** Where the colours end; default `"full"`. */
  readonly range?: ColourRange;
  /**
   * `"shared"` (default): one colour scale for all panels; `"own"`: each has a scale and a colour bar of its own, for
   * outputs that are counted in different units, or of very different size.
   */
  readonly scale?: "shared" | "own";
  /** Panels side by side; default as many as are well readable. */
  readonly panelsPerRow?: number;
}

/** The names of `ModeMapsOptions`. */
export const modeMapsOptionNames: OptionNames<ModeMapsOptions> = {
  ...figureOptionNames,
  rows: true,
  columns: true,
  firstRow: true,
  quantity: true,
  range: true,
  scale: true,
  panelsPerRow: true,
};

/**
 * Shapley Modes that are maps (images, piano rolls, spectrograms), one panel each, on one diverging colour scale
 * centred at 0. What is no mode, such as the input or the output itself, can stand beside them on a scale of its own
 * (`quantity` of a panel).
 *
 * @throws RangeError for no panels, values that are not finite or not rows times columns
 * @example
 * const figure = modeMapsFigure([{ title: "filter 3", values: [0.1, 0, -0.2, 0.4] }], {
 *   rows: { title: "Pitch", length: 2 },
 *   columns: { title: "Time (s)", length: 2, from: 0, to: 0.5 },
 * });
 */
export function modeMapsFigure(given: readonly MapPanel[], options: ModeMapsOptions): Figure {
  knownOptions("modeMapsFigure", options, modeMapsOptionNames);
  nonEmpty("panels", given, "the modes");
  const quantity = options.quantity ?? "Contribution";
  const ownScales = oneOf("scale", ["shared", "own"], options.scale ?? "shared") === "own";
  const panels = ownScales ? given.map((panel) => ({ ...panel, quantity: panel.quantity ?? quantity })) : given;
  const rows = checkedAxis("rows", options.rows);
  const columns = checkedAxis("columns", options.columns);
  const numbers = rows.length * columns.length;
  panels.forEach(({ values }, index) => {
    const name = `panels[${index}].values`;
    sameLength(name, values, numbers, `${rows.length} rows times ${columns.length} columns`);
    allFinite(name, values);
  });
  const shared = panels.filter(({ quantity }) => quantity === undefined).map(({ values }) => values);
  const { limit, remark } = colourLimit(shared, options.range);
  // What stands beside modes on a scale of its own is shown whole.
  const limits = panels.map(({ quantity, values }) =>
    quantity === undefined ? undefined : colourLimit([values], ownScales ? options.range : "full"),
  );
  const ownRemarks = limits.map((own, index) => own?.remark && `${panels[index].title}: ${own.remark}`);
  // Of plain probabilities nothing adds or takes away.
  const signed = shared.some(hasNegative);
  const { font: em, width } = sizeStyle(options.size);
  const perRow = Math.min(
    panels.length,
    positiveInteger(
      "panelsPerRow",
      options.panelsPerRow ?? (ownScales ? Math.min(2, panels.length) : gridColumns(panels.length, width / em)),
    ),
  );
  const gridRows = Math.ceil(panels.length / perRow);
  const left = widest(rows.ticks?.map(([, text]) => text) ?? ["0.00"], 0.92 * em) + 3 * em;
  // A panel with a scale of its own has its bar at its right side, and its column the room for it.
  const hasOwn = (column: number) =>
    !ownScales && panels.some((panel, i) => i % perRow === column && panel.quantity !== undefined);
  const rooms = Array.from({ length: perRow }, (_, column) => (hasOwn(column) ? ownBarRoom * em : 0));
  const gaps = rooms.slice(0, -1).map((room) => room + 0.9 * em);
  const between = gaps.reduce((sum, room) => sum + room, 0);
  const lastRoom = rooms[perRow - 1];
  const side = (width - left - 6.3 * em - lastRoom - between) / perRow;
  const height = Math.min(side * Math.min(1, Math.max(0.6, rows.length / columns.length)), 22 * em);
  // Where all panels have a scale of their own, bars lie above them, as wide as the panels on a page of any width.
  const titleRoom = ownScales ? ownScaleRoom * em : heatTitleRoom(em);
  const gap = titleRoom + 0.5 * em;
  const plotHeight = gridRows * height + (gridRows - 1) * gap;
  const barTitle = wrapText(quantity, em, plotHeight);
  const right = (shared.length > 0 ? (5.1 + 1.2 * barTitle.length) * em : 0.8 * em) + lastRoom;
  const plotWidth = width - left - right;
  const panelWidth = (plotWidth - between) / perRow;
  const single = panels.length === 1;

  const { layout, caption } = frame(options, {
    title: options.title ?? (single ? "Shapley Mode" : "Shapley Modes"),
    caption: sentences(
      ownScales
        ? panels.some(({ values }) => hasNegative(values)) &&
            "Red adds, blue takes away; each panel has a colour scale of its own."
        : signed && `Red adds, blue takes away${single ? "" : `; one colour scale for all panels${others(panels)}`}.`,
      remark,
      ...ownRemarks,
      options.note,
    ),
    plotHeight,
    left,
    right,
    axisHeight: 3.9 * em,
    panelTitle: ownScales || panels.some(({ title }) => title !== "") ? titleRoom : 0,
  });
  const bar = colourBar(barTitle.map(escapeText).join("<br>"), Math.min(plotHeight, 22 * em), em, {
    nticks: 7,
    x: 1 + lastRoom / plotWidth,
  });
  const firstShared = panels.findIndex((panel) => panel.quantity === undefined);
  const axes: Record<string, Partial<LayoutAxis>> = {};
  const data: Data[] = [];
  const fromTop = oneOf("firstRow", ["top", "bottom"], options.firstRow ?? "top") === "top";
  panels.forEach((panel, index) => {
    const suffix = axisSuffix(index);
    const column = index % perRow;
    const row = Math.floor(index / perRow);
    const start = column * panelWidth + gaps.slice(0, column).reduce((sum, room) => sum + room, 0);
    const top = plotHeight - row * (height + gap);
    axes[`xaxis${suffix}`] = axisStyle(undefined, em, {
      ...plain,
      domain: [start / plotWidth, Math.min(1, (start + panelWidth) / plotWidth)],
      anchor: `y${suffix}` as "y",
      range: edges(columns),
      ...ticksOf(columns, panelWidth / (3.2 * em)),
      // The lowest panel of every column is labelled.
      showticklabels: index + perRow >= panels.length,
    });
    axes[`yaxis${suffix}`] = axisStyle(undefined, em, {
      ...plain,
      domain: [Math.max(0, (top - height) / plotHeight), top / plotHeight],
      anchor: `x${suffix}` as "x",
      range: fromTop ? edges(rows).reverse() : edges(rows),
      ...ticksOf(rows, height / (2 * em)),
      showticklabels: column === 0,
    });
    const own = limits[index]?.limit;
    const ends = own ?? limit;
    const z = Array.from({ length: rows.length }, (_, r) =>
      Array.from({ length: columns.length }, (_, c) => rounded(panel.values[r * columns.length + c], ends)),
    );
    const cells = {
      title: panel.title,
      columns: [],
      rows: [],
      z,
      limit: ends,
      signed: own === undefined ? signed : hasNegative(panel.values),
      hovertemplate,
    };
    const ownBar =
      own === undefined
        ? undefined
        : ownScales
          ? barAbove(em, (start + panelWidth / 2) / plotWidth, panelWidth / plotWidth, top / plotHeight)
          : colourBar(
              wrapText(panel.quantity as string, 0.9 * em, height)
                .map(escapeText)
                .join("<br>"),
              height,
              0.9 * em,
              {
                nticks: 4,
                x: Math.min(1, (start + panelWidth) / plotWidth),
                y: (top - height / 2) / plotHeight,
                xpad: 0.4 * em,
              },
            );
    data.push({
      ...heatTrace(cells, index, ownBar ?? (index === firstShared ? bar : undefined)),
      x: places(columns),
      y: places(rows),
    } as Data);
  });
  const panelTitles = ownScales
    ? panels.map((panel, index) => titleAndQuantity(panel, index, em))
    : heatTitles(panels, em);
  const titles = [...panelTitles, ...axisTitles(rows.title, columns.title, left, em)];
  return { data, layout: withAnnotations({ ...layout, ...axes }, titles), caption };
}

/** Room above a panel with a scale of its own, in em: a title, what the colours count, the bar, and its numbers. */
const ownScaleRoom = 5.2;

/** A colour bar that lies above a panel, in shares of the plotting area. */
function barAbove(em: number, middle: number, length: number, top: number): Partial<ColorBar> {
  return colourBar("", length, 0.9 * em, {
    orientation: "h",
    lenmode: "fraction",
    thickness: 0.6 * em,
    x: middle,
    xanchor: "center",
    xpad: 0,
    y: top,
    yanchor: "bottom",
    ypad: 0.3 * em,
    nticks: 5,
  } as Partial<ColorBar>);
}

/** A panel's title, and what its colours count, above its bar. */
function titleAndQuantity({ title, quantity = "" }: MapPanel, index: number, em: number): Partial<Annotations> {
  const lines = [...(title === "" ? [] : [`<b>${escapeText(title)}</b>`]), escapeText(quantity)];
  return {
    ...panelTitle(lines.join("<br>"), index, { size: 0.95 * em, color: quietInk }),
    align: "left",
    yshift: 2.5 * em,
  };
}

/** Room for the bar of one panel, in em. */
const ownBarRoom = 5;

/** "but the page's ink", for the caption: panels with a scale of their own. */
function others(panels: readonly MapPanel[]): string {
  const own = panels.filter(({ quantity }) => quantity !== undefined).map(({ title }) => title);
  return own.length === 0 ? "" : ` but ${escapeText(own.join(", "))}`;
}

function hasNegative(values: ArrayLike<number>): boolean {
  return Array.prototype.some.call(values, (value: number) => value < 0);
}

const plain: Partial<LayoutAxis> = { showgrid: false, showline: false };
const hovertemplate = "%{x}, %{y}<br>%{z}<extra></extra>";

/** As precise as a thousandth of the colour scale: maps are large, and nothing finer can be seen. */
function rounded(value: number, limit: number): number {
  const step = 10 ** (Math.floor(Math.log10(limit)) - 3);
  if (step === 0) return value; // of numbers as small as there are
  return Number((Math.round(value / step) * step).toPrecision(6));
}
