import { beforeAll, describe, expect, it } from "vitest";
import { randomStreams } from "../../../src/coalitions/random-streams.js";
import { labelledInputs } from "../../../src/datasets/labelled-inputs.js";
import type { Parameter } from "../../../src/networks/dcgan/parameters.js";
import { residualOnnx } from "../../../src/networks/residual/onnx-export.js";
import { type ResidualShape, residualLayers } from "../../../src/networks/residual/shape.js";
import { trainResidual } from "../../../src/networks/residual/train.js";
import { meanCrossEntropy, trainingLogits } from "../../../src/networks/residual/training-network.js";
import { initialNorms, initialResidual } from "../../../src/networks/residual/training-state.js";
import { residualStep } from "../../../src/networks/residual/training-step.js";
import { loadTensorflow } from "../../../src/tensors/backend.js";
import type { Tensor, Tensor2D, Tensor4D, Tensorflow } from "../../../src/tensors/tensorflow.js";

const shape: ResidualShape = { size: 8, stem: 2, widths: [2, 3], strides: [2, 1], classes: 3 };
const layers = residualLayers(shape);
const count = 4;
const random = randomStreams(3)(0);
const uniform = () => (random.next() >>> 0) / 2 ** 32;
const inputs = Float32Array.from({ length: count * 3 * 64 }, uniform);
const labels = [0, 1, 2, 1];
const images = labelledInputs(inputs, labels, { shape: [3, 8, 8], classes: 3 });
let tf: Tensorflow;
beforeAll(async () => {
  tf = (await loadTensorflow()).tf;
});

describe("trainingLogits", () => {
  it("has the gradient that differences show, for every kind of parameter", () => {
    const start = initialResidual(layers, shape, randomStreams(1)(0));
    const x = tf.transpose(tf.tensor4d(inputs, [count, 3, 8, 8]), [0, 2, 3, 1]);
    const targets = tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), 3), "float32");
    const loss = (parameters: Tensor[]) =>
      meanCrossEntropy(tf, trainingLogits(tf, layers, parameters, x as never), targets as never);
    const parameters = start.map(({ data, shape }) => tf.tensor(data.slice(), [...shape]));
    const { grads } = tf.valueAndGrads((...all: Tensor[]) => loss(all))(parameters);
    // A step along the gradient of one parameter alone: the loss rises by step x |gradient|^2, up to the third order.
    start.forEach(({ name }, p) => {
      const gradient = grads[p];
      const square = tf.sum(tf.square(gradient)).dataSync()[0];
      const step = 0.01 / Math.sqrt(square);
      const at = (sign: number) =>
        loss(parameters.map((one, q) => (q === p ? tf.add(one, tf.mul(gradient, sign * step)) : one))).dataSync()[0];
      const rise = (at(1) - at(-1)) / 2;
      expect(rise / (step * square), name).toBeCloseTo(1, 1.3);
    });
    expect(start).toHaveLength(3 * 7 + 2);
  });
});

describe("residualStep", () => {
  const start = initialResidual(layers, shape, randomStreams(1)(0));
  const x = () => tf.transpose(tf.tensor4d(inputs, [count, 3, 8, 8]), [0, 2, 3, 1]) as Tensor4D;
  const targets = () => tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), 3), "float32") as Tensor2D;
  const stepped = async (weightDecay: number, steps: number) => {
    const tensors = (list: readonly Parameter[]) => list.map(({ data, shape }) => tf.tensor(data.slice(), [...shape]));
    const zeros = () => start.map(({ shape }): Tensor => tf.zeros([...shape]));
    const state = {
      parameters: tensors(start),
      statistics: tensors(initialNorms(layers)),
      means: zeros(),
      squares: zeros(),
    };
    const plan = { regulariser: "none", strength: 0, learningRate: 0.1, weightDecay } as const;
    for (let step = 1; step <= steps; step++) await residualStep(tf, layers, state, x(), targets(), { ...plan, step });
    return state.parameters.map((parameter) => parameter.dataSync<"float32">());
  };

  it("is AdamW's: p (1 - rate decay) - rate g / (|g| + epsilon) in the first step", async () => {
    const { grads } = tf.valueAndGrads((...all: Tensor[]) =>
      meanCrossEntropy(tf, trainingLogits(tf, layers, all, x()), targets()),
    )(start.map(({ data, shape }) => tf.tensor(data.slice(), [...shape])));
    const after = await stepped(0.01, 1);
    start.forEach(({ name, data }, p) => {
      const gradient = grads[p].dataSync();
      data.forEach((value, i) => {
        const wanted = value * (1 - 0.1 * 0.01) - (0.1 * gradient[i]) / (Math.abs(gradient[i]) + 1e-8);
        // float32 tells gradients of rounding's size no better than this
        if (Math.abs(gradient[i]) > 1e-5) expect(after[p][i], name).toBeCloseTo(wanted, 4);
      });
    });
  });

  it("takes the decay from the parameters alone, not by way of the moments", async () => {
    const [adam, adamW] = [await stepped(0, 1), await stepped(0.5, 1)];
    start.forEach(({ data, name }, p) => {
      data.forEach((value, i) => expect(adam[p][i] - adamW[p][i], name).toBeCloseTo(0.1 * 0.5 * value, 5));
    });
  });
});

describe("trainResidual", () => {
  const options = { shape, seed: 2, epochs: 3, batchSize: 2 } as const;

  it("gives the same bytes from the same seed, and others from another or with a penalty", async () => {
    const bytes = async (more: object) =>
      Buffer.from(residualOnnx((await trainResidual(images, { ...options, regulariser: "none", ...more })).network));
    const first = await bytes({});
    expect((await bytes({})).equals(first)).toBe(true);
    expect((await bytes({ seed: 3 })).equals(first)).toBe(false);
    expect((await bytes({ regulariser: "l2" })).equals(first)).toBe(false);
    expect((await bytes({ regulariser: "l1" })).equals(first)).toBe(false);
    expect((await bytes({ weightDecay: 0 })).equals(first)).toBe(false);
    expect((await bytes({ weightDecay: 0.01 })).equals(first)).toBe(true); // PyTorch's default
  });

  it("learns: the loss of a few images falls", async () => {
    const { losses } = await trainResidual(images, { ...options, epochs: 40, learningRate: 0.01, regulariser: "none" });
    expect(losses[39]).toBeLessThan(0.3 * losses[0]);
  });

  it("leaves no tensors behind, also where it is stopped", async () => {
    const before = tf.memory().numTensors;
    await trainResidual(images, { ...options, epochs: 1, regulariser: "l1" });
    const stop = new AbortController();
    const stopped = trainResidual(images, {
      ...options,
      regulariser: "l1",
      signal: stop.signal,
      onStep: () => stop.abort(new Error("enough")),
    });
    await expect(stopped).rejects.toThrow("enough");
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses what does not fit before anything is trained", async () => {
    const none = { ...options, regulariser: "none" } as const;
    await expect(trainResidual(images, { ...none, batchSize: 5 })).rejects.toThrow("at least a batch, 5");
    await expect(trainResidual(images, { ...none, shape: { ...shape, size: 12 } })).rejects.toThrow(
      "images [3, 12, 12]",
    );
    await expect(trainResidual(images, { ...none, shape: { ...shape, size: 10 } })).rejects.toThrow("a multiple of 4");
    await expect(trainResidual(images, { ...none, shape: { ...shape, classes: 2 } })).rejects.toThrow(
      "at most 2 classes",
    );
    await expect(trainResidual(images, { ...none, weightDecay: -1 })).rejects.toThrow("invalid weightDecay");
    await expect(trainResidual(images, { ...none, regulariser: "l3" as never })).rejects.toThrow("invalid regulariser");
  });
});
