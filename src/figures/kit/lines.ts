import type { Data } from "plotly.js";
import { digitColours, transparent } from "./theme.js";

/** Colours that can be told apart beside each other, the faint ones of the theme last. */
export const lineColours: readonly string[] = [0, 1, 3, 9, 5, 6, 7, 4, 2, 8].map((index) => digitColours[index]);
/** Dashes of lines, in turn, so that they read in grey as well. */
export const lineDashes = ["solid", "dash", "dot"] as const;

/** A faint band between two lines, which comes and goes with the line of its group. */
export function band(
  name: string,
  group: number,
  x: readonly number[],
  lower: readonly number[],
  upper: readonly number[],
): Data {
  return {
    type: "scatter",
    mode: "lines",
    name,
    legendgroup: String(group),
    showlegend: false,
    x: [...x, ...[...x].reverse()],
    y: [...upper, ...[...lower].reverse()],
    fill: "toself",
    fillcolor: transparent(lineColours[group], 0.2),
    line: { width: 0 },
    hoverinfo: "skip",
  };
}
