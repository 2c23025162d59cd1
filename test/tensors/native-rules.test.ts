import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { afterEach, describe, expect, test } from "vitest";
import { describeBackends, loadTensorflow, type Tensorflow } from "../../src/tensors/backend.js";
import { withoutNativeRules } from "./native-rules.js";

type Call = (tf: Tensorflow) => Tensor | readonly Tensor[];

const pictures = (tf: Tensorflow) => tf.randomUniform([2, 8, 8, 3], -1, 1, "float32", 1) as Tensor4D;
const filters = (tf: Tensorflow) => tf.randomUniform([4, 4, 3, 5], -1, 1, "float32", 2) as Tensor4D;
const integers = (tf: Tensorflow) => tf.tensor1d([-4, 0, 9], "int32");
const truths = (tf: Tensorflow) => tf.tensor1d([1, 0, 1], "bool");
const sides: [number, number][] = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];
const gradients = (tf: Tensorflow, pad: never) =>
  tf.grads((x, f) => tf.conv2d(x as Tensor4D, f as Tensor4D, 2, pad))([pictures(tf), filters(tf)]);
const kernel = (name: string, x: (tf: Tensorflow) => Tensor) => (tf: Tensorflow) =>
  tf.engine().runKernel(name, { x: x(tf) }, {}) as Tensor;

/** Calls that TensorFlow's native backend refuses. */
const refused: Readonly<Record<string, Call>> = {
  "a convolution padded by a number": (tf) => tf.conv2d(pictures(tf), filters(tf), 2, 1),
  "a transposed one": (tf) => tf.conv2dTranspose(pictures(tf), tf.ones([4, 4, 2, 3]), [2, 16, 16, 2], 2, 1),
  "the gradients of one": (tf) => gradients(tf, 1 as never),
  "the gradients of one that is padded by numbers for each side": (tf) => gradients(tf, sides as never),
  "a fused one": (tf) => tf.fused.conv2d({ x: pictures(tf), filter: filters(tf), strides: 2, pad: 1 }),
  "one of each channel": (tf) => tf.depthwiseConv2d(pictures(tf), tf.ones([3, 3, 3, 1]), 1, 1),
  "the largest of windows, padded by a number": (tf) => tf.maxPool(pictures(tf), 2, 2, 1),
  "the mean of windows, padded by numbers": (tf) => tf.avgPool(pictures(tf), 2, 2, sides as never),
  "channels first": (tf) => tf.conv2d(tf.transpose(pictures(tf), [0, 3, 1, 2]), filters(tf), 2, "same", "NCHW"),
  "a fused activation that it lacks": (tf) =>
    tf.fused.matMul({ a: tf.ones([2, 3]), b: tf.ones([3, 2]), activation: "tanh" as never }),
  "an index beyond the end": (tf) => tf.gather(pictures(tf), tf.tensor1d([2], "int32")),
  "a choice between numbers of two kinds": (tf) => tf.where(truths(tf), integers(tf), tf.ones([3])),
  "a kernel that it lacks": (tf) => tf.maxPoolWithArgmax(pictures(tf), 2, 2, "valid").result,
  "the root of integers": kernel("Sqrt", integers),
  "the floor of integers": kernel("Floor", integers),
  "a step of integers": kernel("Step", integers),
  "the opposite of truths": kernel("Neg", truths),
  "the sine of truths": kernel("Sin", truths),
  "whether any of some numbers holds": (tf) =>
    tf.engine().runKernel("Any", { x: tf.ones([3]) }, { axis: [0] }) as Tensor,
};

/** Calls that it takes. */
const taken: Readonly<Record<string, Call>> = {
  "same and valid": (tf) => [
    tf.conv2d(pictures(tf), filters(tf), 2, "same"),
    tf.conv2d(pictures(tf), filters(tf), 1, "valid"),
    ...gradients(tf, "same" as never),
    tf.conv2dTranspose(pictures(tf), tf.ones([4, 4, 2, 3]), [2, 16, 16, 2], 2, "same"),
    tf.maxPool(pictures(tf), 2, 2, "same"),
  ],
  "a number that is 0": (tf) => [tf.conv2d(pictures(tf), filters(tf), 1, 0), tf.maxPool(pictures(tf), 2, 2, 0)],
  "numbers for each side of a convolution": (tf) => tf.conv2d(pictures(tf), filters(tf), 2, sides as never),
  dilations: (tf) => tf.conv2d(pictures(tf), tf.ones([2, 2, 3, 1]), 1, "valid", "NHWC", 2),
  integers: (tf) => [
    tf.round(integers(tf)),
    tf.abs(integers(tf)),
    tf.relu(integers(tf)),
    tf.cast(integers(tf), "float32"),
  ],
  truths: (tf) => [tf.any(truths(tf)), tf.logicalNot(truths(tf)), tf.where(truths(tf), tf.ones([3]), tf.zeros([3]))],
  indices: (tf) => tf.gather(pictures(tf), tf.tensor1d([1, 0], "int32")),
};

const native = (await describeBackends()).filter(({ name, available }) => available && name.startsWith("tfjs-node"));
if (native.length === 0)
  console.log("left out: whether TensorFlow's native library refuses and takes what the tests think");

const tidied = (tf: Tensorflow, call: Call) => {
  const results = tf.tidy(() => [call(tf)].flat() as Tensor[]);
  const numbers = results.map((result) => Array.from(result.dataSync(), Number));
  tf.dispose(results);
  return numbers;
};

afterEach(async () => {
  (await loadTensorflow("cpu")).tf.disposeVariables();
});

describe("every test", () => {
  test.each(Object.keys(refused))("is refused %s, as TensorFlow's native library refuses it", async (name) => {
    const { tf } = await loadTensorflow("cpu");
    expect(() => tidied(tf, refused[name])).toThrow(/^TensorFlow's native backend would refuse \w+: /);
  });

  test.each(Object.keys(taken))("may use %s", async (name) => {
    const { tf } = await loadTensorflow("cpu");
    expect(() => tidied(tf, taken[name])).not.toThrow();
  });
});

describe.skipIf(native.length === 0).each(native)(
  "TensorFlow's native library itself ($name)",
  ({ name: backend, gpu }) => {
    // A card has kernels for channels in front.
    const cases = Object.keys(refused).filter((name) => !(gpu && name === "channels first"));
    test.each(cases)("refuses %s", async (name) => {
      const { tf } = await loadTensorflow(backend);
      expect(() => withoutNativeRules(() => tidied(tf, refused[name]))).toThrow();
    });

    test.each(Object.keys(taken))("takes %s, and says what plain JavaScript says", async (name) => {
      const found = tidied((await loadTensorflow(backend)).tf, taken[name]);
      const expected = tidied((await loadTensorflow("cpu")).tf, taken[name]);
      expect(found.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
      for (const [r, numbers] of expected.entries()) {
        numbers.forEach((number, i) => expect(Math.abs(found[r][i] - number)).toBeLessThan(gpu ? 5e-2 : 2e-5));
      }
    });
  },
);
