import { escapeHtml } from "../../escape-html.js";
import { has } from "../../kinds.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { inOneLine } from "../../words.js";
import type { Figure } from "../kit/figure.js";
import { figureJson } from "../kit/figure-json.js";
import { thinned } from "../kit/thin.js";
import { drawScript } from "./draw-script.js";
import { plotlyBundle, plotlyScript, scriptJson } from "./plotly-bundle.js";

/** Options of `standaloneHtml`. */
export interface StandaloneHtmlOptions {
  /** Title of the page; default the title of the figure. */
  readonly title?: string;
  /** Language of the page; default `en-GB`. */
  readonly lang?: string;
}

/** The names of `StandaloneHtmlOptions`. */
export const standaloneHtmlOptionNames: OptionNames<StandaloneHtmlOptions> = { title: true, lang: true };

/**
 * A figure as one HTML page that works offline: Plotly is inside, nothing is requested. The figure follows the width
 * of the window, also a telephone's; its values are read by pointing at it. A figure of more points than can
 * be seen is thinned. Equal figures give equal bytes.
 */
export function standaloneHtml(given: Figure, options: StandaloneHtmlOptions = {}): string {
  knownOptions("standaloneHtml", options, standaloneHtmlOptionNames);
  has("given", given, "a Figure", "data", "layout");
  const figure = thinned(given);
  const { width = 700, height = 450 } = figure.layout;
  const title = inOneLine(options.title ?? (figureTitle(figure) || "Figure"));
  const json = figureJson(figure, 0);
  return `<!doctype html>
<html lang="${escapeHtml(options.lang ?? "en-GB")}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>
html, body { margin: 0; background: #fff; }
figure { margin: 0 auto; max-width: ${Math.round(1.5 * width)}px; }
#figure { min-height: ${height}px; }
</style>
</head>
<body>
<figure role="img" aria-label="${escapeHtml(`${title}. ${figure.caption ?? ""}`)}"><div id="figure"></div></figure>
<noscript><p>${escapeHtml(`${title}. ${figure.caption ?? ""}`)} This figure is drawn by a script.</p></noscript>
<script>${plotlyScript(plotlyBundle([figure]))}</script>
<script>
const figure = ${scriptJson(json)};
${drawScript}
shapleyModesDraw(document.getElementById("figure"), figure, {
  toImageButtonOptions: { format: "svg", filename: "figure", width: ${width}, height: ${height} },
});
</script>
</body>
</html>
`;
}

/** The title of a figure as plain text, without Plotly's markup; `""` for none. */
export function figureTitle(figure: Figure): string {
  const title: unknown = figure.layout.title;
  const text = typeof title === "string" ? title : (title as { text?: unknown } | null | undefined)?.text;
  if (typeof text !== "string") return "";
  return text
    .replace(/<br\s*\/?>/g, " ")
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
