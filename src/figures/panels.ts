import type { Annotations, Font } from "plotly.js";
import { annotation } from "./frame.js";

/** What Plotly adds to the names of a panel's axes: nothing to the first panel's, then 2, 3, ... */
export function axisSuffix(index: number): string {
  return index === 0 ? "" : String(index + 1);
}

/** A title, left above a panel. `text` may hold Plotly's markup. */
export function panelTitle(text: string, index: number, font: Partial<Font>, borderpad = 0): Partial<Annotations> {
  const suffix = axisSuffix(index);
  return annotation({
    text,
    font,
    xref: `x${suffix} domain`,
    x: 0,
    xanchor: "left",
    yref: `y${suffix} domain`,
    y: 1,
    yanchor: "bottom",
    borderpad,
  });
}
