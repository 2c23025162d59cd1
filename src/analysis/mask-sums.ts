import { quantileSorted } from "simple-statistics";
import { uniformIndex } from "../coalitions/random.js";
import { randomStream } from "../coalitions/random-streams.js";
import type { FeatureMasks } from "../datasets/faces/likeness-masks.js";
import { invalid } from "../errors.js";

/**
 * Of one feature, image by image: how much of an amount falls within its mask, and how large the mask is. `[faces]`
 * each.
 */
export interface MaskSums {
  /** Sum of amount times mask. */
  readonly within: Float64Array;
  /** Sum of the amount. */
  readonly all: Float64Array;
  /** Sum of the mask, in pixels. */
  readonly area: Float64Array;
}

/** Pixels of each image, and how many images. @throws RangeError where masks and images do not fit together */
export function checkMasks(masks: FeatureMasks, shape: readonly number[]): void {
  const { count, size } = masks;
  const expected = [count, 3, size, size];
  if (shape.length !== 4 || shape.some((length, d) => length !== expected[d])) {
    throw invalid("images", `the shape [${expected.join(", ")}], as the masks are`, `[${shape.join(", ")}]`);
  }
  for (const [feature, mask] of Object.entries(masks.masks)) {
    if (mask.length !== count * size * size) throw invalid(`mask ${feature}`, `${count * size * size} numbers`, mask);
  }
}

/** The features asked for, default all. @throws RangeError for one without a mask */
export function chosenFeatures(masks: FeatureMasks, features?: readonly string[]): readonly string[] {
  const known = Object.keys(masks.masks);
  const wrong = features?.find((feature) => !known.includes(feature));
  if (wrong !== undefined) throw invalid("feature", `one of ${known.join(", ")}`, wrong);
  return features ?? known;
}

/**
 * Size of a change, or of a contribution, at each pixel: the mean over the colours of |a - b|, `[faces, size, size]`.
 *
 * @param a `[faces, 3, size, size]`
 * @param b as `a`; default 0
 */
export function pixelAmounts(a: ArrayLike<number>, b: ArrayLike<number> | undefined, size: number): Float32Array {
  const area = size * size;
  const amounts = new Float32Array(a.length / 3);
  for (let p = 0; p < amounts.length; p++) {
    let at = 2 * (p - (p % area)) + p; // of this pixel's red
    let sum = 0;
    for (let colour = 0; colour < 3; colour++, at += area) sum += Math.abs(b ? a[at] - b[at] : a[at]);
    amounts[p] = sum / 3;
  }
  return amounts;
}

/** How much of the amounts falls within a mask, `[faces, size, size]` both. */
export function maskSums(amounts: Float32Array, mask: Float32Array, faces: number): MaskSums {
  const area = amounts.length / faces;
  const sums = { within: new Float64Array(faces), all: new Float64Array(faces), area: new Float64Array(faces) };
  for (let face = 0; face < faces; face++) {
    let within = 0;
    let all = 0;
    let covered = 0;
    for (let p = face * area; p < (face + 1) * area; p++) {
      within += amounts[p] * mask[p];
      all += amounts[p];
      covered += mask[p];
    }
    sums.within[face] = within;
    sums.all[face] = all;
    sums.area[face] = covered;
  }
  return sums;
}

/** Resamples of an interval. */
const resamples = 1000;
/** Faces of each resample, by how many faces there are: the same for every statistic. */
const drawn = new Map<number, readonly (readonly number[])[]>();

/**
 * The middle 95 % of a statistic over resamples of the faces, drawn with replacement: what other faces of the same
 * generator would give, the bootstrap's percentile interval. A little too narrow for few faces. NaN for one face.
 * Resamples in which it is not known are left out.
 */
export function faceInterval(faces: number, statistic: (faces: readonly number[]) => number): [number, number] {
  if (faces < 2) return [Number.NaN, Number.NaN];
  const values = resamplesOf(faces)
    .map(statistic)
    .filter((value) => !Number.isNaN(value));
  if (values.length === 0) return [Number.NaN, Number.NaN];
  values.sort((a, b) => a - b);
  return [quantileSorted(values, 0.025), quantileSorted(values, 0.975)];
}

function resamplesOf(faces: number): readonly (readonly number[])[] {
  const known = drawn.get(faces);
  if (known) return known;
  const random = randomStream(1);
  const sample = () => Array.from({ length: faces }, () => uniformIndex(random, faces));
  const samples = Array.from({ length: resamples }, sample);
  drawn.set(faces, samples);
  return samples;
}

/** Sum of some faces' numbers. */
export function over(faces: readonly number[], numbers: Float64Array): number {
  let sum = 0;
  for (const face of faces) sum += numbers[face];
  return sum;
}
