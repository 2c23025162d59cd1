import type { Annotations, Layout, XAxisName, YAxisName } from "plotly.js";
import { escapeText, textWidth, wrapText } from "./text.js";
import { type FigureSize, fontFamily, ink, quietInk, sizeStyle } from "./theme.js";

/** What every figure function takes besides its data. */
export interface FigureOptions {
  /** What it is made for: `"talk"` (a slide, a notebook; default) or `"column"` (a paper's column of 90 mm). */
  readonly size?: FigureSize;
  /** The title above the axes; default: what the figure shows, in words. `""` leaves it out. */
  readonly title?: string;
  /** A sentence added to the caption, e.g. how the networks were trained; default none. */
  readonly note?: string;
}

/** What surrounds the axes, in pixels except where said. */
export interface FrameParts {
  readonly title: string;
  readonly caption: string;
  /** Height of the plotting area. */
  readonly plotHeight: number;
  /** Room for the labels of the vertical axis. */
  readonly left: number;
  /** Room for a colour bar; default half a line. */
  readonly right?: number;
  /** Room for tick labels and title of the horizontal axis; default 3.7 lines. */
  readonly axisHeight?: number;
  /** Room for panel titles above the plotting area; default 0. */
  readonly panelTitle?: number;
  /** Names in the legend, in their order; default none, then no legend is drawn. */
  readonly legend?: readonly string[];
}

/** A frame: the layout shared by all figures, and the measures that a figure needs to place its parts. */
export interface Frame {
  readonly layout: Partial<Layout>;
  readonly caption: string;
  /** Width of the plotting area in pixels. */
  readonly plotWidth: number;
}

/** Size of the caption's type relative to the figure's. */
const captionScale = 0.84;

/**
 * Places title, legend, axes and caption one below the other, so that none overlaps another whatever their length:
 * every height is counted from the lines that the texts take.
 */
export function frame(size: FigureSize | undefined, parts: FrameParts): Frame {
  const { width, font: em } = sizeStyle(size);
  const { title, caption, plotHeight, left, right = 0.7 * em, axisHeight = 3.7 * em, panelTitle = 0, legend } = parts;
  const plotWidth = width - left - right;
  const titleSize = 1.2 * em;
  const titleLines = wrapText(title, titleSize * 1.06, width - 1.4 * em);
  const titleHeight = titleLines.length * titleSize * 1.3;
  const rows = legend ? legendRows(legend, em, width - left - 0.5 * em) : 0;
  const legendHeight = rows * 1.55 * em;
  const captionSize = captionScale * em;
  const captionLines = wrapText(caption, captionSize, width - 1.4 * em);
  const top = 0.6 * em + titleHeight + legendHeight + panelTitle + 0.5 * em;
  const bottom = axisHeight + captionLines.length * captionSize * 1.3 + 0.9 * em;
  const layout: Partial<Layout> = {
    width,
    height: Math.round(top + plotHeight + bottom),
    margin: { l: left, r: right, t: top, b: bottom, pad: 0 },
    paper_bgcolor: "#ffffff",
    plot_bgcolor: "#ffffff",
    font: { family: fontFamily, size: em, color: ink },
    showlegend: rows > 0,
    hovermode: "closest",
    hoverlabel: { font: { family: fontFamily, size: 0.9 * em } },
    annotations: [captionAnnotation(captionLines, captionSize, axisHeight, left, em)],
  };
  if (title !== "") {
    layout.title = {
      text: `<b>${titleLines.map(escapeText).join("<br>")}</b>`,
      font: { size: titleSize, color: ink },
      xref: "container",
      x: (0.7 * em) / width,
      xanchor: "left",
      yref: "container",
      y: 1,
      yanchor: "top",
      pad: { t: 0.6 * em, b: 0, l: 0, r: 0 },
    };
  }
  if (rows > 0) {
    layout.legend = {
      orientation: "h",
      x: 0,
      xanchor: "left",
      y: 1 + (panelTitle + 0.3 * em) / plotHeight,
      yanchor: "bottom",
      font: { size: 0.95 * em, color: ink },
      bgcolor: "rgba(255,255,255,0)",
      itemsizing: "trace",
    };
  }
  return { layout, caption, plotWidth };
}

/** The caption, left below the axes. */
function captionAnnotation(lines: string[], fontSize: number, axisHeight: number, left: number, em: number) {
  return annotation({
    name: "caption",
    text: lines.map(escapeText).join("<br>"),
    font: { size: fontSize, color: quietInk },
    align: "left",
    x: 0,
    xanchor: "left",
    xshift: 0.7 * em - left,
    y: 0,
    yanchor: "top",
    yshift: -axisHeight,
    borderpad: 0,
  });
}

/** Rows that Plotly's horizontal legend takes: all in one if they fit, else columns as wide as the widest. */
function legendRows(names: readonly string[], em: number, available: number): number {
  const entries = names.map((name) => textWidth(name, 0.95 * em) + 45);
  if (entries.reduce((sum, entry) => sum + entry, 0) <= available) return 1;
  const columns = Math.max(1, Math.floor(available / Math.max(...entries)));
  return Math.ceil(names.length / columns);
}

/** A text placed on a figure, without an arrow. `xref` and `yref` may be `x2 domain`, which the types do not know. */
export function annotation(
  options: Omit<Partial<Annotations>, "xref" | "yref"> & { xref?: string; yref?: string; name?: string },
): Partial<Annotations> {
  const { xref = "paper", yref = "paper", ...rest } = options;
  return { showarrow: false, xref: xref as XAxisName, yref: yref as YAxisName, ...rest };
}

/** A layout with more annotations. */
export function withAnnotations(layout: Partial<Layout>, more: readonly Partial<Annotations>[]): Partial<Layout> {
  return { ...layout, annotations: [...(layout.annotations ?? []), ...more] };
}

/** The sentences of a caption that are there, as one text. */
export function sentences(...parts: readonly (string | undefined | false)[]): string {
  return parts.filter(Boolean).join(" ");
}
