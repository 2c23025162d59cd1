import { divergingScale } from "../../../figures/kit/theme.js";

/** The colour of a share from -1 (blue) by 0 to 1 (red), as in the figures. */
export function diverging(share: number): string {
  const place = ((Math.max(-1, Math.min(1, share)) + 1) / 2) * (divergingScale.length - 1);
  const from = Math.min(divergingScale.length - 2, Math.floor(place));
  const mixed = channels(divergingScale[from][1]).map((level, c) =>
    Math.round(level + (place - from) * (channels(divergingScale[from + 1][1])[c] - level)),
  );
  return `rgb(${mixed.join(",")})`;
}

/** Black or white, whichever reads better on a colour `rgb(r,g,b)`. */
export function inkOn(colour: string): string {
  const [r, g, b] = rgb(colour);
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#222" : "#fff";
}

/** Red, green and blue of `#rrggbb`. */
export function channels(colour: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}

/** Red, green and blue of `rgb(r,g,b)`. */
export function rgb(colour: string): [number, number, number] {
  return colour.slice(4, -1).split(",").map(Number) as [number, number, number];
}
