import { inspect, types } from "node:util";
import type { Figure } from "../figures/figure.js";
import { figureJson } from "../figures/figure-json.js";
import { type PlotlyBundle, plotlyBundle, plotlyScript, scriptJson } from "../figures/plotly-bundle.js";
import { figureTitle } from "../figures/standalone-html.js";
import { type MimeBundle, type MimeData, mimeMethod } from "./hook.js";
import { figureDigest, figureHeight, isFigure, plotlyMime } from "./plotly.js";
import { richData } from "./results/rich.js";

/** Draws a figure as the bytes of a PNG. */
export type PngRenderer = (figure: Figure) => Promise<Uint8Array>;

/** How a figure is shown. */
export interface BundleOptions {
  /** Adds a static picture for viewers that run no scripts; default the renderer set by `setPngRenderer`, if any. */
  readonly png?: PngRenderer | false;
}

let pngRenderer: PngRenderer | undefined;
let remarked = false;
/** Builds of Plotly that this kernel has put into the notebook: the next figure needs none. */
const inlined = new Set<PlotlyBundle["name"]>();
let figuresShown = 0;

/** Sets how figures get a static picture from now on; undefined for none. */
export function setPngRenderer(renderer: PngRenderer | undefined): void {
  pngRenderer = renderer;
}

/**
 * The forms in which a value is shown: what its own `Symbol.for("shapley-modes.mime")` method says, Plotly for a
 * figure, and always `text/plain`.
 */
export async function mimeBundle(value: unknown, options: BundleOptions = {}): Promise<MimeBundle> {
  if (types.isProxy(value)) return { data: { "text/plain": plainText(value) }, metadata: {} };
  if (showsItself(value)) {
    const data = await value[mimeMethod]();
    return { data: { "text/plain": plainText(value), ...data }, metadata: {} };
  }
  if (isFigure(value)) return { data: await figureData(value, options.png ?? pngRenderer), metadata: {} };
  const text = plainText(value);
  return { data: { "text/plain": text, ...(await richData(value, text)) }, metadata: {} };
}

function showsItself(value: unknown): value is { [mimeMethod](): MimeData | Promise<MimeData> } {
  return value !== null && typeof value === "object" && typeof (value as never)[mimeMethod] === "function";
}

/** Longest text of a value, in characters. */
const longestText = 20_000;

/** A value as text, long arrays and deep objects cut short. A value whose own part in this throws says so. */
export function plainText(value: unknown): string {
  try {
    const text = inspect(value, { depth: 3, maxArrayLength: 60, maxStringLength: 4000, breakLength: 100 });
    return text.length > longestText ? `${text.slice(0, longestText)}\n... ${text.length} characters in all` : text;
  } catch (error) {
    return `[can not be shown: ${String((error as Error)?.message ?? error)}]`;
  }
}

async function figureData(figure: Figure, png: PngRenderer | false | undefined): Promise<MimeData> {
  const title = figureTitle(figure);
  const data: MimeData = {
    [plotlyMime]: { ...JSON.parse(figureJson(figure, 0)), config: { responsive: true, displaylogo: false } },
    "text/html": figureHtml(figure),
    "text/plain": ["Figure", title, figure.caption].filter(Boolean).join(": "),
  };
  if (!png) return data;
  try {
    return { ...data, "image/png": Buffer.from(await png(figure)).toString("base64") };
  } catch (error) {
    if (!remarked) process.stderr.write(`Figures come without a static picture: ${(error as Error).message}\n`);
    remarked = true;
    return data;
  }
}

/** A figure for viewers that know HTML but not Plotly's MIME type; the session's first one brings the library along. */
function figureHtml(figure: Figure): string {
  const id = `figure-${figureDigest(figure)}-${++figuresShown}`;
  const json = scriptJson(figureJson(figure, 0));
  return `${libraryScript(figure)}<div id="${id}" style="height:${figureHeight(figure)}px"></div><script>(function () {
  var figure = ${json};
  var tries = 0;
  (function draw() {
    var place = document.getElementById("${id}");
    if (window.Plotly && place) window.Plotly.newPlot(place, figure.data, figure.layout, { responsive: true });
    else if (++tries < 200) setTimeout(draw, 50);
  })();
})();</script>`;
}

/** The library, where this session has not shown it yet. With SHAPLEY_MODES_INLINE_PLOTLY=0 it never is. */
function libraryScript(figure: Figure): string {
  const bundle = plotlyBundle([figure]);
  const there = inlined.has("plotly.js-dist-min") || inlined.has(bundle.name);
  if (there || process.env.SHAPLEY_MODES_INLINE_PLOTLY === "0") return "";
  inlined.add(bundle.name);
  return `<script>${plotlyScript(bundle)}</script>`;
}
