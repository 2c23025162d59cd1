import type { Tensorflow } from "../../tensors/backend.js";
import type { Scalar, Tensor, Tensor2D, Tensor4D } from "../../tensors/tensorflow.js";
import { batchNormalised, type SeeStatistics } from "../dcgan/training-layers.js";
import type { Convolution, ResidualLayers } from "./shape.js";

type Save = (tensors: Tensor[]) => void;

/**
 * Logits `[count, classes]` of images `[count, size, size, 3]` while a network is trained: BatchNorm with the batch's
 * statistics, which `see` is told, convolution by convolution.
 *
 * @param parameters in the order of `initialResidual`
 */
export function trainingLogits(
  tf: Tensorflow,
  { stem, blocks }: ResidualLayers,
  parameters: readonly Tensor[],
  images: Tensor4D,
  see?: SeeStatistics,
): Tensor2D {
  let next = 0;
  const normalised = (x: Tensor4D, convolution: Convolution) => {
    const [filter, scale, shift] = parameters.slice(next, next + 3);
    next += 3;
    return batchNormalised(tf, convolved(tf, x, filter as Tensor4D, convolution), scale, shift, see);
  };
  let x = silu(tf, normalised(images, stem));
  for (const { first, second, shortcut } of blocks) {
    const inner = normalised(silu(tf, normalised(x, first)), second);
    x = silu(tf, tf.add(inner, shortcut ? normalised(x, shortcut) : x) as Tensor4D);
  }
  const [weights, biases] = parameters.slice(next) as [Tensor2D, Tensor];
  const [count, height, width, channels] = x.shape;
  const places = tf.reshape(x, [count, height * width, channels]);
  return tf.add(tf.matMul(tf.mean(places, 1) as Tensor2D, weights), biases) as Tensor2D;
}

/**
 * A convolution with a padding of 1 (of 0 where it is 1 x 1), as PyTorch's. What the gradients of WebAssembly are slow
 * at is written as what they are fast at: with stride 2 a filter of 3 x 3 as one of 4 x 4 whose last row and column are
 * 0, and one of 1 x 1 as a product with every second place.
 */
function convolved(tf: Tensorflow, x: Tensor4D, filter: Tensor4D, { kernel, stride }: Convolution): Tensor4D {
  if (kernel === 1) {
    const places = stride === 2 ? everySecond(tf, x) : x;
    const [count, height, width, inputs] = places.shape;
    const rows = tf.reshape(places, [count * height * width, inputs]) as Tensor2D;
    const outputs = filter.shape[3];
    return tf.reshape(tf.matMul(rows, tf.reshape(filter, [inputs, outputs]) as Tensor2D), [
      count,
      height,
      width,
      outputs,
    ]) as Tensor4D;
  }
  if (stride === 1) return tf.conv2d(x, filter, 1, "same");
  const wider = tf.pad(filter, [
    [0, 1],
    [0, 1],
    [0, 0],
    [0, 0],
  ]) as Tensor4D;
  return tf.conv2d(x, wider, 2, "same");
}

/** Rows 0, 2, ... and of them columns 0, 2, ... */
function everySecond(tf: Tensorflow, x: Tensor4D): Tensor4D {
  const [count, height, width, channels] = x.shape;
  const rows = tf.slice(tf.reshape(x, [(count * height) / 2, 2 * width * channels]), [0, 0], [-1, width * channels]);
  const places = (count * height * width) / 4;
  const columns = tf.slice(tf.reshape(rows, [places, 2 * channels]), [0, 0], [-1, channels]);
  return tf.reshape(columns, [count, height / 2, width / 2, channels]) as Tensor4D;
}

/** x times its sigmoid. */
export function silu(tf: Tensorflow, x: Tensor4D): Tensor4D {
  const apply = tf.customGrad((input, save) => {
    const sigmoid = tf.sigmoid(input as Tensor);
    const value = tf.mul(input as Tensor, sigmoid);
    (save as Save)([sigmoid, value]);
    // (x s)' = s + x s (1 - s)
    return { value, gradFunc: (dy, [s, y]) => tf.mul(dy, tf.add(s, tf.mul(y, tf.sub(1, s)))) };
  });
  return apply(x) as Tensor4D;
}

/** Mean cross-entropy of logits `[count, classes]`, nats. @param targets 1 for the class of each row, else 0 */
export function meanCrossEntropy(tf: Tensorflow, logits: Tensor2D, targets: Tensor2D): Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1))) as Scalar;
}
