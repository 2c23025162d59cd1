import type { FeatureMasks } from "../../datasets/faces/likeness-masks.js";
import type { Game } from "../../games/game.js";
import { lesioned, visitLesioned } from "../lesions.js";
import { checkMasks, maskSums, pixelAmounts } from "../mask-sums.js";
import { means } from "../selectivity.js";

/** A game of images, and where these show what. */
export interface MaskedGame {
  /** Of images: its output is `[faces, 3, size, size]`. */
  readonly game: Game;
  /** Of the images with all units intact. */
  readonly masks: FeatureMasks;
}

/** How much a lesion changes a feature, `inside`, and how much more than the rest. */
export interface EditScoreSums {
  readonly inside: number;
  readonly selectivity: number;
}

/** A set of units, and the features that its lesion is scored for. */
export interface ScoredSet {
  readonly units: readonly string[];
  readonly features: readonly string[];
}

/** Scores lesions: for each set, by feature. Looks at each lesion once and keeps no images. */
export async function scoreLesions(
  { game, masks }: MaskedGame,
  sets: readonly ScoredSet[],
  signal?: AbortSignal,
): Promise<Record<string, EditScoreSums>[]> {
  checkMasks(masks, game.outputShape);
  const { intact } = await lesioned(game, [], { signal });
  const everyone = [...Array(masks.count).keys()];
  const scores: Record<string, EditScoreSums>[] = [];
  await visitLesioned(
    game,
    sets.map(({ units }) => units),
    (values, set) => {
      const amounts = pixelAmounts(values, intact, masks.size);
      const score = (feature: string): [string, EditScoreSums] => {
        const { inside, outside } = means(maskSums(amounts, masks.masks[feature], masks.count), everyone, masks.size);
        return [feature, { inside, selectivity: inside / outside }];
      };
      scores.push(Object.fromEntries(sets[set].features.map(score)));
    },
    { signal },
  );
  return scores;
}
