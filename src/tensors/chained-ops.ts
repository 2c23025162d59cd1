import type { Tensor, Tensorflow } from "./tensorflow.js";

/** Methods of tensors that are the function of the same name with the tensor as its first argument. */
const sameName =
  "abs acos acosh add all any argMax argMin asin asinh atan atan2 atanh avgPool batchNorm batchToSpaceND broadcastTo cast ceil " +
  "clipByValue conv1d conv2d conv2dTranspose cos cosh cumprod cumsum depthToSpace depthwiseConv2d dilation2d div divNoNan dot elu equal " +
  "erf euclideanNorm exp expandDims expm1 fft floor floorDiv gather greater greaterEqual ifft irfft isFinite isInf isNaN leakyRelu less " +
  "lessEqual localResponseNormalization log log1p logSigmoid logSoftmax logSumExp logicalAnd logicalNot logicalOr logicalXor matMul max " +
  "maxPool maximum mean min minimum mirrorPad mod mul neg norm notEqual oneHot onesLike pad pool pow prelu prod reciprocal relu relu6 " +
  "reshape resizeBilinear resizeNearestNeighbor reverse rfft round rsqrt selu separableConv2d sigmoid sign sin sinh slice softmax softplus " +
  "spaceToBatchND split sqrt square squaredDifference squeeze step stridedSlice sub sum tan tanh tile topk transpose unique " +
  "unsortedSegmentSum unstack zerosLike";

type Operation = (...given: unknown[]) => unknown;

/**
 * Gives tensors their methods, `x.add(y)` for `tf.add(x, y)`: the package `@tensorflow/tfjs` does that, the parts that
 * it is made of do not.
 */
export function chainOperations(tf: Tensorflow): void {
  const prototype = tf.Tensor.prototype as unknown as Record<string, Operation>;
  const places = [tf, tf.image, tf.spectral] as unknown as Record<string, Operation>[];
  const define = (name: string, method: (tensor: Tensor, ...given: never[]) => unknown): void => {
    prototype[name] ??= function (this: Tensor, ...given: unknown[]) {
      (this as unknown as { throwIfDisposed(): void }).throwIfDisposed();
      return method(this, ...(given as never[]));
    };
  };
  for (const name of sameName.split(" ")) {
    const operation = places.find((place) => typeof place[name] === "function")?.[name];
    if (operation) define(name, (tensor, ...given) => operation(tensor, ...given));
  }
  const all = (other: Tensor | Tensor[]): Tensor[] => (Array.isArray(other) ? other : [other]);
  define("asScalar", (tensor) => tf.reshape(tensor, []));
  define("flatten", (tensor) => tf.reshape(tensor, [tensor.size]));
  define("as1D", (tensor) => tf.reshape(tensor, [tensor.size]));
  for (const rank of [2, 3, 4, 5]) define(`as${rank}D`, (tensor, ...shape: number[]) => tf.reshape(tensor, shape));
  define("reshapeAs", (tensor, other: Tensor) => tf.reshape(tensor, other.shape));
  define("asType", (tensor, kind: "float32") => tf.cast(tensor, kind));
  define("toBool", (tensor) => tf.cast(tensor, "bool"));
  define("toFloat", (tensor) => tf.cast(tensor, "float32"));
  define("toInt", (tensor) => tf.cast(tensor, "int32"));
  define("concat", (tensor, other: Tensor | Tensor[], axis?: number) => tf.concat([tensor, ...all(other)], axis));
  define("stack", (tensor, other: Tensor | Tensor[], axis?: number) => tf.stack([tensor, ...all(other)], axis));
  define("where", (tensor, condition: Tensor, other: Tensor) => tf.where(condition, tensor, other));
}
