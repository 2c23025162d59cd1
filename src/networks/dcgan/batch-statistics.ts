import { loadTensorflow } from "../../tensors/backend.js";
import type { Tensor } from "../../tensors/tensorflow.js";
import { type Generator, generatorOf } from "./generator.js";
import { inferenceLayers } from "./inference.js";
import { countLatents } from "./latents.js";
import { generated } from "./training-networks.js";

/**
 * The generator with the means and variances of its BatchNorms set to those that a batch of latents has, layer after
 * layer, gamma and beta as they were: every channel then takes in numbers of mean 0 and variance 1 before gamma and
 * beta. Computed by the tensor backend, the whole batch at once.
 *
 * @param latents `[count, latents]`
 */
export async function withBatchStatistics(generator: Generator, latents: Float32Array): Promise<Generator> {
  const { tf } = await loadTensorflow();
  const count = countLatents(generator, latents);
  const seen: Tensor[] = [];
  tf.tidy(() => {
    const parameters = inferenceLayers(tf, generator).flatMap(({ filter }, l) => {
      const { norm } = generator.parts[l];
      return norm ? [filter, tf.tensor1d(norm.scale), tf.tensor1d(norm.shift)] : [filter];
    });
    const batch = tf.tensor2d(latents, [count, generator.latents]);
    generated(tf, generator, parameters, batch, (mean, variance) => seen.push(mean, variance));
  });
  const numbers = await Promise.all(seen.map((tensor) => tensor.data<"float32">()));
  tf.dispose(seen);
  const parts = generator.parts.map((layer, l) => {
    if (!layer.norm) return layer;
    const [mean, variance] = [numbers[2 * l], numbers[2 * l + 1]].map((statistic) => Float32Array.from(statistic));
    return { ...layer, norm: { ...layer.norm, mean, variance } };
  });
  return generatorOf(generator, parts);
}
