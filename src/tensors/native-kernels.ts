import type { Tensorflow } from "./tensorflow.js";

/**
 * Mends TensorFlow's native backend of TensorFlow.js 4.22 where it computes wrong numbers without a word: the rounding
 * of integers gives zeros; it is now what it should be, the integers themselves. Where that backend lacks something it
 * says so.
 */
export function supplyNativeKernels(tf: Tensorflow): void {
  const own = tf.getKernel("Round", "tensorflow");
  if (!own || mended.has(own.kernelFunc)) return;
  const kernelFunc: typeof own.kernelFunc = (params) => {
    const { x } = params.inputs;
    if (x?.dtype !== "int32") return own.kernelFunc(params);
    return tf.getKernel("Identity", "tensorflow").kernelFunc(params);
  };
  mended.add(kernelFunc);
  tf.unregisterKernel("Round", "tensorflow");
  tf.registerKernel({ ...own, kernelFunc });
}

/** Kernels of this module's making: both native packages register theirs, one over the other. */
const mended = new WeakSet<object>();
