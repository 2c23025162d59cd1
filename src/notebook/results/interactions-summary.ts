import { escapeHtml } from "../../escape-html.js";
import type { MimeData } from "../../kernel-hook.js";
import { intervalFactor } from "../../modes/confidence.js";
import type { Interactions } from "../../modes/interactions.js";
import { type Bar, barScale, barSvg, barText } from "./bars.js";
import { gridText } from "./grid.js";
import { alignedNumbers, shortNumber } from "./numbers.js";
import { fewNodes, treeHtml } from "./tree.js";

/** Up to so many sets are listed: those of the largest interactions. */
const listed = 12;

/** A set's line in the summary. */
interface Line extends Bar {
  readonly set: string;
  readonly valueText: string;
  readonly errorText: string;
  /** Of 95 %: `0.1 to 0.3`. */
  readonly intervalText: string;
}

/** What to know of interactions at a glance: how they were computed, how precise they are, and the sets that interact most. */
export function interactionsData(interactions: Interactions): MimeData {
  const outputs =
    interactions.outputShape.length === 0 ? "one output" : `outputs [${interactions.outputShape.join(", ")}]`;
  const head = `Interactions: ${interactions.index} of order ${interactions.order}, ${interactions.units.length} units, ${outputs}`;
  const facts = factsOf(interactions);
  const { lines, omitted } = strongest(interactions);
  const what = interactions.outputs === 1 ? "interaction" : `interaction, mean over ${interactions.outputs} outputs`;
  const title = lines.some(({ error }) => error > 0) ? `${what} ± standard error (95 % confidence interval)` : what;
  return {
    "text/html": summaryHtml(interactions, head, facts, title, lines, omitted),
    "text/plain": summaryText(head, facts, title, lines, omitted),
  };
}

function factsOf({ provenance, standardErrors, efficiencyGap }: Interactions): [string, string][] {
  const known = ["estimator", "orderings", "evaluations", "seed"].flatMap((name): [string, string][] => {
    const value = provenance[name];
    return typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [];
  });
  const largest = standardErrors?.reduce((top, error) => Math.max(top, error), 0) ?? Number.NaN;
  if (!Number.isNaN(largest)) known.push(["largest standard error", shortNumber(largest, 3)]);
  if (!Number.isNaN(efficiencyGap)) known.push(["efficiency gap", shortNumber(efficiencyGap, 2)]);
  return known;
}

/** Sets of several units by the size of their interaction. */
function strongest(interactions: Interactions): { lines: Line[]; omitted: number } {
  const { sets, values, standardErrors } = interactions.meanOverOutputs();
  const several = Array.from(sets.keys()).filter((s) => sets[s].length > 1 || interactions.order === 1);
  const order = several.sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
  const shown = order.slice(0, listed);
  const errors = shown.map((s) => standardErrors?.[s] ?? Number.NaN);
  const factor = intervalFactor(interactions.provenance);
  const ends = (sign: number) => shown.map((s, at) => values[s] + sign * factor * errors[at]);
  const texts = alignedNumbers([...shown.map((s) => values[s]), ...errors, ...ends(-1), ...ends(1)], 4);
  const count = shown.length;
  const lines = shown.map((s, at) => ({
    set: sets[s].join(" + "),
    value: values[s],
    error: errors[at],
    valueText: texts[at],
    errorText: errors[at] > 0 ? texts[count + at] : "",
    intervalText: factor * errors[at] > 0 ? `(${texts[2 * count + at]} to ${texts[3 * count + at]})` : "",
  }));
  return { lines, omitted: order.length - shown.length };
}

function summaryHtml(
  { provenance }: Interactions,
  head: string,
  facts: readonly (readonly [string, string])[],
  title: string,
  lines: readonly Line[],
  omitted: number,
): string {
  const position = barScale(lines);
  const cell = (content: string, align = "right") =>
    `<td style="text-align:${align};white-space:nowrap;padding:1px 8px">${content}</td>`;
  const rows = lines.map(
    (line) =>
      `<tr>${cell(escapeHtml(line.set), "left")}${cell(line.valueText)}${cell(line.errorText && `± ${line.errorText}`)}${cell(line.intervalText)}${cell(barSvg(line, position), "left")}</tr>`,
  );
  if (omitted > 0) rows.push(`<tr>${cell(`… ${omitted} more`, "left")}${cell("").repeat(4)}</tr>`);
  const told = facts.map(([name, value]) => `${escapeHtml(name)} <b>${escapeHtml(value)}</b>`).join(" · ");
  return [
    `<div style="overflow-x:auto"><div><b>${escapeHtml(head)}</b></div>`,
    `<div>${told}</div>`,
    `<table style="margin:6px 0"><thead><tr><th style="text-align:left;padding:1px 8px">units</th>`,
    `<th colspan="4" style="text-align:left;padding:1px 8px">${escapeHtml(title)}</th></tr></thead>`,
    `<tbody>${rows.join("\n")}</tbody></table>`,
    `<details><summary style="cursor:pointer;opacity:.75">Provenance</summary>${treeHtml(provenance, fewNodes)}</details></div>`,
  ].join("");
}

function summaryText(
  head: string,
  facts: readonly (readonly [string, string])[],
  title: string,
  lines: readonly Line[],
  omitted: number,
): string {
  const position = barScale(lines);
  const rows = lines.map((line) => [
    line.set,
    line.valueText,
    line.errorText && `± ${line.errorText}`,
    line.intervalText,
    barText(line, position),
  ]);
  if (omitted > 0) rows.push([`… ${omitted} more`, "", "", "", ""]);
  const told = facts.map(([name, value]) => `${name} ${value}`).join(" · ");
  return [head, told, "", title, gridText({ head: [], rows, numeric: [false, true, false, false, false] })].join("\n");
}
