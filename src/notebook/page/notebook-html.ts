import { oneOf } from "../../errors.js";
import { escapeHtml } from "../../escape-html.js";
import { drawScript } from "../../figures/render/draw-script.js";
import { plotlyBundle, plotlyScript } from "../../figures/render/plotly-bundle.js";
import { computes, documentScripts, scriptHash } from "../../pages/document.js";
import { frameScript } from "../../pages/page-frame.js";
import { contentPolicy } from "../../pages/policy.js";
import { loadPart } from "../../parts.js";
import { inOneLine } from "../../words.js";
import type { CodeCell, Notebook, ProseCell } from "../run/nbformat.js";
import { hasTag } from "../run/parameters.js";
import { type OutputRenderer, outputRenderer } from "./output-html.js";
import { pageScript } from "./page-script.js";
import { pageStyle } from "./page-style.js";
import { pageTop } from "./page-top.js";
import { type ProseRenderer, proseRenderer } from "./prose.js";
import { pageParts, sanitiser, unchanged } from "./sanitise.js";
import { wholePages } from "./whole-pages.js";
import { widgetRecords } from "./widget-states.js";

/** How a notebook becomes a page. */
export interface HtmlOptions {
  /** Title of the page; default the notebook's first heading, without one its name. */
  readonly title?: string;
  /** Name of the notebook's file without its ending; default `Notebook`. */
  readonly name?: string;
  /** Whether code is shown or folded when the page opens; a button on the page changes it. Default `shown`. */
  readonly code?: "shown" | "folded";
  /** Folder of the notebook, from which the images of its prose are read; default the current one. */
  readonly folder?: string;
  /**
   * Whether images of its prose may come from outside that folder: absolute paths, `../`, links; default `folder`, they
   * may not.
   */
  readonly images?: "folder" | "anywhere";
  /**
   * Whether HTML of the notebook, in outputs and in prose, comes into the page as it is, its scripts as well; default
   * false: only words, tables, pictures, formulas and shapes of it do. Figures, and what this package shows, need no
   * trust.
   */
  readonly trusted?: boolean;
  /** Told, in a sentence, what was left out of the page; default nobody is. */
  readonly remark?: (sentence: string) => void;
}

/** A square with three columns, as the page's icon: a browser need not ask for one. */
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%23364b74' d='M2 9h3v5H2zm5-6h3v11H7zm5 4h3v7h-3z'/%3E%3C/svg%3E";

/**
 * A notebook as one HTML file that works offline: formulas as MathML, figures that answer to the pointer (Plotly's
 * library is in the page once), tables, errors, a table of contents, and below the title the parameters and where it
 * ran. A notebook that was never run, or not to its end, says so. Equal notebooks give equal bytes.
 *
 * A notebook that nobody vouches for acts on nothing: HTML in it goes through an allow-list, and the page's policy lets
 * no scripts run but the page's own.
 *
 * @throws RangeError for a word for `code` or `images` that is not known; MissingPartError where what pages are made
 *   with is absent
 */
export async function notebookToHtml(notebook: Notebook, options: HtmlOptions = {}): Promise<string> {
  const highlight = await highlighter();
  const { folder = ".", trusted = false, remark = () => undefined } = options;
  const safe = trusted ? unchanged : await sanitiser();
  const anywhere = oneOf("images", ["folder", "anywhere"], options.images ?? "folder") === "anywhere";
  const outside = new Set<string>();
  const prose = await proseRenderer({ folder, anywhere, safe, outside: (name) => outside.add(name) }, highlight, safe);
  const outputs = outputRenderer(prose, safe, widgetRecords(notebook.metadata), await wholePages(notebook, remark));
  const open = oneOf("code", ["shown", "folded"], options.code ?? "shown") === "shown";
  const cells = notebook.cells
    .map((cell) => (cell.cell_type === "code" ? codeCell(cell, highlight, outputs, open) : proseCell(cell, prose)))
    .filter(Boolean);
  const { name = "Notebook" } = options;
  const title = options.title ?? prose.headings[0]?.text ?? name;
  const library = outputs.figures.length > 0 ? plotlyBundle(outputs.figures) : undefined;
  const live = [...outputs.pageKinds];
  const own = `${library ? drawScript : ""}${pageScript}`;
  const scripts = library ? [plotlyScript(library), own] : [own];
  // Before the frames whose heights it hears of.
  const first = live.length > 0 ? [frameScript] : [];
  const compiles = trusted || library?.name === "plotly.js-dist-min";
  // A frame is held to the policy of the page around it beside its own.
  const framed = live.flatMap(documentScripts);
  const sources = trusted ? ["'unsafe-inline'"] : [...first, ...scripts, ...framed].map(scriptHash);
  const wasm = live.some(computes) ? ["'wasm-unsafe-eval'"] : [];
  // Plotly compiles texts for traces in space and of many points.
  const texts = compiles ? ["'unsafe-eval'"] : [];
  const rules = contentPolicy(
    [...sources, ...wasm, ...texts],
    ["font-src data:", "media-src data:", "worker-src blob:"],
  );
  if (safe.removed)
    remark("scripts, handlers, forms or frames in its HTML were left out; a trusted notebook keeps them");
  if (outside.size > 0) remark(`images outside of its folder were left out: ${[...outside].join(", ")}`);
  const fold = notebook.cells.some((cell) => cell.cell_type === "code")
    ? '<button id="fold" type="button" hidden></button>'
    : "";
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${rules}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(inOneLine(title))}</title>
<link rel="icon" href="${icon}">
<style>${pageStyle}</style>
${first.map((script) => `<script>${script}</script>\n`).join("")}</head>
<body>
<main class="page">
<div class="tools"><span>${escapeHtml(name)}</span>${fold}</div>
${withTop(cells, title, pageTop(notebook, prose.headings)).join("\n")}
</main>
${library ? `<script>${plotlyScript(library)}</script>\n` : ""}<script>${own}</script>
</body>
</html>
`;
}

/**
 * A heading that begins the page is its title, and what belongs on top comes right after it; else the title is put
 * first.
 */
function withTop(cells: readonly string[], title: string, top: string): string[] {
  const [first = "", ...rest] = cells;
  const heading = /^<section class="cell prose">\s*<h(\d)[^>]*>[\s\S]*?<\/h\1>/.exec(first)?.[0];
  if (heading === undefined) return [`<h1>${escapeHtml(title)}</h1>`, top, ...cells];
  return [`${heading}\n${top}${first.slice(heading.length)}`, ...rest];
}

type Highlight = (code: string) => string;

async function highlighter(): Promise<Highlight> {
  const [{ default: core }, { default: typescript }] = await loadPart("the making of pages", pageParts, () =>
    Promise.all([import("highlight.js/lib/core"), import("highlight.js/lib/languages/typescript")]),
  );
  core.registerLanguage("typescript", typescript);
  return (code) => core.highlight(code, { language: "typescript" }).value;
}

function proseCell(cell: ProseCell, prose: ProseRenderer): string {
  if (cell.cell_type === "raw" || hasTag(cell, "remove-cell")) return "";
  return `<section class="cell prose">${prose.render(cell.source, cell.attachments)}</section>`;
}

function codeCell(cell: CodeCell, highlight: Highlight, outputs: OutputRenderer, open: boolean): string {
  if (hasTag(cell, "remove-cell")) return "";
  const label = cell.execution_count === null ? "Code" : `Code [${Number(cell.execution_count)}]`;
  const shown = open && !hasTag(cell, "hide-input") ? " open" : "";
  const code = cell.source.trim()
    ? `<details class="code"${shown}><summary>${label}</summary><pre><code>${highlight(cell.source)}</code></pre></details>`
    : "";
  const results = cell.outputs.map((output) => outputs.render(output)).filter(Boolean);
  const below = results.length > 0 ? `<div class="outputs">${results.join("\n")}</div>` : "";
  return code || below ? `<section class="cell">${code}${below}</section>` : "";
}
