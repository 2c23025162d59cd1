import { stoppedText } from "../../estimators/stopping/record.js";
import type { MimeData } from "../../kernel-hook.js";
import { intervalFactor } from "../../modes/confidence.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import {
  gapFact,
  largestErrorFact,
  playedFacts,
  type RankedLine,
  rankedData,
  rankedLines,
  titleWithErrors,
} from "./ranked-summary.js";

/** Up to so many units are all listed; of more, the first and last of the ranking. */
const wholeList = 12;
const endUnits = 5;

/**
 * What to know of Shapley Modes at a glance: how they were computed, how precise they are (largest standard error, efficiency
 * gap), and the units that contribute most and least on average, with error bars of one standard error and confidence intervals.
 */
export function modesData(modes: ShapleyModes): MimeData {
  const { units, outputShape, outputs, provenance, standardErrors } = modes;
  const shape = outputShape.length === 0 ? "one output" : `outputs [${outputShape.join(", ")}]`;
  const stopped = stoppedText(provenance);
  const { lines, omitted } = ranking(modes);
  const what = outputs === 1 ? "contribution" : `contribution, mean over ${outputs} outputs`;
  return rankedData({
    head: `ShapleyModes: ${units.length} ${units.length === 1 ? "unit" : "units"}, ${shape}`,
    facts: [
      ...playedFacts(provenance),
      ...largestErrorFact(standardErrors),
      ...(stopped === undefined ? [] : [["until", stopped] as const]),
      ...gapFact(modes.efficiencyGap),
    ],
    names: "unit",
    title: titleWithErrors(what, modes.meanOverOutputs().standardErrors ?? []),
    lines,
    omitted: { count: omitted, at: endUnits },
    provenance,
  });
}

/** The units by mean contribution, largest first; `omitted` of them are between the first and the second half of the lines. */
function ranking(modes: ShapleyModes): { lines: RankedLine[]; omitted: number } {
  const { units, values, standardErrors } = modes.meanOverOutputs();
  const order = Array.from(units.keys()).sort((a, b) => values[b] - values[a] || a - b);
  const omitted = order.length > wholeList ? order.length - 2 * endUnits : 0;
  const shown = omitted > 0 ? [...order.slice(0, endUnits), ...order.slice(-endUnits)] : order;
  const lines = rankedLines(
    shown.map((u) => units[u]),
    shown.map((u) => values[u]),
    shown.map((u) => standardErrors?.[u] ?? Number.NaN),
    intervalFactor(modes.provenance),
  );
  return { lines, omitted };
}
