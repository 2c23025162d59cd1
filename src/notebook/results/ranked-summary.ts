import { escapeHtml } from "../../escape-html.js";
import type { MimeData } from "../../kernel-hook.js";
import { barScale, barSvg } from "../../modes/glance/bars.js";
import { type RankedSummary, rankedText } from "../../modes/glance/ranked.js";
import { fewNodes, treeHtml } from "./tree.js";

/** As HTML and as text. */
export function rankedData(summary: RankedSummary): MimeData {
  return { "text/html": asHtml(summary), "text/plain": rankedText(summary) };
}

function asHtml({ head, facts, names, title, lines, omitted, provenance }: RankedSummary): string {
  const position = barScale(lines);
  const cell = (content: string, align = "right") =>
    `<td style="text-align:${align};white-space:nowrap;padding:1px 8px">${content}</td>`;
  const rows = lines.map(
    (line) =>
      `<tr>${cell(escapeHtml(line.name), "left")}${cell(line.valueText)}${cell(line.errorText && `± ${line.errorText}`)}${cell(line.intervalText)}${cell(barSvg(line, position), "left")}</tr>`,
  );
  if (omitted.count > 0) {
    rows.splice(omitted.at, 0, `<tr>${cell(`… ${omitted.count} more`, "left")}${cell("").repeat(4)}</tr>`);
  }
  const told = facts.map(([name, value]) => `${escapeHtml(name)} <b>${escapeHtml(value)}</b>`).join(" · ");
  const origin =
    Object.keys(provenance).length > 0
      ? `<details><summary style="cursor:pointer;opacity:.75">Provenance</summary>${treeHtml(provenance, fewNodes)}</details>`
      : "";
  return [
    `<div style="overflow-x:auto"><div><b>${escapeHtml(head)}</b></div>`,
    `<div>${told}</div>`,
    `<table style="margin:6px 0"><thead><tr><th style="text-align:left;padding:1px 8px">${names}</th>`,
    `<th colspan="4" style="text-align:left;padding:1px 8px">${escapeHtml(title)}</th></tr></thead>`,
    `<tbody>${rows.join("\n")}</tbody></table>${origin}</div>`,
  ].join("");
}
