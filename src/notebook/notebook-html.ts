import { plotlyBundle, plotlyScript } from "../figures/plotly-bundle.js";
import { escapeHtml } from "./escape-html.js";
import type { CodeCell, Notebook, ProseCell } from "./nbformat.js";
import { type OutputRenderer, outputRenderer } from "./output-html.js";
import { pageScript } from "./page-script.js";
import { pageStyle } from "./page-style.js";
import { pageTop } from "./page-top.js";
import { hasTag } from "./parameters.js";
import { type ProseRenderer, proseRenderer } from "./prose.js";

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
}

/** A square with three columns, as the page's icon: a browser need not ask for one. */
const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%23364b74' d='M2 9h3v5H2zm5-6h3v11H7zm5 4h3v7h-3z'/%3E%3C/svg%3E";

/** Nothing that the page holds can ask the network for anything. */
const policy =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data:; worker-src blob:";

/**
 * A notebook as one HTML file that works offline: formulas as MathML, figures that answer to the pointer (Plotly's library is in
 * the page once), tables, errors, a table of contents, and below the title the parameters and where it ran. A notebook that was never run, or not
 * to its end, says so. Equal notebooks give equal bytes.
 */
export async function notebookToHtml(notebook: Notebook, options: HtmlOptions = {}): Promise<string> {
  const highlight = await highlighter();
  const prose = await proseRenderer(options.folder ?? ".", highlight);
  const outputs = outputRenderer(prose);
  const open = options.code !== "folded";
  const cells = notebook.cells
    .map((cell) => (cell.cell_type === "code" ? codeCell(cell, highlight, outputs, open) : proseCell(cell, prose)))
    .filter(Boolean);
  const { name = "Notebook" } = options;
  const title = options.title ?? prose.headings[0]?.text ?? name;
  const library = outputs.figures.length > 0 ? `<script>${plotlyScript(plotlyBundle(outputs.figures))}</script>\n` : "";
  const fold = notebook.cells.some((cell) => cell.cell_type === "code")
    ? '<button id="fold" type="button" hidden></button>'
    : "";
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${icon}">
<style>${pageStyle}</style>
</head>
<body>
<main class="page">
<div class="tools"><span>${escapeHtml(name)}</span>${fold}</div>
${withTop(cells, title, pageTop(notebook, prose.headings)).join("\n")}
</main>
${library}<script>${pageScript}</script>
</body>
</html>
`;
}

/** A heading that begins the page is its title, and what belongs on top comes right after it; else the title is put first. */
function withTop(cells: readonly string[], title: string, top: string): string[] {
  const [first = "", ...rest] = cells;
  const heading = /^<section class="cell prose">\s*<h(\d)[^>]*>[\s\S]*?<\/h\1>/.exec(first)?.[0];
  if (heading === undefined) return [`<h1>${escapeHtml(title)}</h1>`, top, ...cells];
  return [`${heading}\n${top}${first.slice(heading.length)}`, ...rest];
}

type Highlight = (code: string) => string;

async function highlighter(): Promise<Highlight> {
  const [{ default: core }, { default: typescript }] = await Promise.all([
    import("highlight.js/lib/core"),
    import("highlight.js/lib/languages/typescript"),
  ]);
  core.registerLanguage("typescript", typescript);
  return (code) => core.highlight(code, { language: "typescript" }).value;
}

function proseCell(cell: ProseCell, prose: ProseRenderer): string {
  if (cell.cell_type === "raw" || hasTag(cell, "remove-cell")) return "";
  return `<section class="cell prose">${prose.render(cell.source, cell.attachments)}</section>`;
}

function codeCell(cell: CodeCell, highlight: Highlight, outputs: OutputRenderer, open: boolean): string {
  if (hasTag(cell, "remove-cell")) return "";
  const label = cell.execution_count === null ? "Code" : `Code [${cell.execution_count}]`;
  const shown = open && !hasTag(cell, "hide-input") ? " open" : "";
  const code = cell.source.trim()
    ? `<details class="code"${shown}><summary>${label}</summary><pre><code>${highlight(cell.source)}</code></pre></details>`
    : "";
  const results = cell.outputs.map((output) => outputs.render(output)).filter(Boolean);
  const below = results.length > 0 ? `<div class="outputs">${results.join("\n")}</div>` : "";
  return code || below ? `<section class="cell">${code}${below}</section>` : "";
}
