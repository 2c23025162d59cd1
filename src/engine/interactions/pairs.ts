import { allPairs, coalitionsOfPairs, drawComplementPairs } from "../../coalitions/complement-pairs.js";
import { subsetsUpTo } from "../../coalitions/subsets.js";
import { invalid } from "../../errors.js";
import type { Estimate } from "../../estimators/estimator.js";
import {
  type EvenRegression,
  evenRegression,
  pairInteractions,
} from "../../estimators/interactions/even-regression.js";
import { choiceOf, estimateOfPairs } from "../../estimators/leverage.js";
import { targetsOf } from "../../estimators/regression/targets.js";
import type { JsonObject } from "../../json.js";
import { paced } from "../../pace.js";
import { type Played, type Playing, playAll } from "./playing.js";
import type { InteractionsRequest } from "./settings.js";

/**
 * The pairs of complements that `leverage` draws for as many evaluations and the same seed, and the regression of their
 * means.
 */
export async function drawPairs(
  { units, evaluations = 0, seed }: InteractionsRequest,
  signal: AbortSignal | undefined,
): Promise<EvenRegression> {
  const count = Math.min(allPairs(units.length), Math.floor((evaluations - 2) / 2));
  const regression = await paced(
    evenRegression(await paced(drawComplementPairs(units.length, count, seed), signal)),
    signal,
  );
  if (regression.settled) return regression;
  throw invalid("evaluations", "more, or another seed: these coalitions do not settle all interactions", evaluations);
}

/** SII or 2-SII of all units and pairs, and the modes that `leverage` has from the same evaluations. */
export async function playPairs(
  request: InteractionsRequest,
  regression: EvenRegression,
  playing: Playing,
): Promise<Played & { readonly modes: Estimate; readonly provenance: JsonObject }> {
  const { outputs, units, index, wholeOutputs } = request;
  const { ends, signal } = playing;
  const { pairs } = regression;
  const { none } = ends;
  const count = pairs.sizes.length;
  const differences = new Float64Array(count * outputs);
  const means = new Float64Array(count * outputs);
  await playAll(
    playing,
    2 * count,
    (from, to) => coalitionsOfPairs(pairs.sets, from / 2, to / 2),
    (from, values) => {
      for (let row = 0; row < values.length / outputs; row += 2) {
        const to = ((from + row) / 2) * outputs;
        for (let o = 0; o < outputs; o++) {
          const [own, other] = [values[row * outputs + o], values[(row + 1) * outputs + o]];
          differences[to + o] = (own - other) / 2;
          // Interactions are of differences: what all values have in common is to cost no digits.
          means[to + o] = (own - none[o] + (other - none[o])) / 2;
        }
      }
    },
    {
      pack: (rows) => [differences, means].map((numbers) => numbers.subarray(0, (rows / 2) * outputs)),
      restore(numbers) {
        const half = numbers.length / 2;
        differences.set(numbers.subarray(0, half));
        means.set(numbers.subarray(half));
      },
    },
  );
  const total = ends.all.map((value, o) => value - none[o]);
  const choice = choiceOf({ outputs, wholeOutputs }, count);
  const modes = await paced(estimateOfPairs(pairs, targetsOf(differences, outputs), total, choice), signal);
  const found = await paced(pairInteractions(regression, means, total), signal);
  const singles = modes.values.slice();
  if (index === "k-sii") takeHalves(singles, found.values, units.length, outputs);
  const both = (first: Float64Array, second: Float64Array) => {
    const joined = new Float64Array(first.length + second.length);
    joined.set(first);
    joined.set(second, first.length);
    return joined;
  };
  return {
    subsets: subsetsUpTo(units.length, 2),
    values: both(singles, found.values),
    // The sums over a unit are exact, so that 2-SII of a single unit has the error of its Shapley value.
    standardErrors: both(modes.standardErrors, found.standardErrors),
    meanStandardErrors: both(modes.meanStandardErrors, found.meanStandardErrors),
    modes,
    provenance: { pairs: count, unknowns: found.unknowns, ...found.said },
  };
}

/** 2-SII of single units: phi_i - 1/2 sum over j of SII_ij, in place. */
function takeHalves(singles: Float64Array, pairs: Float64Array, units: number, outputs: number): void {
  let at = 0;
  for (let i = 0; i < units; i++) {
    for (let j = i + 1; j < units; j++, at += outputs) {
      for (let o = 0; o < outputs; o++) {
        singles[i * outputs + o] -= pairs[at + o] / 2;
        singles[j * outputs + o] -= pairs[at + o] / 2;
      }
    }
  }
}
