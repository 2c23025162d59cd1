import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import { randomStream } from "../../coalitions/random.js";
import { invalid, positiveInteger, validSeed } from "../../errors.js";
import { loadTensorflow } from "../../tensors/backend.js";
import { batchNormEpsilon, type Generator, type GeneratorLayer } from "./generator.js";
import { normalNumbers } from "./parameters.js";
import { channels, imageSize } from "./size.js";

/** Latents made in one call of the tensor library. */
const batch = 32;

/**
 * Latents, each standard normal, `[count, latents]`: the seeds from which a generator makes its images.
 *
 * @param seed an integer from 0 to 2^32 - 1; equal seeds give equal latents, and the first of more are the same ones
 */
export function randomLatents(generator: Pick<Generator, "latents">, count: number, seed = 1): Float32Array {
  const random = randomStream(validSeed(seed));
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
  const widths = channels(generator);
  const layers = tf.tidy(() => generator.parts.map(inferenceTensors));
  try {
    for (let from = 0; from < count; from += batch) {
      const rows = Math.min(batch, count - from);
      const made = tf.tidy(() => {
        const part = latents.slice(from * generator.latents, (from + rows) * generator.latents);
        let values = tf.tensor2d(part, [rows, generator.latents]) as Tensor;
        layers.forEach(({ filter, slope, shift }, l) => {
          const width = 4 * 2 ** l;
          values =
            l === 0
              ? tf.reshape(tf.matMul(values as Tensor2D, filter as Tensor2D), [rows, 4, 4, widths[0]])
              : tf.conv2dTranspose(values as Tensor4D, filter as Tensor4D, [rows, width, width, widths[l]], 2, 1);
          if (slope && shift) values = tf.relu(tf.add(tf.mul(values, slope), shift));
        });
        return tf.transpose(tf.sigmoid(values), [0, 3, 1, 2]);
      });
      images.set(await made.data<"float32">(), from * 3 * size * size);
      made.dispose();
    }
  } finally {
    tf.dispose(layers as unknown as Tensor[]);
  }
  return images;

  function inferenceTensors({ inputs, outputs, weights, norm }: GeneratorLayer, l: number) {
    const whole = tf.tensor4d(weights, [inputs, outputs, 4, 4]);
    const filter: Tensor =
      l === 0
        ? tf.reshape(tf.transpose(whole, [0, 2, 3, 1]), [inputs, 16 * outputs])
        : tf.transpose(whole, [2, 3, 1, 0]);
    if (!norm) return { filter };
    const { slope, shift } = affine(norm);
    return { filter, slope: tf.tensor1d(slope), shift: tf.tensor1d(shift) };
  }
}

/** BatchNorm as it was trained is `slope x + shift` for each channel. */
export function affine({ scale, shift, mean, variance }: NonNullable<GeneratorLayer["norm"]>) {
  const slope = scale.map((gamma, c) => gamma / Math.sqrt(variance[c] + batchNormEpsilon));
  return { slope, shift: shift.map((beta, c) => beta - mean[c] * slope[c]) };
}
