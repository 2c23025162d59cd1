import { notNegative, positiveInteger, validSeed } from "../../errors.js";
import { has } from "../../kinds.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { type FeatureRanking, modeRanking, singleLesionRanking } from "../feature-ranking.js";
import { lesioned } from "../lesions.js";
import { checkMasks, chosenFeatures } from "../mask-sums.js";
import { type Selectivity, selectivity } from "../selectivity.js";
import { bestCandidates, different } from "./best-candidates.js";
import { type CorrectedP, correctedComparisons } from "./corrected-comparisons.js";
import { communityCandidates, type EditCandidate, rankedCandidates } from "./edit-candidates.js";
import { chosenLayers, otherInputs, sameUnits } from "./edit-checks.js";
import { type EditPair, editPairs } from "./edit-pairs.js";
import type { MaskedGame } from "./edit-scores.js";
import { randomSelectivities } from "./random-selectivities.js";
import { compareWithRandom, type RandomComparison } from "./random-sets.js";

/** Options of {@link findEdits}. */
export interface FindEditsOptions {
  /** Default all that have masks. */
  readonly features?: readonly string[];
  /** How many units an edit lesions; default 1, 3, 6, 12 and 24. Each is tried. */
  readonly sizes?: readonly number[];
  /** Layers to choose from; default all but those whose units only gate outputs of their own, such as the colours. */
  readonly layers?: readonly string[];
  /** Groups of units to try as they are; default none. */
  readonly communities?: readonly (readonly string[])[];
  /**
   * How much an edit must change its feature on the choice faces, of 1; default 0.1, about 25 levels of 255: half of
   * that is hardly seen, however selective it is.
   */
  readonly leastChange?: number;
  /**
   * Edits of each feature that are tested, each from another layer or community, the most selective on the choice
   * faces; default 3. p values are corrected for all that are tested.
   */
  readonly perFeature?: number;
  /** Random sets that each edit is compared with; default 100. Where there are no more others, all of them. */
  readonly randomSets?: number;
  /** Of the random sets; default 1. */
  readonly seed?: number;
  /** Called after each kind of random sets, in which most of the time goes: sets of 6 units of layer2, for example. */
  readonly onRandomSets?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Stops the search: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The names of `FindEditsOptions`. */
export const findEditsOptionNames: OptionNames<FindEditsOptions> = {
  features: true,
  sizes: true,
  layers: true,
  communities: true,
  leastChange: true,
  perFeature: true,
  randomSets: true,
  seed: true,
  onRandomSets: true,
  signal: true,
};

/** How selective an edit is on the faces of one game, beside other sets of as many units of the same layers. */
export interface EditScore extends Selectivity {
  readonly random: RandomComparison & CorrectedP;
}

/** Units whose lesion changes a feature: chosen on some faces, tested on others. */
export interface Edit {
  readonly feature: string;
  /** Where its units are from: the name of a layer, `several layers`, or `community 1`, in the order given. */
  readonly from: string;
  readonly units: readonly string[];
  /** On the faces it was chosen on: too good, since it was the best of many there. */
  readonly choice: EditScore;
  /** On faces that had no part in the choice: what to report. */
  readonly heldOut: EditScore;
  /**
   * The edit that the same choice finds from maps of single lesions in the place of modes: same feature, same layers to
   * choose from. Undefined for a community, which is not ranked, and where no such edit changes the feature enough.
   */
  readonly single: { readonly units: readonly string[]; choice: Selectivity; heldOut: Selectivity } | undefined;
}

/** What {@link findEdits} finds. */
export interface FoundEdits {
  /**
   * At most `perFeature` of each feature, chosen on the choice faces; all that were tested, the largest held-out
   * advantage over random sets first. That order looks at the test; take what to show with `chosenEdits`, which does
   * not.
   */
  readonly edits: readonly Edit[];
  /**
   * Of every feature and every place to choose from in which both searches found an edit, what each found, before the
   * best are kept for `edits`: for `comparePairs`.
   */
  readonly pairs: readonly EditPair[];
}

/**
 * Finds lesions that change one feature of images and leave the rest, and tests them on images held out.
 *
 * Choice, on the first game's faces alone: units are ranked by the share of their |mode| that falls on the feature; of
 * the first 1, 3, 6, 12 and 24 of each layer, and of all layers together, and of whole communities, the most selective
 * is kept of each origin, if it changes the feature enough to be seen; of these the best of each feature. Test: the
 * selectivity of what was kept on the faces of another game of the same network; beside other sets with as many units
 * of the same layers, and beside the edits that the same choice finds from maps of single lesions.
 *
 * For the generator `faces-16` with 8 and 8 faces about half a minute on one core, most of it random sets.
 *
 * @param modes of the choice game
 * @param choice the game that the modes are of, or another of the same latents; its masks
 * @param heldOut a game of the same units and other inputs; its masks
 * @throws RangeError where modes, games and masks do not fit together, for a face that is in both games, and for
 *   options out of range
 * @example
 * const { edits } = await findEdits(modes, { game, masks }, { game: other, masks: otherMasks }, { features: ["hair"] });
 * edits[0].heldOut.selectivity; // beside edits[0].heldOut.random.mean
 */
export async function findEdits(
  modes: ShapleyModes,
  choice: MaskedGame,
  heldOut: MaskedGame,
  options: FindEditsOptions = {},
): Promise<FoundEdits> {
  knownOptions("findEdits", options, findEditsOptionNames);
  has("modes", modes, "ShapleyModes", "units", "values");
  const { signal } = options;
  const features = chosenFeatures(choice.masks, options.features);
  chosenFeatures(heldOut.masks, features);
  const sizes = (options.sizes ?? [1, 3, 6, 12, 24]).map((size) => positiveInteger("sizes", size));
  const least = notNegative("leastChange", options.leastChange ?? 0.1);
  const most = positiveInteger("perFeature", options.perFeature ?? 3);
  const sets = positiveInteger("randomSets", options.randomSets ?? 100);
  const seed = validSeed(options.seed ?? 1);
  checkMasks(choice.masks, modes.outputShape);
  checkMasks(choice.masks, choice.game.outputShape);
  checkMasks(heldOut.masks, heldOut.game.outputShape);
  sameUnits(modes.units, choice.game);
  sameUnits(modes.units, heldOut.game);
  await otherInputs(modes, choice.game, heldOut.game, signal);
  const layers = chosenLayers(choice.game, options.layers);
  const communities = communityCandidates(options.communities ?? [], features, choice.game.units);
  const units = Object.values(layers).flat();

  const candidates = (ranking: FeatureRanking) => rankedCandidates(ranking, layers, sizes);
  const fromModes = candidates(modeRanking(modes, units, choice.masks, features));
  const fromSingle = candidates(await singleLesionRanking(choice.game, units, choice.masks, features, signal));
  const kept = await bestCandidates(choice, [...fromModes, ...communities], least, signal);
  const rivals = await bestCandidates(choice, fromSingle, least, signal);
  const chosen = features.flatMap((feature) =>
    different(kept.filter((each) => each.feature === feature)).slice(0, most),
  );
  const random = await randomSelectivities(chosen, [choice, heldOut], {
    sets,
    seed,
    signal,
    onSets: options.onRandomSets,
  });
  const scored = async (candidate: EditCandidate, faces: MaskedGame): Promise<Selectivity> => {
    const { intact, lesioned: images } = await lesioned(faces.game, [candidate.units], { signal });
    return selectivity(intact, images[0], faces.masks, { features: [candidate.feature] })[0];
  };
  const uncorrected: UncorrectedEdit[] = [];
  for (const candidate of chosen) {
    const compared = async (faces: MaskedGame): Promise<UncorrectedScore> => {
      const score = await scored(candidate, faces);
      return { ...score, random: compareWithRandom(score.selectivity, random(candidate, faces)) };
    };
    const rival = rivals.find(({ feature, from }) => feature === candidate.feature && from === candidate.from);
    uncorrected.push({
      ...candidate,
      choice: await compared(choice),
      heldOut: await compared(heldOut),
      single: rival && {
        units: rival.units,
        choice: await scored(rival, choice),
        heldOut: await scored(rival, heldOut),
      },
    });
  }
  const edits = corrected(uncorrected);
  const advantage = ({ heldOut: { random } }: Edit) => (Number.isNaN(random.advantage) ? 0 : random.advantage);
  edits.sort((a, b) => advantage(b) - advantage(a));
  return { edits, pairs: await editPairs(kept, rivals, heldOut, signal) };
}

/** A score before its p value is corrected. */
type UncorrectedScore = Selectivity & { readonly random: RandomComparison };
type UncorrectedEdit = Omit<Edit, "choice" | "heldOut"> & Readonly<Record<"choice" | "heldOut", UncorrectedScore>>;

/** The same edits, p values of each game's faces corrected for their number. */
function corrected(edits: readonly UncorrectedEdit[]): Edit[] {
  const of = (faces: "choice" | "heldOut") => {
    const random = correctedComparisons(edits.map((edit) => edit[faces].random));
    return (at: number): EditScore => ({ ...edits[at][faces], random: random[at] });
  };
  const [choice, heldOut] = [of("choice"), of("heldOut")];
  return edits.map((edit, at) => ({ ...edit, choice: choice(at), heldOut: heldOut(at) }));
}
