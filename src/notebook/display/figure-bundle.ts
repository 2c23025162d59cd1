import { createHash } from "node:crypto";
import { escapeHtml } from "../../escape-html.js";
import type { Figure } from "../../figures/kit/figure.js";
import { figureJson } from "../../figures/kit/figure-json.js";
import { thinned } from "../../figures/kit/thin.js";
import { drawScript } from "../../figures/render/draw-script.js";
import { type PlotlyBundle, plotlyBundle, plotlyScript, scriptJson } from "../../figures/render/plotly-bundle.js";
import { figureTitle } from "../../figures/render/standalone-html.js";
import type { MimeBundle } from "../../kernel-hook.js";
import { figureHeight, plotlyMime } from "./figure-facts.js";
import { notebookPng } from "./figure-png.js";

/** How a figure is shown. */
export interface BundleOptions {
  /**
   * Whether a picture comes with it, for viewers that run no scripts; default true. Where there is no Chromium it is
   * left out, with one remark.
   */
  readonly png?: boolean;
}

/** Builds of Plotly that this kernel has put into the notebook, and the figure that brought each. */
const inlined = new Map<PlotlyBundle["name"], string>();
let figuresShown = 0;

/** Characters of a figure's JSON above which it is left out of a notebook that is to be small. */
const largeJson = 200_000;
/** Pixels of its picture per pixel of the figure: type of 10 pixels. */
const smallScale = 0.64;
/** Of 100: how near the colours of its picture are to its own. The fewer there are, the fewer bytes. */
const smallQuality = 60;
/**
 * Significant digits of a figure's numbers in a notebook that is to be small: a hundred times finer than what can be
 * seen.
 */
const smallDigits = 6;

/**
 * The forms of a figure: Plotly's JSON, HTML, PNG and text. A figure of more points than can be seen is thinned. The
 * HTML is left out where it could hold no more than the picture, which is there already. In a notebook that is to be
 * small (SHAPLEY_MODES_INLINE_PLOTLY=0) a sheet of images, or a figure of large JSON, is its picture alone.
 */
export async function figureBundle(given: Figure, { png = true }: BundleOptions = {}): Promise<MimeBundle> {
  const figure = thinned(given);
  const isSmall = !inlinesLibrary();
  const whole = figureJson(figure, 0);
  const large = isSmall && (whole.length > largeJson || isSheet(figure));
  const json = isSmall ? figureJson(figure, 0, smallDigits) : whole;
  const digest = textDigest(json);
  const picture = png ? await (large ? notebookPng(figure, smallScale, smallQuality) : notebookPng(figure)) : undefined;
  const text = figureText(figure);
  const { width } = figure.layout;
  const data = {
    ...(large && picture !== undefined
      ? {}
      : { [plotlyMime]: { ...JSON.parse(json), config: { responsive: true, displaylogo: false } } }),
    ...(!isSmall || picture === undefined ? { "text/html": figureHtml(figure, json, digest, picture) } : {}),
    ...(picture === undefined ? {} : { "image/png": picture }),
    "text/plain": text,
  };
  // The picture is finer than the figure, and says nothing to who can not see it.
  const alt = { alt: text, ...(width === undefined ? {} : { width }) };
  return { data, metadata: picture === undefined ? {} : { "image/png": alt } };
}

/** Whether a figure is made of pictures alone: its JSON holds the picture once more, and no numbers. */
function isSheet({ data }: Figure): boolean {
  return data.length > 0 && data.every(({ type }) => (type as string) === "image");
}

/** What a figure is where nothing can be drawn: its title and its caption. */
export function figureText(figure: Figure): string {
  return ["Figure", figureTitle(figure), figure.caption].filter(Boolean).join(": ");
}

/**
 * A figure for viewers that know HTML but not Plotly's MIME type. The session's first one brings the library along.
 * Until it is drawn, and where no script runs or the library is absent, the picture stands in its place.
 */
function figureHtml(figure: Figure, json: string, digest: string, picture: string | undefined): string {
  const { width = 700 } = figure.layout;
  const text = escapeHtml(figureText(figure));
  const still =
    picture === undefined
      ? `<p>${text} (drawn by a script)</p>`
      : `<img src="data:image/png;base64,${picture}" width="${width}" alt="${text}" style="max-width:100%">`;
  if (!inlinesLibrary()) return still;
  const id = `figure-${digest}-${++figuresShown}`;
  return `${libraryOf(figure, digest)}<div id="${id}" role="img" aria-label="${text}" style="min-height:${figureHeight(figure)}px;max-width:${1.5 * width}px">${still}</div><script>(function () {
  var figure = ${scriptJson(json)};
  var tries = 0;
  (function draw() {
    var place = document.getElementById("${id}");
    if (window.shapleyModesDraw && place) {
      place.textContent = "";
      window.shapleyModesDraw(place, figure);
    } else if (++tries < 200) setTimeout(draw, 50);
  })();
})();</script>`;
}

/**
 * The script of the library, where this session has not shown it yet; `""` where it has. The figure that brought it
 * brings it again: its cell may have been run a second time, and the first output be gone. With
 * SHAPLEY_MODES_INLINE_PLOTLY=0 it is never shown.
 */
export function libraryScript(figure: Figure): string {
  return inlinesLibrary() ? libraryOf(figure, textDigest(figureJson(figure, 0))) : "";
}

/** Whether this session has shown the library that draws a figure. */
export function isLibraryShown(figure: Figure): boolean {
  return broughtBy(plotlyBundle([figure])) !== undefined;
}

function broughtBy({ name }: PlotlyBundle): string | undefined {
  return inlined.get("plotly.js-dist-min") ?? inlined.get(name);
}

function libraryOf(figure: Figure, digest: string): string {
  const bundle = plotlyBundle([figure]);
  if ((broughtBy(bundle) ?? digest) !== digest) return "";
  inlined.set(bundle.name, digest);
  return `<script>${plotlyScript(bundle)}</script><script>${drawScript}</script>`;
}

/** Whether outputs may bring scripts along: not so in notebooks that are to be small. */
export function inlinesLibrary(): boolean {
  return process.env.SHAPLEY_MODES_INLINE_PLOTLY !== "0";
}

/** First 12 hexadecimal digits of a text's SHA-256: an identifier that is the same in every run. */
function textDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
