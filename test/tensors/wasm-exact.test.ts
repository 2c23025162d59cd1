import type { Tensor } from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { loadTensorflow, type Tensorflow } from "../../src/tensors/backend.js";

/** Numbers from -1 to 1 that follow no order. */
function numbers(tf: Tensorflow, shape: number[], shift = 0): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i + shift)),
    shape,
  );
}
const whole = (tf: Tensorflow, shape: number[]) => tf.cast(tf.mul(numbers(tf, shape), 9), "int32");
const booleans = (tf: Tensorflow, shape: number[], shift = 0) => tf.greater(numbers(tf, shape, shift), 0.1);
const slopes = (tf: Tensorflow, shape: number[]) => tf.abs(numbers(tf, shape, 1));
const indices = (tf: Tensorflow, values: number[], shape: number[]) => tf.tensor(values, shape, "int32");

/** What the WebAssembly backend computes otherwise by itself, or writes over its memory with. */
const cases: Readonly<Record<string, (tf: Tensorflow) => Tensor>> = {
  "the largest of negative numbers in three dimensions": (tf) =>
    tf.maxPool3d(tf.neg(slopes(tf, [2, 4, 4, 4, 3])) as never, 2, 2, "valid"),
  "a dilation of negative numbers": (tf) =>
    tf.dilation2d(tf.neg(slopes(tf, [2, 5, 5, 3])) as never, tf.zeros([2, 2, 3]), 1, "same"),
  "a transposed convolution in three dimensions": (tf) =>
    tf.conv3dTranspose(
      numbers(tf, [2, 3, 3, 3, 2]) as never,
      numbers(tf, [2, 2, 2, 3, 2]) as never,
      [2, 6, 6, 6, 3],
      2,
      "valid",
    ),
  "what each row of a batch gathers": (tf) =>
    tf.gather(numbers(tf, [4, 3, 2]), indices(tf, [2, 0, 1, 1, 0, 2, 2, 2], [4, 2]), 1, 1),
  "numbers as booleans": (tf) => tf.cast(tf.tensor1d([0, 0.5, -0.3, 1, 2, 1e-9, Number.NaN]), "bool"),
  "whole numbers as booleans": (tf) => tf.cast(indices(tf, [0, 1, 2, 256, -1], [5]), "bool"),
  "large whole numbers below 0": (tf) => tf.neg(indices(tf, [16777217], [1])),
  "one-hot numbers": (tf) => tf.oneHot(indices(tf, [0, 2, 1], [3]), 3, 0.5, -0.5, "float32"),
  "one-hot booleans": (tf) => tf.oneHot(indices(tf, [0, 2, 1], [3]), 3, 1, 0, "bool"),
  "booleans chosen by booleans": (tf) => tf.where(booleans(tf, [9]), booleans(tf, [9], 1), booleans(tf, [9], 2)),
  "booleans turned round": (tf) => tf.reverse(booleans(tf, [3, 4]), [1]),
  "every second boolean, backwards": (tf) => tf.stridedSlice(booleans(tf, [3, 5]), [0, 4], [3, 0], [1, -2]),
  "whole numbers, backwards": (tf) => tf.stridedSlice(whole(tf, [6, 5]), [5, 0], [0, 5], [-2, 2]),
  "slopes spread along the last axis": (tf) => tf.prelu(numbers(tf, [2, 3, 4]), slopes(tf, [3, 1])),
  "a product of transposed matrices with a bias": (tf) =>
    tf.fused.matMul({
      a: numbers(tf, [5, 3]) as never,
      b: numbers(tf, [4, 5], 1) as never,
      transposeA: true,
      transposeB: true,
      bias: numbers(tf, [4], 2),
    }),
  "the nearest pixels of a crop": (tf) =>
    tf.image.cropAndResize(
      numbers(tf, [2, 6, 6, 2]) as never,
      tf.tensor2d([
        [0.1, 0.2, 0.9, 0.8],
        [0, 0, 1, 1],
      ]),
      tf.tensor1d([1, 0], "int32"),
      [3, 4],
      "nearest",
    ),
};

describe("mendWasmKernels", () => {
  it.each(Object.keys(cases))("computes %s as plain JavaScript does", async (name) => {
    const result = async (backend: "cpu" | "wasm") => {
      const { tf } = await loadTensorflow(backend);
      const value = tf.tidy(() => cases[name](tf));
      const { shape, dtype } = value;
      const values = [...(await value.data())];
      value.dispose();
      return { shape, dtype, values };
    };
    const plain = await result("cpu");
    const mended = await result("wasm");
    expect([mended.shape, mended.dtype, mended.values.length]).toEqual([plain.shape, plain.dtype, plain.values.length]);
    mended.values.forEach((value, i) => expect(value).toBeCloseTo(plain.values[i], 5));
  });

  it("leaves nothing behind in the plain backend", async () => {
    const { tf } = await loadTensorflow("wasm");
    const plain = tf.engine().findBackend("cpu") as unknown as { numDataIds(): number };
    const before = [tf.memory().numTensors, plain.numDataIds()];
    for (let i = 0; i < 3; i++) tf.dispose(tf.tidy(() => cases["booleans turned round"](tf)));
    expect([tf.memory().numTensors, plain.numDataIds()]).toEqual(before);
  });
});
