import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { type BackendName, loadTensorflow, type Tensorflow } from "../../src/tensors/backend.js";
import { withoutNativeRules } from "./native-rules.js";

type Make = (tf: Tensorflow) => readonly Tensor[];

/** Numbers that a backend computes, and how many tensors it leaves behind. */
async function computed(backend: BackendName, make: Make): Promise<Float32Array[]> {
  const { tf } = await loadTensorflow(backend);
  const before = tf.memory().numTensors;
  // These kernels take more than the native ones: padding by numbers.
  const results = withoutNativeRules(() => tf.tidy(() => make(tf) as Tensor[]));
  const numbers = await Promise.all(results.map((result) => result.data<"float32">()));
  const copies = numbers.map((part) => Float32Array.from(part));
  tf.dispose(results);
  expect(tf.memory().numTensors).toBe(before);
  return copies;
}

/** Plain JavaScript, which has all kernels, and WebAssembly with those supplied say the same. */
async function agree(make: Make): Promise<void> {
  const expected = await computed("cpu", make);
  const found = await computed("wasm", make);
  expect(found.map((part) => part.length)).toEqual(expected.map((part) => part.length));
  found.forEach((part, p) => {
    part.forEach((value, i) => expect(Math.abs(value - expected[p][i])).toBeLessThan(2e-5));
  });
}

const numbers = (tf: Tensorflow, shape: number[], seed: number) => tf.randomUniform(shape, -1, 1, "float32", seed);

interface Case {
  readonly size: [number, number];
  readonly channels: [number, number];
  readonly kernel: [number, number];
  readonly stride: number | [number, number];
  readonly pad: number | "same" | "valid";
}

const cases: Case[] = [
  { size: [8, 8], channels: [3, 5], kernel: [4, 4], stride: 2, pad: 1 },
  { size: [16, 8], channels: [2, 3], kernel: [4, 4], stride: 2, pad: 1 },
  { size: [8, 8], channels: [3, 5], kernel: [4, 4], stride: 2, pad: "same" },
  { size: [4, 4], channels: [6, 1], kernel: [4, 4], stride: 1, pad: "valid" },
  { size: [7, 6], channels: [2, 4], kernel: [3, 3], stride: 1, pad: "same" },
  { size: [9, 8], channels: [2, 4], kernel: [3, 2], stride: [2, 1], pad: "valid" },
  { size: [10, 11], channels: [1, 2], kernel: [2, 2], stride: 2, pad: "valid" },
  { size: [12, 12], channels: [2, 2], kernel: [3, 3], stride: 3, pad: "same" },
];

describe("supplyWasmKernels", () => {
  test.each(cases)("gives a convolution both of its gradients: %o", async ({ size, channels, kernel, stride, pad }) => {
    await agree((tf) => {
      const x = numbers(tf, [3, ...size, channels[0]], 1) as Tensor4D;
      const filter = numbers(tf, [...kernel, ...channels], 2) as Tensor4D;
      const convolved = (a: Tensor, b: Tensor) => tf.conv2d(a as Tensor4D, b as Tensor4D, stride, pad);
      const y = convolved(x, filter);
      return [y, ...tf.grads(convolved)([x, filter], numbers(tf, y.shape, 3))];
    });
  });

  test("gives a transposed convolution its values and both of its gradients", async () => {
    await agree((tf) => {
      const x = numbers(tf, [2, 4, 6, 5], 1) as Tensor4D;
      const filter = numbers(tf, [4, 4, 3, 5], 2) as Tensor4D;
      const doubled = (a: Tensor, b: Tensor) => tf.conv2dTranspose(a as Tensor4D, b as Tensor4D, [2, 8, 12, 3], 2, 1);
      return [doubled(x, filter), ...tf.grads(doubled)([x, filter], numbers(tf, [2, 8, 12, 3], 3))];
    });
  });

  test("multiplies transposed matrices", async () => {
    await agree((tf) => {
      const a = numbers(tf, [5, 7], 1) as Tensor2D;
      const b = numbers(tf, [7, 4], 2) as Tensor2D;
      const [at, bt] = [tf.transpose(a), tf.transpose(b)];
      const batch = tf.matMul(numbers(tf, [3, 7, 5], 3), numbers(tf, [3, 7, 4], 4), true, false);
      const products = [tf.matMul(at, b, true, false), tf.matMul(a, bt, false, true), tf.matMul(at, bt, true, true)];
      return [...products, batch, ...tf.grads((x, y) => tf.matMul(x, y))([a, b])];
    });
  });
});
