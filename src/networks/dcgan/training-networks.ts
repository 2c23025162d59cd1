import type { Tensorflow } from "../../tensors/backend.js";
import type { Tensor, Tensor2D, Tensor4D } from "../../tensors/tensorflow.js";
import { type DiscriminatorOptions, isNormalised } from "./parameters.js";
import { channels, type DcganSize } from "./size.js";
import { batchNormalised, leaky, type SeeStatistics, withDeviation } from "./training-layers.js";

/**
 * Images `[count, height, width, 3]` that a generator makes of latents `[count, latents]` while it is trained:
 * BatchNorm with the batch's statistics, which `see` is told layer by layer.
 *
 * @param parameters in the order of `initialGenerator`
 */
export function generated(
  tf: Tensorflow,
  size: DcganSize,
  parameters: readonly Tensor[],
  latents: Tensor2D,
  see?: SeeStatistics,
): Tensor4D {
  const widths = channels(size);
  const count = latents.shape[0];
  let next = 0;
  let values: Tensor4D | undefined;
  widths.forEach((outputs, l) => {
    const filter = parameters[next++] as Tensor4D;
    const width = 4 * 2 ** l;
    if (values === undefined) {
      // On a single pixel a transposed convolution is a product of matrices.
      const rows = tf.matMul(latents, filter as Tensor as Tensor2D);
      values = tf.reshape(rows, [count, 4, 4, outputs]) as Tensor4D;
    } else {
      values = tf.conv2dTranspose(values, filter, [count, width, width, outputs], 2, "same");
    }
    if (l === widths.length - 1) return;
    values = tf.relu(batchNormalised(tf, values, parameters[next++], parameters[next++], see));
  });
  return tf.sigmoid(values as unknown as Tensor4D);
}

/**
 * Logits `[count, 1]` of a discriminator for images `[count, height, width, 3]` in [0, 1]: convolutions that halve,
 * LeakyReLU of 0.2, and one that covers the 4 x 4 pixels left. Every filter is divided by its largest singular value.
 *
 * @param parameters in the order of `initialDiscriminator`
 * @param directions what {@link powerIteration} gave for each filter
 */
export function judged(
  tf: Tensorflow,
  layers: number,
  options: DiscriminatorOptions,
  parameters: readonly Tensor[],
  directions: readonly Directions[],
  images: Tensor4D,
): Tensor2D {
  let next = 0;
  let values = options.centred ? (tf.sub(tf.mul(images, 2), 1) as Tensor4D) : images;
  for (let l = 0; l < layers; l++) {
    const filter = spectrallyNormalised(tf, parameters[next++] as Tensor4D, directions[l]);
    const last = l === layers - 1;
    if (last) {
      if (options.deviation) values = withDeviation(tf, values);
      const [count] = values.shape;
      const size = filter.size;
      const logits = tf.matMul(tf.reshape(values, [count, size]), tf.reshape(filter, [size, 1])) as Tensor2D;
      return options.biases ? (tf.add(logits, parameters[next++]) as Tensor2D) : logits;
    }
    values = tf.conv2d(values, filter, 2, "same");
    if (options.biases) values = tf.add(values, parameters[next++]) as Tensor4D;
    if (isNormalised(l, layers, options)) values = batchNormalised(tf, values, parameters[next++], parameters[next++]);
    values = leaky(tf, values, 0.2);
  }
  throw new Error("a discriminator without layers");
}

/**
 * Left and right singular vectors of a filter's matrix `[16 inputs, outputs]`, nearly: `[16 inputs, 1]` and
 * `[1, outputs]`.
 */
export interface Directions {
  readonly left: Tensor;
  readonly right: Tensor;
}

/** One step of power iteration on each filter (Miyato et al. 2018), without a gradient. */
export function powerIteration(tf: Tensorflow, filter: Tensor, right: Tensor): Directions {
  const outputs = filter.shape[3] as number;
  const matrix = tf.reshape(filter, [filter.size / outputs, outputs]);
  const unit = (x: Tensor) => tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), 1e-12));
  const left = unit(tf.matMul(matrix, right, false, true));
  return { left, right: unit(tf.matMul(left, matrix, true, false)) };
}

/** The filter divided by left' matrix right; the gradient goes through both. */
function spectrallyNormalised(tf: Tensorflow, filter: Tensor4D, { left, right }: Directions): Tensor4D {
  const outer = tf.reshape(tf.matMul(left, right), filter.shape);
  return tf.div(filter, tf.sum(tf.mul(filter, outer)));
}
