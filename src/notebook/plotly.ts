import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Figure } from "../figures/figure.js";

/** Which build of Plotly a page needs: `cartesian` (1.5 MB) draws the usual charts, `full` (4.8 MB) everything. */
export type PlotlyBuild = "cartesian" | "full";

const cartesianTraces = new Set([
  "bar",
  "box",
  "contour",
  "heatmap",
  "histogram",
  "histogram2d",
  "histogram2dcontour",
  "image",
  "pie",
  "scatter",
  "violin",
]);

const files: Record<PlotlyBuild, string> = {
  cartesian: "plotly.js-cartesian-dist-min/plotly-cartesian.min.js",
  full: "plotly.js-dist-min/plotly.min.js",
};

/** Whether a value is a figure: traces and a layout. */
export function isFigure(value: unknown): value is Figure {
  if (value === null || typeof value !== "object") return false;
  const { data, layout } = value as Partial<Figure>;
  return (
    Array.isArray(data) &&
    data.every((trace) => trace !== null && typeof trace === "object") &&
    layout !== null &&
    typeof layout === "object"
  );
}

/** The smallest build that draws all these figures. */
export function plotlyBuild(figures: readonly Figure[]): PlotlyBuild {
  const types = figures.flatMap(({ data }) => data.map((trace) => trace.type ?? "scatter"));
  return types.every((type) => cartesianTraces.has(type)) ? "cartesian" : "full";
}

/** Text of a Plotly build, fit to stand in a `<script>` of a page. It sets `window.Plotly`. */
export function plotlyLibrary(build: PlotlyBuild): string {
  const path = createRequire(import.meta.url).resolve(files[build]);
  return readFileSync(path, "utf8").replaceAll("</script", "<\\/script");
}

/** A figure as JSON: typed arrays become arrays, numbers that JSON has no word for become null. */
export function plainFigure(figure: Figure): Figure {
  const text = JSON.stringify({ data: figure.data, layout: figure.layout }, (_key, value: unknown) =>
    ArrayBuffer.isView(value) && "length" in value ? Array.from(value as Float64Array) : value,
  );
  return JSON.parse(text) as Figure;
}

/** JSON that can stand in a `<script>`: no text in it can end the script. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}

/** Height of a figure in pixels, as its layout says; 450 where it does not. */
export function figureHeight(figure: Figure): number {
  return figure.layout.height ?? 450;
}

/** First 12 hexadecimal digits of a figure's SHA-256: an identifier that is the same in every run. */
export function figureDigest(figure: Figure): string {
  return createHash("sha256").update(JSON.stringify(figure)).digest("hex").slice(0, 12);
}

/** A figure's title as plain text; undefined where it has none. */
export function figureTitle(figure: Figure): string | undefined {
  const { title } = figure.layout as { title?: string | { text?: string } };
  const text = typeof title === "string" ? title : title?.text;
  return (
    text
      ?.replace(/<[^>]*>/g, " ")
      .replace(/\s+/g, " ")
      .trim() || undefined
  );
}
