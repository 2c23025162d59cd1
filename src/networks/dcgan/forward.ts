import { has } from "../../kinds.js";
import { loadTensorflow } from "../../tensors/backend.js";
import type { Tensor } from "../../tensors/tensorflow.js";
import type { Generator } from "./generator.js";
import { forwardImages, inferenceLayers } from "./inference.js";
import { countLatents } from "./latents.js";
import { imageSize } from "./size.js";

/** Latents made in one call of the tensor library. */
const batch = 32;

/**
 * The images that a generator makes of latents, all units intact, BatchNorm as it was trained:
 * `[count, 3, size, size]`, from 0 to 1. Computed by the tensor backend.
 *
 * @param latents `[count, latents]`
 * @throws RangeError for another number of latents
 */
export async function generateImages(generator: Generator, latents: Float32Array): Promise<Float32Array> {
  has("generator", generator, "a Generator", "layers", "latents");
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
