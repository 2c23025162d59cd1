import type { FeatureMasks } from "../datasets/faces/likeness-masks.js";
import type { Values } from "../games/game.js";
import { has, isList } from "../kinds.js";
import { knownOptions } from "../options.js";
import { checkMasks, chosenFeatures, faceInterval, type MaskSums, maskSums, over, pixelAmounts } from "./mask-sums.js";

/** How much a lesion changes a feature, and how much the rest of the images. */
export interface Selectivity {
  readonly feature: string;
  /**
   * Mean change within the feature, of 1: the sum of |change| times mask over the sum of the mask, all faces together.
   */
  readonly inside: number;
  /** Mean change elsewhere: the same with 1 - mask. */
  readonly outside: number;
  /** `inside / outside`: 1 where the feature changes as much as the rest. NaN where nothing changes at all. */
  readonly selectivity: number;
  /** 95 % over faces (`faceInterval`). */
  readonly interval: readonly [number, number];
  /** Each face's own, `[faces]`; NaN where its mask adds up to less than a pixel: it does not show the feature. */
  readonly faces: Float64Array;
  /** Mean red, green and blue within the feature, intact. */
  readonly colourIntact: readonly [number, number, number];
  /** The same with the lesion: whether hair becomes blond, or goes. */
  readonly colourLesioned: readonly [number, number, number];
}

/**
 * How specific a lesion is for each feature: mean |change| within its mask over mean |change| outside, where the change
 * of a pixel is the mean over its colours of |lesioned - intact|, and a soft mask counts a pixel in part inside and in
 * part outside. Faces are pooled, so that those which show more of a feature count more.
 *
 * A number above 1 alone says little: features differ in how much any lesion changes them (the background, which is
 * bright and flat, changes less than eyes). Compare with random sets of units, as `findEdits` does.
 *
 * @param intact `[faces, 3, size, size]`, as `lesioned` gives them
 * @param without the same with the lesion
 * @returns one for each feature
 * @throws RangeError where the images do not fit the masks
 */
export function selectivity(
  intact: Values,
  without: Values,
  masks: FeatureMasks,
  options: { readonly features?: readonly string[] } = {},
): Selectivity[] {
  knownOptions("selectivity", options, { features: true });
  isList("intact", intact, "numbers");
  isList("without", without, "numbers");
  has("masks", masks, "FeatureMasks", "count", "masks");
  const { count, size } = masks;
  for (const images of [intact, without]) checkMasks(masks, [images.length / (3 * size * size), 3, size, size]);
  const amounts = pixelAmounts(without, intact, size);
  return chosenFeatures(masks, options.features).map((feature) => {
    const mask = masks.masks[feature];
    const sums = maskSums(amounts, mask, count);
    const pooled = (faces: readonly number[]) => ratio(sums, faces, size);
    const everyone = [...Array(count).keys()];
    const { inside, outside } = means(sums, everyone, size);
    return {
      feature,
      inside,
      outside,
      selectivity: pooled(everyone),
      interval: faceInterval(count, pooled),
      faces: Float64Array.from(everyone, (face) => (sums.area[face] < 1 ? Number.NaN : pooled([face]))),
      colourIntact: meanColour(intact, mask, size),
      colourLesioned: meanColour(without, mask, size),
    };
  });
}

/** Mean change within and outside of a feature, some faces together. */
export function means(sums: MaskSums, faces: readonly number[], size: number): { inside: number; outside: number } {
  const area = over(faces, sums.area);
  const within = over(faces, sums.within);
  return {
    inside: within / area,
    outside: (over(faces, sums.all) - within) / (faces.length * size * size - area),
  };
}

function ratio(sums: MaskSums, faces: readonly number[], size: number): number {
  const { inside, outside } = means(sums, faces, size);
  return inside / outside;
}

function meanColour(images: Values, mask: Float32Array, size: number): [number, number, number] {
  const area = size * size;
  const sums: [number, number, number] = [0, 0, 0];
  let covered = 0;
  mask.forEach((weight, p) => {
    covered += weight;
    const red = 2 * (p - (p % area)) + p;
    for (let colour = 0; colour < 3; colour++) sums[colour] += weight * images[red + colour * area];
  });
  return sums.map((sum) => sum / covered) as [number, number, number];
}
