import type { Tensorflow } from "../../tensors/backend.js";
import type { Tensor, Tensor2D, Tensor4D } from "../../tensors/tensorflow.js";
import { batchNormEpsilon, type Generator, type GeneratorLayer } from "./generator.js";

/** BatchNorm as it was trained is `slope x + shift` for each channel. */
export function affine({ scale, shift, mean, variance }: NonNullable<GeneratorLayer["norm"]>) {
  const slope = scale.map((gamma, c) => gamma / Math.sqrt(variance[c] + batchNormEpsilon));
  return { slope, shift: shift.map((beta, c) => beta - mean[c] * slope[c]) };
}

/** A layer of a generator as tensors. */
export interface InferenceLayer {
  /** `[inputs, 16 outputs]` in the first layer, which acts on single pixels; else `[4, 4, outputs, inputs]`. */
  readonly filter: Tensor;
  /** BatchNorm as it was trained, each `[outputs]`; undefined in the last layer. */
  readonly norm: { readonly slope: Tensor; readonly shift: Tensor } | undefined;
}

/** The layers of a generator on the tensor backend; to be disposed of. */
export function inferenceLayers(tf: Tensorflow, generator: Generator): InferenceLayer[] {
  return tf.tidy(() =>
    generator.parts.map(({ inputs, outputs, weights, norm }, l) => {
      const whole = tf.tensor4d(weights, [inputs, outputs, 4, 4]);
      const filter: Tensor =
        l === 0
          ? tf.reshape(tf.transpose(whole, [0, 2, 3, 1]), [inputs, 16 * outputs])
          : tf.transpose(whole, [2, 3, 1, 0]);
      if (!norm) return { filter, norm: undefined };
      const { slope, shift } = affine(norm);
      return { filter, norm: { slope: tf.tensor1d(slope), shift: tf.tensor1d(shift) } };
    }),
  );
}

/**
 * The transposed convolution of a layer, without what follows it.
 *
 * @param values what the layer takes in: latents, `[rows, latents]`, or `[rows, width, width, inputs]`
 * @returns `[rows, 4, 4, outputs]`, or `[rows, 2 width, 2 width, outputs]`
 */
export function transposedConvolution(tf: Tensorflow, filter: Tensor, values: Tensor): Tensor4D {
  const [rows] = values.shape;
  if (filter.rank === 2) {
    const pixels = tf.matMul(values as Tensor2D, filter as Tensor2D);
    return tf.reshape(pixels, [rows, 4, 4, (pixels as Tensor2D).shape[1] / 16]);
  }
  const [width, outputs] = [2 * (values as Tensor4D).shape[1], (filter as Tensor4D).shape[2]];
  return tf.conv2dTranspose(values as Tensor4D, filter as Tensor4D, [rows, width, width, outputs], 2, "same");
}

/** The images `[rows, 3, size, size]` of latents `[rows, latents]`, nothing lesioned. */
export function forwardImages(tf: Tensorflow, layers: readonly InferenceLayer[], latents: Tensor2D): Tensor4D {
  return tf.tidy(() => {
    let values: Tensor = latents;
    for (const { filter, norm } of layers) {
      values = transposedConvolution(tf, filter, values);
      if (norm) values = tf.relu(tf.add(tf.mul(values, norm.slope), norm.shift));
    }
    return tf.transpose(tf.sigmoid(values) as Tensor4D, [0, 3, 1, 2]);
  });
}
