import type { ColorScale, LayoutAxis, MarkerSymbol } from "plotly.js";
import { oneOf } from "../../errors.js";
import type { Regulariser } from "../../networks/mlp/regulariser.js";

/** How one series looks. Lightness and marker differ between series, so that they read in grey as well. */
export interface SeriesStyle {
  readonly name: string;
  readonly colour: string;
  readonly symbol: MarkerSymbol;
}

/** The regularisers in the order and the colours of the paper. */
export const regulariserStyles: Readonly<Record<Regulariser, SeriesStyle>> = {
  l1: { name: "L1", colour: "#A6587D", symbol: "circle" },
  l2: { name: "L2", colour: "#364B74", symbol: "square" },
  none: { name: "None", colour: "#B5B5B5", symbol: "diamond" },
};

/** One colour per digit 0 to 9: Paul Tol's "muted" scheme, safe for colour-blind readers, and its grey. */
export const digitColours: readonly string[] = [
  "#332288",
  "#CC6677",
  "#DDCC77",
  "#117733",
  "#88CCEE",
  "#882255",
  "#999933",
  "#AA4499",
  "#BBBBBB",
  "#44AA99",
];

const symbols: readonly MarkerSymbol[] = ["circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "x"];

/** How a digit's series looks. */
export function digitStyle(digit: number): SeriesStyle {
  const symbol = digit === 9 ? "diamond" : symbols[digit % symbols.length];
  return { name: `Digit ${digit}`, colour: digitColours[digit % digitColours.length], symbol };
}

/** From blue by near-white to red, centred at 0: ColorBrewer's RdBu, reversed; safe for colour-blind readers. */
export const divergingScale: [number, string][] = [
  "#053061",
  "#2166ac",
  "#4393c3",
  "#92c5de",
  "#d1e5f0",
  "#f7f7f7",
  "#fddbc7",
  "#f4a582",
  "#d6604d",
  "#b2182b",
  "#67001f",
].map((colour, step) => [step / 10, colour]);

/** What adds, and what takes away: the diverging scale's red and blue. */
export const addingColour = "#d6604d";
export const takingColour = "#4393c3";

/** From dark blue to yellow for values of one sign: cividis, which looks alike to colour-blind readers. */
export const sequentialScale: ColorScale = "Cividis";

/**
 * Stops for things in an order: cividis from dark blue to yellow, whose lightness rises evenly, so an order is seen,
 * also without colours.
 */
export const orderedStops = ["#00204d", "#31446b", "#666970", "#958f78", "#cbba69", "#ffea46"];

/** For what a figure is made. `talk`: a slide or a notebook; `column`: a paper's column of 90 mm, type of 7 points. */
export type FigureSize = "talk" | "column";

/** Pixels, 96 to the inch. */
export interface SizeStyle {
  readonly width: number;
  readonly font: number;
  readonly line: number;
  readonly marker: number;
}

const sizes: Readonly<Record<FigureSize, SizeStyle>> = {
  talk: { width: 880, font: 15, line: 2.2, marker: 8 },
  column: { width: 340, font: 9.3, line: 1.2, marker: 4.2 },
};

/** The measures of a size; throws RangeError for a size that does not exist. */
export function sizeStyle(size: FigureSize = "talk"): SizeStyle {
  return sizes[oneOf("size", ["talk", "column"], size)];
}

export const fontFamily = "Helvetica, Arial, Liberation Sans, sans-serif";
export const ink = "#222222";
export const quietInk = "#4d4d4d";
export const gridColour = "#e6e6e6";
export const axisColour = "#8c8c8c";
/** What was published, of all series together, in a legend. */
export const publishedColour = "#666666";

/** An axis of the theme: a light grid, a thin line, ticks outside; its title holds the unit. */
export function axisStyle(title: string | undefined, em: number, rest: Partial<LayoutAxis> = {}): Partial<LayoutAxis> {
  return {
    ...(title === undefined ? {} : { title: { text: title, standoff: 0.5 * em, font: { size: em, color: ink } } }),
    automargin: false,
    gridcolor: gridColour,
    gridwidth: 1,
    zeroline: false,
    showline: true,
    linecolor: axisColour,
    linewidth: 1,
    ticks: "outside",
    ticklen: 0.3 * em,
    tickwidth: 1,
    tickcolor: axisColour,
    tickfont: { size: 0.92 * em, color: ink },
    exponentformat: "power",
    ...rest,
  };
}

/** A colour with some opacity, `#rrggbb` and 0..1, as Plotly takes it. */
export function transparent(colour: string, opacity: number): string {
  const channels = [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
  return `rgba(${channels.join(",")},${opacity})`;
}
