import type { Annotations, LayoutAxis } from "plotly.js";
import { invalid, positiveInteger } from "../../errors.js";
import { finite } from "./checks.js";
import { annotation } from "./frame.js";
import { escapeText } from "./text.js";
import { ink } from "./theme.js";

/** An axis of the maps. */
export interface MapAxis {
  /** What it counts, with its unit, e.g. `Time (s)`. */
  readonly title: string;
  /** How many rows or columns the maps have. */
  readonly length: number;
  /** Where the first and the last row or column lie; default 0 and length - 1. */
  readonly from?: number;
  readonly to?: number;
  /** Labels at some places, e.g. `[[60, "C4"], [72, "C5"]]`; default round numbers. */
  readonly ticks?: readonly (readonly [number, string])[];
}

/** An axis whose ends are known. */
type PlacedAxis = MapAxis & { readonly from: number; readonly to: number };

/** An axis with its ends. @throws RangeError for a length that is none, or ends that do not lie apart */
export function checkedAxis(name: string, axis: MapAxis): PlacedAxis {
  const length = positiveInteger(`${name}.length`, axis?.length);
  const from = finite(`${name}.from`, axis.from ?? 0);
  const to = finite(`${name}.to`, axis.to ?? from + length - 1);
  if (length > 1 && to === from) throw invalid(`${name}.to`, "another number than from", to);
  return { ...axis, from, to };
}

/** Where the rows or columns lie. */
export function places({ from, to, length }: PlacedAxis): number[] {
  return Array.from({ length }, (_, i) => from + (length === 1 ? 0 : (i * (to - from)) / (length - 1)));
}

/** Half a row or column beyond the first and the last. */
export function edges({ from, to, length }: PlacedAxis): number[] {
  const half = length === 1 ? 0.5 : (to - from) / (length - 1) / 2;
  return [from - half, to + half];
}

/** @param atMost ticks that there is room for */
export function ticksOf({ ticks }: MapAxis, atMost: number): Partial<LayoutAxis> {
  if (!ticks) return { nticks: Math.max(2, Math.floor(atMost)) };
  return { tickmode: "array", tickvals: ticks.map(([place]) => place), ticktext: ticks.map(([, text]) => text) };
}

/** One title for each axis, for all panels together. */
export function axisTitles(rows: string, columns: string, left: number, em: number): Partial<Annotations>[] {
  const font = { size: em, color: ink };
  return [
    annotation({
      text: escapeText(columns),
      font,
      x: 0.5,
      xanchor: "center",
      y: 0,
      yanchor: "top",
      yshift: -1.9 * em,
    }),
    annotation({
      text: escapeText(rows),
      font,
      textangle: "-90",
      x: 0,
      xanchor: "left",
      xshift: 0.3 * em - left,
      y: 0.5,
      yanchor: "middle",
    }),
  ];
}
