import { escapeHtml } from "../../escape-html.js";
import type { Notebook } from "../run/nbformat.js";
import { declaredParameters, hasTag } from "../run/parameters.js";
import { stateRemark } from "../run/run-state.js";
import { provenanceMime } from "../tools/provenance.js";
import type { Heading } from "./prose.js";

/**
 * What stands below the title: whether the notebook was run, with which parameters, where and when; and the contents.
 */
export function pageTop(notebook: Notebook, headings: readonly Heading[]): string {
  const remark = stateRemark(notebook);
  const banner = remark === undefined ? "" : `<p class="banner" role="note">${escapeHtml(remark)}</p>\n`;
  const boxes = [parameters(notebook), provenance(notebook)].join("");
  return `${banner}${boxes && `<section class="settings">${boxes}</section>\n`}${contents(headings)}`;
}

/** The parameters with the values that this run had. */
function parameters(notebook: Notebook): string {
  const injected = notebook.cells.find((cell) => hasTag(cell, "injected-parameters"))?.source ?? "";
  const assigned = new Map([...injected.matchAll(/^(\w+) = (.*);$/gm)].map(([, name, value]) => [name, value]));
  const declared = declaredParameters(notebook);
  if (declared.length === 0) return "";
  const rows = declared.map(({ name, initial }) => {
    const set = assigned.get(name);
    const note =
      set === undefined ? "" : `<td class="soft">set for this run; else <code>${escapeHtml(initial)}</code></td>`;
    return `<tr><th>${name}</th><td><code>${escapeHtml(set ?? initial)}</code></td>${note}</tr>`;
  });
  return `<h2>Parameters</h2><table>${rows.join("")}</table>`;
}

/** Where and when it ran: what the notebook's last provenance cell shows; else what `notebook run` noted. */
function provenance(notebook: Notebook): string {
  const shown = notebook.cells
    .flatMap((cell) => (cell.cell_type === "code" ? cell.outputs : []))
    .flatMap((output) =>
      "data" in output && isObject(output.data[provenanceMime]) ? [output.data[provenanceMime]] : [],
    );
  const facts = shown.at(-1) ?? notebook.metadata["shapley-modes"];
  if (!isObject(facts)) return "";
  const rows = Object.entries(facts)
    .filter(([, value]) => typeof value === "string" || typeof value === "number")
    .map(([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(String(value))}</td></tr>`);
  const when =
    typeof facts.time === "string" ? ` on ${escapeHtml(facts.time.slice(0, 16).replace("T", " at "))} UTC` : "";
  const version =
    typeof facts["shapley-modes"] === "string" ? ` with shapley-modes ${escapeHtml(facts["shapley-modes"])}` : "";
  return `<details class="provenance"><summary>Ran${when}${version}</summary><table>${rows.join("")}</table></details>`;
}

/** Headings but the first, the title, of the three highest levels that there are. */
function contents(headings: readonly Heading[]): string {
  const rest = headings.slice(1);
  const top = Math.min(...rest.map(({ level }) => level));
  const listed = rest.filter(({ level }) => level < top + 2);
  if (listed.length < 2) return "";
  const items = listed.map(
    ({ level, text, id }) =>
      `<li class="level-${level - top + 1}"><a href="#${encodeURIComponent(id)}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav class="contents" aria-label="Contents"><details open><summary>Contents</summary><ul>${items.join("")}</ul></details></nav>\n`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
