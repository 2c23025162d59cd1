import { divergingScale } from "../../../figures/kit/theme.js";

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

const stops = divergingScale.map(([, colour]) => channels(colour));

/** The colour of a share from -1 (blue) by 0 to 1 (red), as in the figures. */
export function divergingColour(share: number): Colour {
  const place = ((Math.max(-1, Math.min(1, share)) + 1) / 2) * (stops.length - 1);
  const from = Math.min(stops.length - 2, Math.floor(place));
  const [one, two, part] = [stops[from], stops[from + 1], place - from];
  const level = (c: number) => Math.round(one[c] + part * (two[c] - one[c]));
  return [level(0), level(1), level(2)];
}

/** The same as CSS has it. */
export function diverging(share: number): string {
  return `rgb(${divergingColour(share).join(",")})`;
}

/** Black or white, whichever reads better on a colour `rgb(r,g,b)`. */
export function inkOn(colour: string): string {
  const [r, g, b] = rgb(colour);
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#222" : "#fff";
}

/** Red, green and blue of `#rrggbb`. */
function channels(colour: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}

/** Red, green and blue of `rgb(r,g,b)`. */
function rgb(colour: string): [number, number, number] {
  return colour.slice(4, -1).split(",").map(Number) as [number, number, number];
}
