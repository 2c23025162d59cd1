import type { MimeData } from "../../kernel-hook.js";
import { intervalFactor } from "../../modes/confidence.js";
import type { Interactions } from "../../modes/interactions.js";
import {
  gapFact,
  largestErrorFact,
  playedFacts,
  type RankedLine,
  rankedData,
  rankedLines,
  titleWithErrors,
} from "./ranked-summary.js";

/** Up to so many sets are listed: those of the largest interactions. */
const listed = 12;

/** What to know of interactions at a glance: how they were computed, how precise they are, and the sets that interact most. */
export function interactionsData(interactions: Interactions): MimeData {
  const { provenance, standardErrors, efficiencyGap, outputs, outputShape } = interactions;
  const shape = outputShape.length === 0 ? "one output" : `outputs [${outputShape.join(", ")}]`;
  const { lines, omitted } = strongest(interactions);
  const what = outputs === 1 ? "interaction" : `interaction, mean over ${outputs} outputs`;
  return rankedData({
    head: `Interactions: ${interactions.index} of order ${interactions.order}, ${interactions.units.length} units, ${shape}`,
    facts: [...playedFacts(provenance), ...largestErrorFact(standardErrors), ...gapFact(efficiencyGap)],
    names: "units",
    title: titleWithErrors(
      what,
      lines.map(({ error }) => error),
    ),
    lines,
    omitted: { count: omitted, at: lines.length },
    provenance,
  });
}

/** Sets of several units by the size of their interaction. */
function strongest(interactions: Interactions): { lines: RankedLine[]; omitted: number } {
  const { sets, values, standardErrors } = interactions.meanOverOutputs();
  const several = Array.from(sets.keys()).filter((s) => sets[s].length > 1 || interactions.order === 1);
  const order = several.sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
  const shown = order.slice(0, listed);
  const lines = rankedLines(
    shown.map((s) => sets[s].join(" + ")),
    shown.map((s) => values[s]),
    shown.map((s) => standardErrors?.[s] ?? Number.NaN),
    intervalFactor(interactions.provenance),
  );
  return { lines, omitted: order.length - shown.length };
}
