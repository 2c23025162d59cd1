import { escapeHtml } from "../../escape-html.js";
import { stoppedText } from "../../estimators/stopping/record.js";
import type { MimeData } from "../../kernel-hook.js";
import { intervalFactor } from "../../modes/confidence.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import { type Bar, barScale, barSvg, barText } from "./bars.js";
import { gridText } from "./grid.js";
import { alignedNumbers, shortNumber } from "./numbers.js";
import { fewNodes, treeHtml } from "./tree.js";

/** Up to so many units are all listed; of more, the first and last of the ranking. */
const wholeList = 12;
const endUnits = 5;
/** A unit's line in the summary. */
interface Line extends Bar {
  readonly unit: string;
  readonly valueText: string;
  readonly errorText: string;
  /** Of 95 %: `0.1 to 0.3`. */
  readonly intervalText: string;
}

/**
 * What to know of Shapley Modes at a glance: how they were computed, how precise they are (largest standard error, efficiency
 * gap), and the units that contribute most and least on average, with error bars of one standard error and confidence intervals.
 */
export function modesData(modes: ShapleyModes): MimeData {
  const { head, ...facts } = factsOf(modes);
  const { lines, omitted } = ranking(modes);
  const title = rankingTitle(modes);
  return {
    "text/html": summaryHtml(modes, head, Object.entries(facts), title, lines, omitted),
    "text/plain": summaryText(head, Object.entries(facts), title, lines, omitted),
  };
}

/** Facts by name, in order; what is not known is left out. */
function factsOf(modes: ShapleyModes): { head: string } & Record<string, string> {
  const { units, outputShape, provenance, standardErrors } = modes;
  const outputs = outputShape.length === 0 ? "one output" : `outputs [${outputShape.join(", ")}]`;
  const head = `ShapleyModes: ${units.length} ${units.length === 1 ? "unit" : "units"}, ${outputs}`;
  const known = (name: string): Record<string, string> => {
    const value = provenance[name];
    return typeof value === "string" || typeof value === "number" ? { [name]: String(value) } : {};
  };
  const stopped = stoppedText(provenance);
  const largest = standardErrors?.reduce((top, error) => Math.max(top, error), 0) ?? Number.NaN;
  return {
    head,
    ...known("estimator"),
    ...known("orderings"),
    ...known("evaluations"),
    ...known("seed"),
    ...(Number.isNaN(largest) ? {} : { "largest standard error": shortNumber(largest, 3) }),
    ...(stopped === undefined ? {} : { until: stopped }),
    ...(Number.isNaN(modes.efficiencyGap) ? {} : { "efficiency gap": shortNumber(modes.efficiencyGap, 2) }),
  };
}

function rankingTitle(modes: ShapleyModes): string {
  const what = modes.outputs === 1 ? "contribution" : `contribution, mean over ${modes.outputs} outputs`;
  return modes.meanOverOutputs().standardErrors?.some((error) => error > 0)
    ? `${what} ± standard error (95 % confidence interval)`
    : what;
}

/** The units by mean contribution, largest first; `omitted` of them are between the first and the second half of the lines. */
function ranking(modes: ShapleyModes): { lines: Line[]; omitted: number } {
  const { units, values, standardErrors } = modes.meanOverOutputs();
  const order = Array.from(units.keys()).sort((a, b) => values[b] - values[a] || a - b);
  const omitted = order.length > wholeList ? order.length - 2 * endUnits : 0;
  const shown = omitted > 0 ? [...order.slice(0, endUnits), ...order.slice(-endUnits)] : order;
  const errors = shown.map((u) => standardErrors?.[u] ?? Number.NaN);
  const factor = intervalFactor(modes.provenance);
  const ends = (sign: number) => shown.map((u, at) => values[u] + sign * factor * errors[at]);
  const texts = alignedNumbers([...shown.map((u) => values[u]), ...errors, ...ends(-1), ...ends(1)], 4);
  const count = shown.length;
  const lines = shown.map((u, at) => ({
    unit: units[u],
    value: values[u],
    error: errors[at],
    valueText: texts[at],
    errorText: errors[at] > 0 ? texts[count + at] : "",
    intervalText: factor * errors[at] > 0 ? `(${texts[2 * count + at]} to ${texts[3 * count + at]})` : "",
  }));
  return { lines, omitted };
}

function summaryHtml(
  modes: ShapleyModes,
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
      `<tr>${cell(escapeHtml(line.unit), "left")}${cell(line.valueText)}${cell(line.errorText && `± ${line.errorText}`)}${cell(line.intervalText)}${cell(barSvg(line, position), "left")}</tr>`,
  );
  if (omitted > 0) {
    rows.splice(endUnits, 0, `<tr>${cell(`… ${omitted} more`, "left")}${cell("").repeat(4)}</tr>`);
  }
  const told = facts.map(([name, value]) => `${escapeHtml(name)} <b>${escapeHtml(value)}</b>`).join(" · ");
  const provenance =
    Object.keys(modes.provenance).length > 0
      ? `<details><summary style="cursor:pointer;opacity:.75">Provenance</summary>${treeHtml(modes.provenance, fewNodes)}</details>`
      : "";
  return [
    `<div style="overflow-x:auto"><div><b>${escapeHtml(head)}</b></div>`,
    `<div>${told}</div>`,
    `<table style="margin:6px 0"><thead><tr><th style="text-align:left;padding:1px 8px">unit</th>`,
    `<th colspan="4" style="text-align:left;padding:1px 8px">${escapeHtml(title)}</th></tr></thead>`,
    `<tbody>${rows.join("\n")}</tbody></table>${provenance}</div>`,
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
    line.unit,
    line.valueText,
    line.errorText && `± ${line.errorText}`,
    line.intervalText,
    barText(line, position),
  ]);
  if (omitted > 0) rows.splice(endUnits, 0, [`… ${omitted} more`, "", "", "", ""]);
  const told = facts.map(([name, value]) => `${name} ${value}`).join(" · ");
  return [head, told, "", title, gridText({ head: [], rows, numeric: [false, true, false, false, false] })]
    .filter((part, at) => part !== "" || at === 2)
    .join("\n");
}
