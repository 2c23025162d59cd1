import type { Annotations, Layout, XAxisName, YAxisName } from "plotly.js";
import { wrongKind } from "../../errors.js";
import type { OptionNames } from "../../options.js";
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
  /**
   * Whether the caption is drawn below the axes; default true. Left out, its text is still the figure's `caption`: for
   * the slide's or the paper's own.
   */
  readonly caption?: boolean;
}

/** The names of `FigureOptions`. */
export const figureOptionNames: OptionNames<FigureOptions> = {
  size: true,
  title: true,
  note: true,
  caption: true,
};

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
  /** Room for tick labels and title of the horizontal axis; default three and a half lines. */
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

/** Size of the legend's type relative to the figure's. */
const legendScale = 0.95;

/**
 * Places title, legend, axes and caption one below the other, so that none overlaps another whatever their length:
 * every height is counted from the lines that the texts take.
 */
export function frame(options: Pick<FigureOptions, "size" | "caption">, parts: FrameParts): Frame {
  const { width, font: em } = sizeStyle(options.size);
  const { caption: drawn = true } = options;
  if (typeof drawn !== "boolean") throw wrongKind("caption", "true or false", drawn);
  const { title, caption, plotHeight, left, right = 0.7 * em, axisHeight = 3.6 * em, panelTitle = 0, legend } = parts;
  const plotWidth = width - left - right;
  const titleSize = 1.2 * em;
  const titleLines = wrapText(title, titleSize * 1.06, width - 1.4 * em);
  const titleHeight = titleLines.length * titleSize * 1.3;
  const rows = legend ? legendRows(legend, em, plotWidth) : 0;
  const legendHeight = rows === 0 ? 0 : rows * (Math.max(1.3 * legendScale * em, 16) + 3) + 10;
  const captionSize = captionScale * em;
  const captionLines = drawn ? wrapText(caption, captionSize, width - 1.4 * em) : [];
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
    annotations: drawn ? [captionAnnotation(captionLines, captionSize, axisHeight, left, em)] : [],
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
      // Plotly sets the first of several lines as high as its base line should be.
      pad: { t: 0.6 * em + (titleLines.length > 1 ? 0.7 * titleSize : 0), b: 0, l: 0, r: 0 },
    };
  }
  if (rows > 0) {
    layout.legend = {
      orientation: "h",
      x: 0,
      xanchor: "left",
      y: 1 + panelTitle / plotHeight,
      yanchor: "bottom",
      font: { size: legendScale * em, color: ink },
      tracegroupgap: 0,
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

/**
 * Rows that Plotly's horizontal legend takes when every entry is a group of its own: a row is filled, then the next. An
 * entry is its text and 45 pixels of symbol and gaps, whatever the size of the type.
 */
function legendRows(names: readonly string[], em: number, available: number): number {
  let rows = 1;
  let taken = 0;
  for (const name of names) {
    const entry = textWidth(name, legendScale * em) + 45;
    if (taken > 0 && taken + entry > available) {
      rows++;
      taken = 0;
    }
    taken += entry;
  }
  return rows;
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
