import { invalid } from "../../errors.js";
import type { FeatureRanking } from "../feature-ranking.js";

/** A set of units that might change one feature and little else. */
export interface EditCandidate {
  readonly feature: string;
  /** Where its units are from: the name of a layer, `several layers`, or `community 1`, in the order given. */
  readonly from: string;
  readonly units: readonly string[];
}

/** Units of several layers, chosen together. */
export const severalLayers = "several layers";

/**
 * The first few units of each feature's ranking, within each layer and over all of these layers. A layer that has no
 * more units than asked for is left out: there is nothing to choose.
 */
export function rankedCandidates(
  ranking: FeatureRanking,
  layers: Readonly<Record<string, readonly string[]>>,
  sizes: readonly number[],
): EditCandidate[] {
  const pools = Object.entries(layers);
  if (pools.length > 1) pools.push([severalLayers, pools.flatMap(([, units]) => units)]);
  return Object.entries(ranking).flatMap(([feature, units]) =>
    pools.flatMap(([from, pool]) => {
      const members = new Set(pool);
      const inOrder = units.filter((unit) => members.has(unit));
      return sizes
        .filter((size) => size < pool.length)
        .map((size) => ({ feature, from, units: inOrder.slice(0, size) }));
    }),
  );
}

/**
 * Whole communities, each for each feature. @throws RangeError for a community without units, or with an unknown one
 */
export function communityCandidates(
  communities: readonly (readonly string[])[],
  features: readonly string[],
  known: readonly string[],
): EditCandidate[] {
  const all = new Set(known);
  return communities.flatMap((units, c) => {
    const wrong = units.find((unit) => !all.has(unit));
    if (wrong !== undefined) throw invalid(`unit of community ${c}`, "the name of a unit of the game", wrong);
    if (units.length === 0) throw invalid(`community ${c}`, "at least one unit", units);
    return features.map((feature) => ({ feature, from: `community ${c + 1}`, units }));
  });
}
