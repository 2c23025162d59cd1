import { positiveInteger, validSeed } from "../errors.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { type CorrectedP, correctedComparisons } from "./edits/corrected-comparisons.js";
import { sameUnits } from "./edits/edit-checks.js";
import { type MaskedGame, scoreLesions } from "./edits/edit-scores.js";
import { randomSelectivities } from "./edits/random-selectivities.js";
import { compareWithRandom, type RandomComparison } from "./edits/random-sets.js";
import { lesioned } from "./lesions.js";
import { chosenFeatures } from "./mask-sums.js";
import { type Selectivity, selectivity } from "./selectivity.js";

/** How specific the lesion of a whole group of units is. */
export interface LesionSpecificity {
  readonly group: string;
  readonly units: number;
  /** The feature that the lesion changes most, compared with the rest of the images, on the choice faces. */
  readonly feature: string;
  /**
   * Its selectivity on the held-out faces, with its interval, beside other sets of as many units of the same layers; p
   * corrected for all groups.
   */
  readonly heldOut: Selectivity & { readonly random: RandomComparison & CorrectedP };
}

/** Options of {@link lesionSpecificity}. */
export interface LesionSpecificityOptions {
  /** Default all that have masks. */
  readonly features?: readonly string[];
  /**
   * Random sets that each lesion is compared with; default 100. Where there are no more others, all of them; none for a
   * whole layer.
   */
  readonly randomSets?: number;
  /** Of the random sets; default 1. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** The names of `LesionSpecificityOptions`. */
export const lesionSpecificityOptionNames: OptionNames<LesionSpecificityOptions> = {
  features: true,
  randomSets: true,
  seed: true,
  signal: true,
};

/**
 * What lesioning a community, a layer or any other group of units changes most, and how specific that is. The feature
 * is chosen on the faces of one game and its selectivity measured on those of another: the largest of several numbers
 * is too large.
 *
 * @param groups names of units, by the name of the group
 * @param choice faces on which the feature is chosen
 * @param heldOut other faces of the same network
 * @returns one for each group that changes anything
 * @throws RangeError for games of other units, unknown units or features, masks that do not fit
 * @example
 * const rows = await lesionSpecificity(layerGroups(game.units), { game, masks }, { game: other, masks: otherMasks });
 */
export async function lesionSpecificity(
  groups: Readonly<Record<string, readonly string[]>>,
  choice: MaskedGame,
  heldOut: MaskedGame,
  options: LesionSpecificityOptions = {},
): Promise<LesionSpecificity[]> {
  knownOptions("lesionSpecificity", options, lesionSpecificityOptionNames);
  has("groups", groups, "units by the names of their groups");
  has("choice", choice, "a MaskedGame", "game", "masks");
  has("heldOut", heldOut, "a MaskedGame", "game", "masks");
  const { signal } = options;
  sameUnits(choice.game.units, heldOut.game);
  const features = chosenFeatures(choice.masks, options.features);
  chosenFeatures(heldOut.masks, features);
  const sets = positiveInteger("randomSets", options.randomSets ?? 100);
  const seed = validSeed(options.seed ?? 1);
  const named = Object.entries(groups);
  const scores = await scoreLesions(
    choice,
    named.map(([, units]) => ({ units, features })),
    signal,
  );
  const chosen = named.flatMap(([from, units], g) => {
    const known = features.filter((feature) => Number.isFinite(scores[g][feature].selectivity));
    if (known.length === 0) return [];
    const most = (a: string, b: string) => (scores[g][b].selectivity > scores[g][a].selectivity ? b : a);
    return [{ from, units, feature: known.reduce(most) }];
  });
  const random = await randomSelectivities(chosen, [heldOut], { sets, seed, signal });
  const found: (Omit<LesionSpecificity, "heldOut"> & { heldOut: Selectivity; random: RandomComparison })[] = [];
  for (const candidate of chosen) {
    const { intact, lesioned: images } = await lesioned(heldOut.game, [candidate.units], { signal });
    const [own] = selectivity(intact, images[0], heldOut.masks, { features: [candidate.feature] });
    found.push({
      group: candidate.from,
      units: candidate.units.length,
      feature: candidate.feature,
      heldOut: own,
      random: compareWithRandom(own.selectivity, random(candidate, heldOut)),
    });
  }
  const corrected = correctedComparisons(found.map(({ random }) => random));
  return found.map(({ random: _, ...row }, at) => ({ ...row, heldOut: { ...row.heldOut, random: corrected[at] } }));
}
