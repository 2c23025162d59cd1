import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { MissingPartError } from "../../errors.js";
import { installation, isInstalled } from "../../parts.js";
import type { Figure } from "../kit/figure.js";

/** A build of Plotly's library that can be put into a page. */
export interface PlotlyBundle {
  /** The npm package. */
  readonly name: "plotly.js-cartesian-dist-min" | "plotly.js-dist-min";
  readonly version: string;
  /** Its one script. */
  readonly path: string;
}

/** What the cartesian build draws, in 1.5 MB instead of 4.8. */
const cartesianTraces: ReadonlySet<string> = new Set([
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
  "scatterternary",
  "violin",
]);

const require = createRequire(import.meta.url);

/**
 * The smallest installed build of Plotly that draws all of these figures; a trace without a type is a scatter.
 *
 * @throws MissingPartError where there is none
 */
export function plotlyBundle(figures: readonly Figure[]): PlotlyBundle {
  const types = figures.flatMap((figure) => figure.data.map((trace) => trace.type ?? "scatter"));
  const small = types.every((type) => cartesianTraces.has(type)) && isInstalled("plotly.js-cartesian-dist-min");
  const name = small ? "plotly.js-cartesian-dist-min" : "plotly.js-dist-min";
  if (!isInstalled(name)) throw new MissingPartError("Plotly's library", installation("plotly.js-dist-min"));
  const { version } = require(`${name}/package.json`) as { version: string };
  return { name, version, path: require.resolve(name) };
}

/** The scripts that were asked for, by their paths: megabytes, which every page of a process takes. */
const scripts = new Map<string, string>();

/** The script of a build, such that it can stand between `<script>` and `</script>`; it sets `window.Plotly`. */
export function plotlyScript({ path }: PlotlyBundle): string {
  const known = scripts.get(path);
  if (known !== undefined) return known;
  const script = readFileSync(path, "utf8").replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
  scripts.set(path, script);
  return script;
}

/** A value as JSON that can stand in a script: no `<` that could end it. */
export function scriptJson(json: string): string {
  return json.replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
