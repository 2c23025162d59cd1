import type { JsonObject } from "../../json.js";
import { intervalFactor } from "../confidence.js";
import { cancelling, meansCancel } from "../lost-digits.js";
import { meanOverTasks, tasksAlone } from "../task-mean.js";
import {
  gapFact,
  largestErrorFact,
  playedFacts,
  type RankedLine,
  type RankedSummary,
  rankedLines,
  titleWithErrors,
} from "./ranked.js";

/** What of Shapley Modes is looked at. */
export interface GlancedModes {
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  readonly outputs: number;
  readonly values: Float64Array;
  readonly standardErrors: Float64Array | undefined;
  readonly efficiencyGap: number;
  readonly provenance: JsonObject;
  meanOverOutputs(): { readonly values: Float64Array; readonly standardErrors: Float64Array | undefined };
}

/** Up to so many units are all listed; of more, the first and last of the ranking. */
const wholeList = 12;
const endUnits = 5;

/**
 * What to know of Shapley Modes at a glance: how they were computed, how precise they are (largest standard error,
 * efficiency gap), and the units that contribute most and least on average, with standard errors and confidence
 * intervals.
 *
 * @param stopped what their stopping rules say
 */
export function modesGlance(modes: GlancedModes, stopped?: string): RankedSummary {
  const { units, outputShape, outputs, provenance, standardErrors } = modes;
  const shape = outputShape.length === 0 ? "one output" : `outputs [${outputShape.join(", ")}]`;
  const alone = meanOverTasks(modes);
  const mean = alone ?? modes.meanOverOutputs();
  const { lines, omitted } = ranking(modes, mean);
  const over = alone ? tasksAlone(alone.tasks) : `${outputs} outputs`;
  const what = outputs === 1 ? "contribution" : `contribution, mean over ${over}`;
  return {
    head: `ShapleyModes: ${units.length} ${units.length === 1 ? "unit" : "units"}, ${shape}`,
    facts: [
      ...playedFacts(provenance),
      ...largestErrorFact(standardErrors),
      ...(stopped === undefined ? [] : [["until", stopped] as const]),
      ...gapFact(modes.efficiencyGap),
      ...(!alone && meansCancel(modes.values, mean.values) ? [["contributions", cancelling] as const] : []),
    ],
    names: "unit",
    title: titleWithErrors(what, mean.standardErrors ?? []),
    lines,
    omitted: { count: omitted, at: endUnits },
    provenance,
  };
}

/**
 * The units by mean contribution, largest first; `omitted` of them are between the first and the second half of the
 * lines.
 */
function ranking(
  { units, provenance }: GlancedModes,
  { values, standardErrors }: ReturnType<GlancedModes["meanOverOutputs"]>,
): { lines: RankedLine[]; omitted: number } {
  const order = Array.from(units.keys()).sort((a, b) => values[b] - values[a] || a - b);
  const omitted = order.length > wholeList ? order.length - 2 * endUnits : 0;
  const shown = omitted > 0 ? [...order.slice(0, endUnits), ...order.slice(-endUnits)] : order;
  const lines = rankedLines(
    shown.map((u) => units[u]),
    shown.map((u) => values[u]),
    shown.map((u) => standardErrors?.[u] ?? Number.NaN),
    intervalFactor(provenance),
  );
  return { lines, omitted };
}
