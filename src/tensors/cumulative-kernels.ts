import type { Tensorflow } from "./tensorflow.js";

const mended = new WeakSet<object>();

/**
 * Mends the cumulative sums and products of TensorFlow.js 4.22 over an axis that is counted from the end: WebAssembly
 * and plain JavaScript take it for an axis before the first, and give numbers of no shape without a word.
 */
export function supplyCumulativeKernels(tf: Tensorflow, backendName: "wasm" | "cpu"): void {
  for (const name of ["Cumsum", "Cumprod"]) {
    const own = tf.getKernel(name, backendName);
    if (mended.has(own.kernelFunc)) continue;
    const kernelFunc: typeof own.kernelFunc = (params) => {
      const { axis } = params.attrs as { axis: number };
      if (axis >= 0) return own.kernelFunc(params);
      const { x } = params.inputs;
      const attrs = { ...params.attrs, axis: axis + (x as NonNullable<typeof x>).shape.length };
      return own.kernelFunc({ ...params, attrs });
    };
    mended.add(kernelFunc);
    tf.unregisterKernel(name, backendName);
    tf.registerKernel({ ...own, kernelFunc });
  }
}
