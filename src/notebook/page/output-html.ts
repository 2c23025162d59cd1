import { escapeHtml } from "../../escape-html.js";
import type { Figure } from "../../figures/kit/figure.js";
import { figureJson } from "../../figures/kit/figure-json.js";
import { scriptJson } from "../../figures/render/plotly-bundle.js";
import { figureTitle } from "../../figures/render/standalone-html.js";
import type { MimeData } from "../../kernel-hook.js";
import type { LesionPage } from "../../pages/page.js";
import type { PageKind } from "../../pages/page-content.js";
import { frameHtml, pageMime } from "../../pages/page-frame.js";
import { figureHeight, figureWidth, isFigure, libraryMime, plotlyMime } from "../display/figure-facts.js";
import { type Output, parseOutputs } from "../run/nbformat.js";
import { ansiToHtml } from "./ansi.js";
import { dataImage } from "./data-image.js";
import type { ProseRenderer } from "./prose.js";
import type { Sanitiser } from "./sanitise.js";
import { type WidgetPage, widgetHtml } from "./widget-html.js";
import { missingManager, shownWidget, type WidgetRecords } from "./widget-states.js";

/** Outputs as HTML; the figures among them are gathered for the script that draws them. */
export interface OutputRenderer {
  /** One output of a cell; `""` for one that has no form a page could show. */
  render(output: Output): string;
  /** Figures rendered so far, in order. */
  readonly figures: readonly Figure[];
  /** Kinds of the pages that answer among what was rendered so far. */
  readonly pageKinds: ReadonlySet<PageKind>;
}

/** How many outputs in Output widgets a page shows: one that shows itself has no end. */
const mostInside = 1000;
/** How deep Output widgets lie in each other on a page, at most: far below what the stack holds. */
const deepest = 30;

/**
 * A renderer for one page; `safe` is what HTML and SVG of the notebook go through, `records` are its widgets, `whole`
 * its pages that answer, by what outputs hold of them.
 */
export function outputRenderer(
  prose: ProseRenderer,
  safe: Sanitiser,
  records: WidgetRecords,
  whole: ReadonlyMap<unknown, LesionPage>,
): OutputRenderer {
  const figures: Figure[] = [];
  const pageKinds = new Set<PageKind>();
  let inside = mostInside;
  let depth = 0;
  const widgets: WidgetPage = {
    records,
    html: (text) => safe.html(text),
    outputs(outputs) {
      if (depth >= deepest) return "";
      depth++;
      const shown = parseOutputs(outputs).map((output) => (inside-- > 0 ? render(output) : ""));
      depth--;
      return shown.filter(Boolean).join("\n");
    },
  };

  function figureHtml(figure: Figure, picture: unknown): string {
    figures.push(figure);
    const title = figureTitle(figure) || `Figure ${figures.length}`;
    const label = escapeHtml([title, textOf(figure.caption)].filter(Boolean).join(". "));
    const source = dataImage("image/png", picture);
    const still = source ? `<img src="${source}" alt="${label}">` : `<p>${label} (drawn by a script)</p>`;
    const width = figureWidth(figure);
    const extent = width === undefined ? "" : `;max-width:${Math.round(width * 1.3)}px`;
    const style = `height:${figureHeight(figure)}px${extent}`;
    const json = scriptJson(figureJson(figure, 0));
    return `<figure class="drawing" role="img" aria-label="${label}"><div class="plot" style="${style}"></div>
<script type="application/json">${json}</script><noscript>${still}</noscript></figure>`;
  }

  /** The richest form that a page can show without a network. */
  function bundle(data: MimeData): string {
    if (libraryMime in data) return "";
    const widget = shownWidget(data, records);
    const control = widget && widgetHtml(widget, widgets);
    if (control !== undefined) return control;
    const plotly = data[plotlyMime];
    if (isFigure(plotly)) return figureHtml(plotly, data["image/png"]);
    const live = whole.get(data[pageMime]);
    if (live) {
      pageKinds.add(live.kind);
      return `<figure class="live">${frameHtml(live, pictureOf(data))}</figure>`;
    }
    const words = escapeHtml(textOf(data["text/plain"]));
    const source = imageSource(data);
    if (source !== undefined) return `<img src="${source}" alt="${words}">`;
    const page = safe.html(textOf(data["text/html"]));
    if (page.trim() !== "") return `<div class="rich">${page}</div>`;
    const markdown = data["text/markdown"];
    if (typeof markdown === "string") return `<div class="prose">${prose.render(markdown)}</div>`;
    const latex = data["text/latex"];
    if (typeof latex === "string") return prose.formula(latex);
    const plain = data["text/plain"];
    // What a widget says of front ends is not for a page.
    const said = textOf(plain).replace(`\n${missingManager}`, "");
    if (typeof plain === "string") return said === "" ? "" : `<pre>${ansiToHtml(said)}</pre>`;
    const json = data["application/json"];
    return json === undefined ? "" : `<pre>${escapeHtml(JSON.stringify(json, null, 1))}</pre>`;
  }

  /** Address of the picture that a value brings along. */
  function imageSource(data: MimeData): string | undefined {
    const svg = safe.svg(textOf(data["image/svg+xml"]));
    if (svg) return dataImage("image/svg+xml", Buffer.from(svg).toString("base64"));
    return ["image/png", "image/jpeg", "image/gif"].map((type) => dataImage(type, data[type])).find(Boolean);
  }

  function render(output: Output): string {
    if (output.output_type === "stream") {
      return `<pre class="${output.name === "stderr" ? "stderr" : "stdout"}">${ansiToHtml(output.text)}</pre>`;
    }
    if (output.output_type === "error") {
      const lines = output.traceback.length > 0 ? output.traceback : [`${output.ename}: ${output.evalue}`];
      return `<pre class="error">${ansiToHtml(lines.join("\n"))}</pre>`;
    }
    const content = bundle(output.data);
    return output.output_type === "execute_result" && content ? `<div class="result">${content}</div>` : content;
  }

  return { figures, pageKinds, render };
}

/** The picture in PNG that a value brings along, in base64. */
function pictureOf(data: MimeData): string | undefined {
  return dataImage("image/png", data["image/png"])?.replace(/^[^,]*,/, "");
}

/** A text of a notebook's file, where one is meant: anything may stand there. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
