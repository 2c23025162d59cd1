import { trainingStreams } from "../coalitions/random-streams.js";
import { validSeed } from "../errors.js";
import { sha256 } from "../files.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames, type SeedOption, type SignalOption, validSignal } from "../options.js";
import { pacer } from "../pace.js";
import type { ImageSet } from "./image-set.js";

/** Options of {@link scrambledImages}. */
export type ScrambledOptions = SeedOption & SignalOption;

const scrambledOptionNames: OptionNames<ScrambledOptions> = { seed: true, signal: true };

/**
 * Images with the same mean colours, contrasts and spatial spectra as the given ones, as different from each other as
 * these are, and with none of their shapes: a control for what a network learns of shapes. Each coefficient of the
 * cosine transform (DCT-II) keeps its size and gets a random sign, the same for all images and colours; the mean keeps
 * its own. This turns the space of images, so distances between them stay as they were, but that what then lies below 0
 * or above 255 is cut off.
 *
 * @param options `seed`, an integer from 0 to 2^32 - 1, default 1; `signal` stops it: the promise is rejected with its
 *   reason
 * @example
 * const noise = await scrambledImages(await drawFaces({ count: 1000 }));
 */
export async function scrambledImages(images: ImageSet, options: ScrambledOptions = {}): Promise<ImageSet> {
  knownOptions("scrambledImages", options, scrambledOptionNames);
  has("images", images, "an ImageSet", "count", "pixels");
  const seed = validSeed(options.seed ?? 1);
  const signal = validSignal(options.signal);
  const { count, size } = images;
  const random = trainingStreams(seed)(0);
  const pace = pacer(signal);
  const cosines = cosineMatrix(size);
  const area = size * size;
  const signs = Float64Array.from({ length: area }, (_, k) => (k > 0 && random.next() < 0 ? -1 : 1));
  const pixels = new Uint8Array(images.pixels.length);
  const [plane, half] = [new Float64Array(area), new Float64Array(area)];
  for (let i = 0; i < count; i++) {
    for (let from = 3 * i * area; from < 3 * (i + 1) * area; from += area) {
      for (let p = 0; p < area; p++) plane[p] = images.pixels[from + p];
      product(cosines, plane, half, size, false);
      product(cosines, half, plane, size, false);
      for (let k = 0; k < area; k++) plane[k] *= signs[k];
      product(cosines, plane, half, size, true);
      product(cosines, half, plane, size, true);
      for (let p = 0; p < area; p++) pixels[from + p] = Math.round(Math.min(255, Math.max(0, plane[p])));
    }
    await pace();
  }
  return { name: `${images.name}, scrambled with seed ${seed}`, count, size, pixels, sha256: sha256(pixels) };
}

/** The orthonormal DCT-II, `[size, size]`: row k is the cosine of k half cycles. */
function cosineMatrix(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, i) => {
    const [k, x] = [Math.floor(i / size), i % size];
    return Math.sqrt((k === 0 ? 1 : 2) / size) * Math.cos((Math.PI * (x + 0.5) * k) / size);
  });
}

/** The transposed of `matrix x plane`, or of `matrix^T x plane`: done twice, rows and columns are transformed. */
function product(
  matrix: Float64Array,
  plane: Float64Array,
  out: Float64Array,
  size: number,
  transposed: boolean,
): void {
  const [alongRow, alongColumn] = transposed ? [1, size] : [size, 1];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += matrix[row * alongRow + k * alongColumn] * plane[k * size + column];
      out[column * size + row] = sum;
    }
  }
}
