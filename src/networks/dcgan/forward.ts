import { randomStream } from "../../coalitions/random-streams.js";
import { invalid, positiveInteger } from "../../errors.js";
import { type SeedOption, seedOf } from "../../options.js";
import { loadTensorflow } from "../../tensors/backend.js";
import type { Tensor } from "../../tensors/tensorflow.js";
import type { Generator } from "./generator.js";
import { forwardImages, inferenceLayers } from "./inference.js";
import { normalNumbers } from "./parameters.js";
import { imageSize } from "./size.js";

/** Latents made in one call of the tensor library. */
const batch = 32;

/**
 * Latents, each standard normal, `[count, latents]`: the seeds from which a generator makes its images.
 *
 * @param options.seed an integer from 0 to 2^32 - 1; equal seeds give equal latents, and the first of more are the same ones
 */
export function randomLatents(
  generator: Pick<Generator, "latents">,
  count: number,
  options: SeedOption = {},
): Float32Array {
  const random = randomStream(seedOf("randomLatents", options));
  const { latents } = generator;
  const numbers = new Float32Array(positiveInteger("count", count) * latents);
  for (let row = 0; row < count; row++) numbers.set(normalNumbers(random, latents), row * latents);
  return numbers;
}

/** How many latents an array holds. @throws RangeError where it does not hold whole ones, at least one */
export function countLatents({ latents }: Pick<Generator, "latents">, array: Float32Array): number {
  const count = array.length / latents;
  if (!Number.isInteger(count) || count < 1) {
    throw invalid("latents", `${latents} numbers for each image, at least one image`, array);
  }
  if (!array.every(Number.isFinite))
    throw invalid(
      "latents",
      "finite numbers",
      array.find((x) => !Number.isFinite(x)),
    );
  return count;
}

/**
 * The images that a generator makes of latents, all units intact, BatchNorm as it was trained: `[count, 3, size, size]`, from 0
 * to 1. Computed by the tensor backend.
 *
 * @param latents `[count, latents]`
 * @throws RangeError for another number of latents
 */
export async function generateImages(generator: Generator, latents: Float32Array): Promise<Float32Array> {
  const { tf } = await loadTensorflow();
  const count = countLatents(generator, latents);
  const size = imageSize(generator);
  const images = new Float32Array(count * 3 * size * size);
  const layers = inferenceLayers(tf, generator);
  try {
    for (let from = 0; from < count; from += batch) {
      const rows = Math.min(batch, count - from);
      const part = latents.slice(from * generator.latents, (from + rows) * generator.latents);
      const made = tf.tidy(() => forwardImages(tf, layers, tf.tensor2d(part, [rows, generator.latents])));
      images.set(await made.data<"float32">(), from * 3 * size * size);
      made.dispose();
    }
  } finally {
    tf.dispose(layers as unknown as Tensor[]);
  }
  return images;
}
