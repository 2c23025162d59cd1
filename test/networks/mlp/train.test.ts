import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { beforeAll, describe, expect, test } from "vitest";
import { type LabelledInputs, loadInputs } from "../../../src/datasets/inputs.js";
import { accuracy } from "../../../src/networks/mlp/forward.js";
import { initialParameters } from "../../../src/networks/mlp/initialise.js";
import { type TrainingOptions, trainMlp } from "../../../src/networks/mlp/train.js";
import { loadTensorflow } from "../../../src/tensors/backend.js";
import { loadOnProcessor } from "../../tensors/processor.js";
import { parametersOf, smallInputs } from "./small.js";

const quick: TrainingOptions = { hidden: 8, regulariser: "none", seed: 0, epochs: 2, batchSize: 16 };
const data = smallInputs(100, 12, 4);
const bytesOf = async (options: TrainingOptions) => {
  const { mlp } = await trainMlp(data, options);
  return Buffer.concat(parametersOf(mlp).map((part) => Buffer.from(part.buffer)));
};

beforeAll(() => loadOnProcessor());

describe("initialParameters", () => {
  test("are uniform between -1/sqrt(fan in) and 1/sqrt(fan in), layer by layer", () => {
    const size = { inputs: 784, hidden: 200, outputs: 10 };
    const parameters = initialParameters(size, xoroshiro128plus(1));
    const hidden = parameters.subarray(0, 785 * 200);
    const output = parameters.subarray(785 * 200);
    expect(output.length).toBe(2010);
    for (const [values, fanIn] of [
      [hidden, 784],
      [output, 200],
    ] as const) {
      const bound = 1 / Math.sqrt(fanIn);
      let [largest, sum, squares] = [0, 0, 0];
      for (const value of values) {
        largest = Math.max(largest, Math.abs(value));
        sum += value;
        squares += value * value;
      }
      const error = bound / Math.sqrt(3 * values.length); // of the mean of uniform numbers
      expect(largest).toBeLessThanOrEqual(bound * (1 + 1e-7));
      expect(largest).toBeGreaterThan(bound * (1 - 20 / values.length)); // e^-20 otherwise
      expect(Math.abs(sum / values.length)).toBeLessThan(4 * error);
      expect(Math.abs(squares / values.length / (bound ** 2 / 3) - 1)).toBeLessThan(4 * Math.sqrt(0.8 / values.length));
    }
  });
});

describe("trainMlp", () => {
  test("same seed, same bytes; another seed, 0 among them, gives another network", async () => {
    const zero = await bytesOf(quick);
    expect(await bytesOf(quick)).toEqual(zero);
    const others = [await bytesOf({ ...quick, seed: 1 }), await bytesOf({ ...quick, seed: 2 ** 32 - 1 })];
    expect(others[0]).not.toEqual(zero);
    expect(others[1]).not.toEqual(zero);
    expect(others[0]).not.toEqual(others[1]);
  });

  test("learns to read digits", async () => {
    const train = loadInputs("mnist-train:0-9999");
    const { mlp, losses } = await trainMlp(train, { hidden: 20, regulariser: "l2", seed: 1, epochs: 2 });
    expect(losses).toHaveLength(2);
    expect(losses[1]).toBeLessThan(losses[0]);
    expect(losses[1]).toBeLessThan(0.5);
    expect(await accuracy(mlp, loadInputs("mnist-test:0-1023"))).toBeGreaterThan(0.85);
  });

  test("tells of each epoch and of steps in between, the last one included, and keeps no tensors", async () => {
    const { tf } = await loadTensorflow();
    const before = tf.memory().numTensors;
    const epochs: number[] = [];
    let last = { step: 0, steps: 0 };
    const { losses } = await trainMlp(data, {
      ...quick,
      onEpoch: ({ epoch, loss }) => epochs.push(epoch, loss),
      onStep: (progress) => (last = progress),
    });
    expect(epochs).toEqual([1, losses[0], 2, losses[1]]);
    expect(last).toEqual({ step: 14, steps: 14 }); // 100 inputs are 6 batches of 16 and one of 4
    expect(tf.memory().numTensors).toBe(before);
  });

  test("stops, with the signal's reason, where it is told to", async () => {
    const { tf } = await loadTensorflow();
    const before = tf.memory().numTensors;
    const stop = new AbortController();
    const training = trainMlp(data, {
      ...quick,
      epochs: 50,
      signal: stop.signal,
      onEpoch: ({ epoch }) => epoch === 2 && stop.abort(new Error("enough")),
    });
    await expect(training).rejects.toThrow("enough");
    expect(tf.memory().numTensors).toBe(before);
  });

  test("stops where the loss is no longer a number, and says the seed", async () => {
    const inputs = data.inputs.slice();
    inputs.fill(3e38, 28, 35); // finite, but their sums are not
    const broken: LabelledInputs = { ...data, inputs };
    await expect(trainMlp(broken, { ...quick, seed: 5 })).rejects.toThrow(
      "training stopped in epoch 2, step 7: the loss is NaN; seed 5",
    );
  });

  test.each([
    [{ hidden: 0 }, "invalid hidden; expected a positive integer; received 0"],
    [{ seed: -1 }, "invalid seed; expected an integer from 0 to 4294967295; received -1"],
    [{ epochs: 1.5 }, "invalid epochs; expected a positive integer; received 1.5"],
    [{ learningRate: Number.NaN }, "invalid learningRate; expected a finite number; received NaN"],
    [{ regulariser: "L1" }, 'invalid regulariser; expected one of l1, l2, none; received "L1"'],
    [{ batchSize: "64" }, 'invalid batchSize; expected a positive integer; received "64"'],
  ])("refuses %j before it starts", async (change, message) => {
    await expect(trainMlp(data, { ...quick, ...change } as TrainingOptions)).rejects.toThrow(message);
  });
});
