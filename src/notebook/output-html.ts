import type { Figure } from "../figures/figure.js";
import { figureJson } from "../figures/figure-json.js";
import { scriptJson } from "../figures/plotly-bundle.js";
import { figureTitle } from "../figures/standalone-html.js";
import { ansiToHtml } from "./ansi.js";
import { escapeHtml } from "./escape-html.js";
import type { MimeData } from "./hook.js";
import type { Output } from "./nbformat.js";
import { figureHeight, isFigure, libraryMime, plotlyMime } from "./plotly.js";
import type { ProseRenderer } from "./prose.js";

/** Outputs as HTML; the figures among them are gathered for the script that draws them. */
export interface OutputRenderer {
  /** One output of a cell; `""` for one that has no form a page could show. */
  render(output: Output): string;
  /** Figures rendered so far, in order. */
  readonly figures: readonly Figure[];
}

/** A renderer for one page. */
export function outputRenderer(prose: ProseRenderer): OutputRenderer {
  const figures: Figure[] = [];

  function figureHtml(figure: Figure, picture: unknown): string {
    figures.push(figure);
    const title = figureTitle(figure) || `Figure ${figures.length}`;
    const label = escapeHtml([title, figure.caption].filter(Boolean).join(". "));
    const still =
      typeof picture === "string"
        ? `<img src="data:image/png;base64,${picture.trim()}" alt="${label}">`
        : `<p>${label} (drawn by a script)</p>`;
    const { width } = figure.layout;
    // Titles, captions and labels are laid out for the figure's width: where there is much less room, it is scrolled.
    const extent =
      width === undefined ? "" : `;min-width:${Math.round(width * 0.95)}px;max-width:${Math.round(width * 1.3)}px`;
    const style = `height:${figureHeight(figure)}px${extent}`;
    const json = scriptJson(figureJson(figure, 0));
    return `<figure class="drawing" role="img" aria-label="${label}"><div class="plot" style="${style}"></div>
<script type="application/json">${json}</script><noscript>${still}</noscript></figure>`;
  }

  /** The richest form that a page can show without a network. */
  function bundle(data: MimeData): string {
    if (libraryMime in data) return "";
    const plotly = data[plotlyMime];
    if (isFigure(plotly)) return figureHtml(plotly, data["image/png"]);
    const text = (type: string): string | undefined => {
      const content = data[type];
      return typeof content === "string" ? content : undefined;
    };
    const svg = text("image/svg+xml");
    if (svg !== undefined) return image("image/svg+xml", Buffer.from(svg).toString("base64"), data);
    for (const type of ["image/png", "image/jpeg", "image/gif"]) {
      const base64 = text(type);
      if (base64 !== undefined) return image(type, base64, data);
    }
    const page = text("text/html");
    if (page !== undefined) return `<div class="rich">${page}</div>`;
    const markdown = text("text/markdown");
    if (markdown !== undefined) return `<div class="prose">${prose.render(markdown)}</div>`;
    const latex = text("text/latex");
    if (latex !== undefined) return prose.formula(latex);
    const plain = text("text/plain");
    if (plain !== undefined) return `<pre>${ansiToHtml(plain)}</pre>`;
    const json = data["application/json"];
    return json === undefined ? "" : `<pre>${escapeHtml(JSON.stringify(json, null, 1))}</pre>`;
  }

  return {
    figures,
    render(output) {
      if (output.output_type === "stream") return `<pre class="${output.name}">${ansiToHtml(output.text)}</pre>`;
      if (output.output_type === "error") {
        const lines = output.traceback.length > 0 ? output.traceback : [`${output.ename}: ${output.evalue}`];
        return `<pre class="error">${ansiToHtml(lines.join("\n"))}</pre>`;
      }
      const content = bundle(output.data);
      return output.output_type === "execute_result" && content ? `<div class="result">${content}</div>` : content;
    },
  };
}

function image(type: string, base64: string, data: MimeData): string {
  const words = typeof data["text/plain"] === "string" ? data["text/plain"] : "";
  return `<img src="data:${type};base64,${base64.replace(/\s+/g, "")}" alt="${escapeHtml(words)}">`;
}
