import type { Figure } from "../../figures/kit/figure.js";

/** Plotly's own MIME type: `{ data, layout, config }`. */
export const plotlyMime = "application/vnd.plotly.v1+json";

/** Marks an output that is Plotly's library and nothing to see: a page that has the library leaves it out. */
export const libraryMime = "application/vnd.shapley-modes.library+json";

/** Whether a value is a figure: traces and a layout, held as they are: no getter is called to find out. */
export function isFigure(value: unknown): value is Figure {
  if (value === null || typeof value !== "object") return false;
  const [data, layout] = ["data", "layout"].map((name) => Object.getOwnPropertyDescriptor(value, name)?.value);
  return (
    Array.isArray(data) &&
    data.every((trace) => trace !== null && typeof trace === "object") &&
    layout !== null &&
    typeof layout === "object"
  );
}

/** The figure that is in a MIME bundle, as it was when that was made; undefined where there is none. */
export function figureOf(data: Readonly<Record<string, unknown>>): Figure | undefined {
  const { config: _config, ...figure } = (data[plotlyMime] ?? {}) as Record<string, unknown>;
  return isFigure(figure) ? figure : undefined;
}

/** Height of a figure in pixels, as its layout says; 450 where it does not, or says no such thing. */
export function figureHeight(figure: Figure): number {
  return pixels(figure.layout.height) ?? 450;
}

/** Width of a figure in pixels, where its layout says one. */
export function figureWidth(figure: Figure): number | undefined {
  return pixels(figure.layout.width);
}

/** Most pixels that a figure of a foreign notebook may take. */
const mostPixels = 20_000;

function pixels(extent: unknown): number | undefined {
  return typeof extent === "number" && extent > 0 && extent <= mostPixels ? extent : undefined;
}
