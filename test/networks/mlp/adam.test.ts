import { beforeAll, describe, expect, test } from "vitest";
import { createAdam } from "../../../src/networks/mlp/adam.js";
import { batcher } from "../../../src/networks/mlp/batch.js";
import { mlpFromParameters, parameterCount } from "../../../src/networks/mlp/mlp.js";
import { type Regulariser, regularisers } from "../../../src/networks/mlp/regulariser.js";
import { loadTensorflow } from "../../../src/tensors/backend.js";
import { loadOnProcessor } from "../../tensors/processor.js";
import { numbers, plainLogits, smallInputs } from "./small.js";

const size = { inputs: 6, hidden: 5, outputs: 3 };
const data = smallInputs(24, 6, 3);
/** The last input is always 0: only a regulariser moves its weights. */
for (let row = 0; row < data.count; row++) data.inputs[row * 6 + 5] = 0;
const initial = numbers(parameterCount(size));
initial[5] = 0; // a weight of that input that is 0 itself: no regulariser moves it
const batches = [0, 1, 2].map((b) => Uint32Array.from({ length: b === 2 ? 5 : 8 }, (_, i) => (7 * i + 3 * b) % 24));
const strength = 0.05;

/** Mean cross-entropy of a batch in float64, by the definition. */
function crossEntropy(parameters: Float64Array, members: Uint32Array): number {
  const inputs = Float32Array.from([...members].flatMap((m) => [...data.inputs.subarray(m * 6, m * 6 + 6)]));
  const mlp = { ...mlpFromParameters(size, parameters), layers: wide(parameters) };
  const logits = plainLogits(mlp, inputs);
  let sum = 0;
  members.forEach((m, row) => {
    const values = logits.slice(row * 3, row * 3 + 3);
    sum += Math.log(values.reduce((total, value) => total + Math.exp(value), 0)) - values[data.labels[m]];
  });
  return sum / members.length;
}

/** The parameters as they are in float64: `mlpFromParameters` rounds, which would drown the differences below. */
function wide(parameters: Float64Array) {
  const part = (from: number, to: number) => parameters.subarray(from, to) as unknown as Float32Array;
  return [
    { inputs: 6, outputs: 5, weights: part(0, 30), biases: part(30, 35) },
    { inputs: 5, outputs: 3, weights: part(35, 50), biases: part(50, 53) },
  ];
}

/** PyTorch's Adam in float64, its gradients by central differences of the loss. */
function reference(regulariser: Regulariser, learningRate: number) {
  const parameters = Float64Array.from(initial);
  const m = new Float64Array(parameters.length);
  const v = new Float64Array(parameters.length);
  let loss = 0;
  batches.forEach((members, step) => {
    loss += crossEntropy(parameters, members) * members.length;
    const gradient = parameters.map((value, p) => {
      const moved = parameters.slice();
      const at = (change: number) => {
        moved[p] = value + change;
        return crossEntropy(moved, members);
      };
      const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
      if (regulariser === "none") return slope;
      return slope + strength * (regulariser === "l1" ? Math.sign(value) : value);
    });
    for (let p = 0; p < parameters.length; p++) {
      m[p] = 0.9 * m[p] + 0.1 * gradient[p];
      v[p] = 0.999 * v[p] + 0.001 * gradient[p] ** 2;
      const unbiased = m[p] / (1 - 0.9 ** (step + 1));
      parameters[p] -= (learningRate * unbiased) / (Math.sqrt(v[p]) / Math.sqrt(1 - 0.999 ** (step + 1)) + 1e-8);
    }
  });
  return { parameters, loss };
}

beforeAll(() => loadOnProcessor());

describe("createAdam", () => {
  test.each(regularisers)("takes the steps of PyTorch's Adam with %s", async (regulariser) => {
    const { tf } = await loadTensorflow();
    const before = tf.memory().numTensors;
    const adam = createAdam(tf, initial, { size, regulariser, strength, learningRate: 0.01, negativeSlope: 0.01 });
    const held = tf.memory().numTensors;
    const batchOf = batcher(data, 8);
    for (const members of batches) adam.step(batchOf(members));
    expect(tf.memory().numTensors).toBe(held);
    const expected = reference(regulariser, 0.01);
    const found = await adam.parameters();
    // A step is 0.01 at most; single precision leaves 1e-4 of it where the gradient is not tiny.
    const largest = Math.max(...found.map((value, p) => Math.abs(value - expected.parameters[p])));
    expect(largest).toBeLessThan(1e-6);
    expect(await adam.takeLoss()).toBeCloseTo(expected.loss, 4);
    expect(await adam.takeLoss()).toBe(0);
    adam.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("only a regulariser moves the weight of an input that is always 0, and none moves a weight of 0", async () => {
    const { tf } = await loadTensorflow();
    for (const regulariser of regularisers) {
      const adam = createAdam(tf, initial, { size, regulariser, strength, learningRate: 0.01, negativeSlope: 0.01 });
      adam.step(batcher(data, 8)(batches[0]));
      const found = await adam.parameters();
      adam.dispose();
      expect(found[5]).toBe(0);
      if (regulariser === "none") expect(found[11]).toBe(initial[11]);
      else expect(Math.abs(initial[11]) - Math.abs(found[11])).toBeCloseTo(0.01, 5); // Adam's first step
    }
  });
});
