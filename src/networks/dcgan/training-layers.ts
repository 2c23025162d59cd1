import type { Tensorflow } from "../../tensors/backend.js";
import type { Scalar, Tensor, Tensor2D, Tensor4D } from "../../tensors/tensorflow.js";
import { batchNormEpsilon } from "./generator.js";

type Save = (tensors: Tensor[]) => void;

/** Called with the mean and the variance of a batch, each `[1, channels]`; they are the callee's to dispose of. */
export type SeeStatistics = (mean: Tensor2D, variance: Tensor2D, count: number) => void;

/**
 * BatchNorm over images and places with the batch's own statistics, the variance divided by the count. Written out,
 * since each tensor operation costs time; sums over places are products with ones, which WebAssembly computes three
 * times as fast.
 *
 * @param x `[images, height, width, channels]`
 * @param scale gamma, `[channels]`
 * @param shift beta, `[channels]`
 */
export function batchNormalised(
  tf: Tensorflow,
  x: Tensor4D,
  scale: Tensor,
  shift: Tensor,
  see?: SeeStatistics,
): Tensor4D {
  const width = x.shape[3];
  const count = x.size / width;
  const sums = (rows: Tensor) => tf.matMul(tf.ones([1, count]), rows as Tensor2D);
  const normalise = tf.customGrad((input, gamma, beta, save) => {
    const rows = tf.reshape(input as Tensor, [count, width]);
    const mean = tf.div(sums(rows), count) as Tensor2D;
    const centred = tf.sub(rows, mean);
    const variance = tf.div(sums(tf.square(centred)), count) as Tensor2D;
    const inverse = tf.rsqrt(tf.add(variance, batchNormEpsilon));
    const standard = tf.mul(centred, inverse);
    see?.(tf.keep(tf.clone(mean)), tf.keep(tf.clone(variance)), count);
    (save as Save)([standard, tf.mul(inverse, gamma as Tensor)]);
    return {
      value: tf.reshape(tf.add(tf.mul(standard, gamma as Tensor), beta as Tensor), x.shape),
      gradFunc: (dy, [unit, slope]) => {
        const at = tf.reshape(dy, [count, width]);
        const ofShift = sums(at);
        const ofScale = sums(tf.mul(at, unit));
        const common = tf.add(tf.mul(unit, tf.div(ofScale, count)), tf.div(ofShift, count));
        const ofInput = tf.reshape(tf.mul(tf.sub(at, common), slope), x.shape);
        return [ofInput, tf.reshape(ofScale, [width]), tf.reshape(ofShift, [width])];
      },
    };
  });
  return normalise(x, scale, shift) as Tensor4D;
}

/** `x` above 0, `slope x` below; a multiplication each way, where TensorFlow.js compares. */
export function leaky(tf: Tensorflow, x: Tensor4D, slope: number): Tensor4D {
  const rectify = tf.customGrad((input, save) => {
    const slopes = tf.step(input as Tensor, slope);
    (save as Save)([slopes]);
    return { value: tf.mul(input as Tensor, slopes), gradFunc: (dy, [kept]) => tf.mul(dy, kept) };
  });
  return rectify(x) as Tensor4D;
}

/**
 * A channel more: the standard deviation over the batch, averaged over all channels and places, the same number
 * everywhere (Karras et al. 2018, section 3). It shows the discriminator when all images of a batch look alike.
 */
export function withDeviation(tf: Tensorflow, x: Tensor4D): Tensor4D {
  const [images, height, width] = x.shape;
  const rows = tf.reshape(x, [images, x.size / images]);
  const centred = tf.sub(rows, tf.mean(rows, 0, true));
  const deviation = tf.mean(tf.sqrt(tf.add(tf.mean(tf.square(centred), 0), 1e-8)));
  const channel = tf.mul(tf.ones([images, height, width, 1]), deviation);
  return tf.concat([x, channel as Tensor4D], 3);
}

/**
 * Binary cross-entropy of logits against one target for all, averaged, in nats: finite for every finite logit.
 *
 * @param target 1 for real, 0 for generated, or between
 */
export function crossEntropy(tf: Tensorflow, logits: Tensor2D, target: number): Scalar {
  const loss = tf.customGrad((x, save) => {
    (save as Save)([x as Tensor]);
    const tail = tf.log(tf.add(tf.exp(tf.neg(tf.abs(x as Tensor))), 1));
    const each = tf.add(tf.sub(tf.relu(x as Tensor), tf.mul(x as Tensor, target)), tail);
    return {
      value: tf.mean(each),
      gradFunc: (dy, [kept]) => tf.mul(tf.div(tf.sub(tf.sigmoid(kept), target), kept.size), dy),
    };
  });
  return loss(logits) as Scalar;
}
