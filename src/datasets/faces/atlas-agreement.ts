import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { randomStream } from "../../coalitions/random-streams.js";
import { invalid, notNegative, validSeed } from "../../errors.js";
import { has } from "../../kinds.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { imageNumbers } from "../image-set.js";
import type { DrawnFaces } from "./drawn-faces.js";
import { type FaceAtlas, trueMasks } from "./face-atlas.js";
import { type FaceArea, faceAreas } from "./face-mask.js";
import { type LikenessMasksOptions, likenessMasks, likenessMasksOptionNames } from "./likeness-masks.js";

/** Options of {@link atlasAgreement}. */
export interface AtlasAgreementOptions extends LikenessMasksOptions {
  /**
   * Standard deviation of noise added to the held-out images, of 1; default 0. With 0.1 drawn faces differ from pixel
   * to pixel as much as those of the generator `faces-16` do.
   */
  readonly speckle?: number;
  /** Of the speckle; default 1. */
  readonly seed?: number;
}

/** The names of `AtlasAgreementOptions`. */
export const atlasAgreementOptionNames: OptionNames<AtlasAgreementOptions> = {
  ...likenessMasksOptionNames,
  speckle: true,
  seed: true,
};

/** How well masks told from an atlas fit the true ones, of one area. */
export interface AtlasAgreementRow {
  readonly area: FaceArea;
  /** Of the held-out faces, how many show it. */
  readonly faces: number;
  /** Share of all pixels that truly show it. */
  readonly share: number;
  /**
   * Pixels where the mask is 0.5 or more and that truly show it, over pixels where either is so, all faces together.
   */
  readonly iou: number;
  /** Pearson's r of masks and truth, over all pixels of all faces. */
  readonly correlation: number;
}

/**
 * How right {@link likenessMasks} is: masks told from an atlas for drawn faces, whose true masks are known, held
 * against these. It says how well areas are told in drawings; generated images are less clear, and have no truth.
 *
 * @param heldOut faces that are not in the atlas: of another seed, or after its last
 * @throws RangeError where the faces have another size than the atlas', or are in it
 * @example
 * const atlas = await loadFaceAtlas({ seed: 1 });
 * table(await atlasAgreement(atlas, await drawFaces({ count: 40, seed: 2 })));
 */
export async function atlasAgreement(
  atlas: FaceAtlas,
  heldOut: DrawnFaces,
  options: AtlasAgreementOptions = {},
): Promise<AtlasAgreementRow[]> {
  knownOptions("atlasAgreement", options, atlasAgreementOptionNames);
  has("atlas", atlas, "FaceAtlas", "images", "masks");
  if (heldOut.size !== atlas.size) throw invalid("held-out faces", `faces of ${atlas.size} pixels`, heldOut.size);
  const speckle = notNegative("speckle", options.speckle ?? 0);
  const random = randomStream(validSeed(options.seed ?? 1));
  const images = imageNumbers(heldOut);
  refuseKnown(atlas, images, heldOut.count);
  if (speckle > 0) {
    const width = Math.sqrt(12) * speckle; // of the uniform distribution with this standard deviation
    images.forEach((level, i) => {
      images[i] = Math.max(0, Math.min(1, level + width * (uniformFloat64(random) - 0.5)));
    });
  }
  const truth = await trueMasks(heldOut, options.signal);
  const { speckle: _, seed: __, ...ofMasks } = options;
  const { masks } = await likenessMasks(atlas, images, ofMasks);
  return faceAreas.map((area) => ({
    area,
    faces: countFaces(truth[area], heldOut.count),
    share: sum(truth[area], (there) => there) / truth[area].length,
    iou: overlap(masks[area], truth[area]),
    correlation: correlation(masks[area], truth[area]),
  }));
}

function refuseKnown(atlas: FaceAtlas, images: Float32Array, count: number): void {
  const numbers = images.length / count;
  const known = new Set(Array.from({ length: atlas.count }, (_, i) => key(atlas.images, i, numbers)));
  for (let i = 0; i < count; i++) {
    if (known.has(key(images, i, numbers))) throw invalid("held-out faces", "faces that are not in the atlas", i);
  }
}

function key(images: Float32Array, i: number, numbers: number): string {
  return Buffer.from(images.buffer, images.byteOffset + 4 * i * numbers, 4 * numbers).toString("base64");
}

function countFaces(mask: Uint8Array, faces: number): number {
  const area = mask.length / faces;
  return Array.from({ length: faces }, (_, i) => mask.subarray(i * area, (i + 1) * area)).filter((m) => m.includes(1))
    .length;
}

function overlap(mask: Float32Array, truth: Uint8Array): number {
  let both = 0;
  let either = 0;
  truth.forEach((there, p) => {
    const told = mask[p] >= 0.5;
    if (told && there) both++;
    if (told || there) either++;
  });
  return both / either;
}

function sum(array: Uint8Array | Float32Array, of: (value: number, p: number) => number): number {
  let total = 0;
  for (let p = 0; p < array.length; p++) total += of(array[p], p);
  return total;
}

function correlation(mask: Float32Array, truth: Uint8Array): number {
  const n = mask.length;
  const m = sum(mask, (value) => value) / n;
  const t = sum(truth, (value) => value) / n;
  const covariance = sum(mask, (value, p) => (value - m) * (truth[p] - t));
  return covariance / Math.sqrt(sum(mask, (value) => (value - m) ** 2) * sum(truth, (value) => (value - t) ** 2));
}
