import type { FeatureMasks } from "../datasets/faces/likeness-masks.js";
import type { Game, Values } from "../games/game.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { lesioned, visitLesioned } from "./lesions.js";
import { maskSums, over, pixelAmounts } from "./mask-sums.js";

/** Units by how much of what they do falls on a feature, most first. */
export type FeatureRanking = Readonly<Record<string, readonly string[]>>;

/** Ranks units by the share of their |mode| that falls on each feature, all faces together. */
export function modeRanking(
  modes: ShapleyModes,
  units: readonly string[],
  masks: FeatureMasks,
  features: readonly string[],
): FeatureRanking {
  const shares = units.map((unit) =>
    sharesOf(pixelAmounts(modes.unit(unit).values, undefined, masks.size), masks, features),
  );
  return ranked(units, features, shares);
}

/** The same of maps made by lesioning one unit at a time: |intact - lesioned| in the place of |mode|. */
export async function singleLesionRanking(
  game: Game,
  units: readonly string[],
  masks: FeatureMasks,
  features: readonly string[],
  signal?: AbortSignal,
): Promise<FeatureRanking> {
  const { intact } = await lesioned(game, [], { signal });
  const shares: Record<string, number>[] = [];
  const visit = (values: Values) => shares.push(sharesOf(pixelAmounts(values, intact, masks.size), masks, features));
  await visitLesioned(
    game,
    units.map((unit) => [unit]),
    visit,
    { signal },
  );
  return ranked(units, features, shares);
}

function sharesOf(amounts: Float32Array, { masks, count }: FeatureMasks, features: readonly string[]) {
  const everyone = [...Array(count).keys()];
  return Object.fromEntries(
    features.map((feature) => {
      const { within, all } = maskSums(amounts, masks[feature], count);
      const total = over(everyone, all);
      return [feature, total === 0 ? 0 : over(everyone, within) / total];
    }),
  );
}

function ranked(
  units: readonly string[],
  features: readonly string[],
  shares: readonly Record<string, number>[],
): FeatureRanking {
  const order = (feature: string) => [...units.keys()].sort((a, b) => shares[b][feature] - shares[a][feature] || a - b);
  return Object.fromEntries(features.map((feature) => [feature, order(feature).map((u) => units[u])]));
}
