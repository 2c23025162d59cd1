import type { JsonObject } from "../../json.js";
import { intervalFactor } from "../confidence.js";
import {
  gapFact,
  largestErrorFact,
  playedFacts,
  type RankedLine,
  type RankedSummary,
  rankedLines,
  titleWithErrors,
} from "./ranked.js";

/** What of interactions is looked at. */
export interface GlancedInteractions {
  readonly index: string;
  readonly order: number;
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  readonly outputs: number;
  readonly standardErrors: Float64Array | undefined;
  readonly efficiencyGap: number;
  readonly provenance: JsonObject;
  meanOverOutputs(): {
    readonly sets: readonly (readonly string[])[];
    readonly values: Float64Array;
    readonly standardErrors: Float64Array | undefined;
  };
}

/** Up to so many sets are listed: those of the largest interactions. */
const listed = 12;

/**
 * What to know of interactions at a glance: how they were computed, how precise they are, and the sets that interact
 * most.
 */
export function interactionsGlance(interactions: GlancedInteractions): RankedSummary {
  const { provenance, standardErrors, efficiencyGap, outputs, outputShape } = interactions;
  const shape = outputShape.length === 0 ? "one output" : `outputs [${outputShape.join(", ")}]`;
  const { lines, omitted } = strongest(interactions);
  const what = outputs === 1 ? "interaction" : `interaction, mean over ${outputs} outputs`;
  return {
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
  };
}

/** Sets of several units by the size of their interaction. */
function strongest(interactions: GlancedInteractions): { lines: RankedLine[]; omitted: number } {
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
