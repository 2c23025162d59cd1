import { randomStream } from "../../coalitions/random-streams.js";
import { wrongKind } from "../../errors.js";
import { listOf } from "../../kinds.js";
import { type SeedOption, seedOf } from "../../options.js";
import { bootstrapRatios, type Interval } from "../bootstrap.js";
import type { EditCandidate } from "./edit-candidates.js";
import { type MaskedGame, scoreLesions } from "./edit-scores.js";
import { setKey } from "./random-sets.js";

/**
 * What two searches found for one feature among the same units: one by Shapley Modes, one by maps of single lesions.
 */
export interface EditPair {
  readonly feature: string;
  /** Where the units are from: the name of a layer, or `several layers`. */
  readonly from: string;
  /** Whether both found the same units. */
  readonly same: boolean;
  /** Selectivity on the held-out faces of what Shapley Modes found. */
  readonly modes: number;
  /** The same of what single lesions found. */
  readonly single: number;
}

/** Pairs the best candidates of two searches and tests both on held-out faces. */
export async function editPairs(
  byModes: readonly EditCandidate[],
  bySingle: readonly EditCandidate[],
  heldOut: MaskedGame,
  signal?: AbortSignal,
): Promise<EditPair[]> {
  const both = byModes.flatMap((candidate) => {
    const rival = bySingle.find(({ feature, from }) => feature === candidate.feature && from === candidate.from);
    return rival ? [{ candidate, rival }] : [];
  });
  const sets = both.flatMap(({ candidate, rival }) => [candidate, rival]);
  const scores = await scoreLesions(
    heldOut,
    sets.map(({ units, feature }) => ({ units, features: [feature] })),
    signal,
  );
  return both.map(({ candidate: { feature, from, units }, rival }, pair) => ({
    feature,
    from,
    same: setKey(units) === setKey(rival.units),
    modes: scores[2 * pair][feature].selectivity,
    single: scores[2 * pair + 1][feature].selectivity,
  }));
}

/** Which of two searches found the more selective edits. */
export interface PairComparison {
  readonly pairs: number;
  /** Pairs in which both found the same units. */
  readonly same: number;
  /** Mean selectivity on the held-out faces of the edits that Shapley Modes found. */
  readonly modes: number;
  /** The same of single lesions. */
  readonly single: number;
  /** Mean of `modes - single` over pairs, with its interval of 95 %; no interval (NaN) for fewer than two features. */
  readonly difference: Interval;
  /** "neither" where the interval holds 0, or is not known. */
  readonly better: "modes" | "single" | "neither";
}

/**
 * Compares the edits that Shapley Modes find with those that single lesions find, pair by pair, on held-out faces. The
 * interval is from the bootstrap over features: edits of one feature have much in common, so a feature is drawn with
 * all its pairs.
 *
 * @param pairs of `findEdits`
 * @param options.seed of the resamples; default 1
 * @throws TypeError for no pairs
 */
export function comparePairs(pairs: readonly EditPair[], options: SeedOption = {}): PairComparison {
  const seed = seedOf("comparePairs", options);
  listOf("pairs", pairs, "EditPair", "feature", "modes", "single");
  if (pairs.length === 0) throw wrongKind("pairs", "at least one pair of edits", pairs);
  const features = [...new Set(pairs.map(({ feature }) => feature))];
  const of = (feature: string) => pairs.filter((pair) => pair.feature === feature);
  const gain = (some: readonly EditPair[]) => some.reduce((sum, { modes, single }) => sum + modes - single, 0);
  const ratio = {
    numerators: Float64Array.from(features, (feature) => gain(of(feature))),
    denominators: Float64Array.from(features, (feature) => of(feature).length),
  };
  const [found] = bootstrapRatios([ratio], 2000, randomStream(seed));
  const difference = features.length > 1 ? found : { value: found.value, low: Number.NaN, high: Number.NaN };
  const mean = (number: (pair: EditPair) => number) =>
    pairs.reduce((sum, pair) => sum + number(pair), 0) / pairs.length;
  return {
    pairs: pairs.length,
    same: pairs.filter(({ same }) => same).length,
    modes: mean(({ modes }) => modes),
    single: mean(({ single }) => single),
    difference,
    better: difference.low > 0 ? "modes" : difference.high < 0 ? "single" : "neither",
  };
}
