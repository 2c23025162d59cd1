/** Width of a bar's picture in pixels, and in characters. */
const pixels = 240;
const characters = 32;
/** Readable on white and on black. */
const gain = "#3f7fbf";
const loss = "#cc5a3b";

/** A number and the standard error on both sides of it. */
export interface Bar {
  readonly value: number;
  /** NaN where not known. */
  readonly error: number;
}

/** Where 0 and the ends of the bars are, from 0 to 1. */
export function barScale(bars: readonly Bar[]): (value: number) => number {
  const reach = (sign: number) => bars.map(({ value, error }) => value + sign * (Number.isFinite(error) ? error : 0));
  const low = Math.min(0, ...reach(-1));
  const high = Math.max(0, ...reach(1));
  return (value) => (high > low ? (value - low) / (high - low) : 0);
}

/**
 * The bar of one unit from 0, and a line of one standard error to both sides. Decoration: the numbers stand beside it.
 */
export function barSvg({ value, error }: Bar, position: (value: number) => number): string {
  const x = (at: number) => (2 + position(at) * (pixels - 4)).toFixed(1);
  const [from, to] = value < 0 ? [value, 0] : [0, value];
  const width = (Number(x(to)) - Number(x(from))).toFixed(1);
  const bar = `<rect x="${x(from)}" y="3" width="${width}" height="10" fill="${value < 0 ? loss : gain}"/>`;
  const zero = `<path d="M${x(0)} 0V16" stroke="currentColor" stroke-opacity=".4"/>`;
  const whisker =
    error > 0
      ? `<path d="M${x(value - error)} 8H${x(value + error)}M${x(value - error)} 5V11M${x(value + error)} 5V11" stroke="currentColor"/>`
      : "";
  return `<svg width="${pixels}" height="16" viewBox="0 0 ${pixels} 16" aria-hidden="true" style="vertical-align:middle">${zero}${bar}${whisker}</svg>`;
}

/** The same bar in characters: `██████──` is a bar and its error. */
export function barText({ value, error }: Bar, position: (value: number) => number): string {
  const column = (at: number) => Math.round(position(at) * characters);
  const [from, to] = value < 0 ? [column(value), column(0)] : [column(0), column(value)];
  const spread = error > 0 ? error : 0;
  return Array.from({ length: characters }, (_, at) => {
    if (at >= from && at < to) return "█";
    return at >= column(value - spread) && at < column(value + spread) ? "─" : " ";
  })
    .join("")
    .trimEnd();
}
