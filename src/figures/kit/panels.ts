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

/** How many panels stand side by side: at most 3, 4 on a wide figure, 5 of many; the rows are about equally long. */
export function gridColumns(panels: number, widthInEms: number): number {
  const most = widthInEms > 45 ? (panels > 20 ? 5 : 4) : 3;
  if (panels <= most) return panels;
  const rows = Math.ceil(panels / most);
  return Math.ceil(panels / rows);
}
