import { beforeAll, describe, expect, test } from "vitest";
import { accuracy, logits, preActivations } from "../../../src/networks/mlp/forward.js";
import { checkedInputs } from "../../../src/networks/mlp/inputs.js";
import { sites } from "../../../src/networks/sites.js";
import { loadTensorflow } from "../../../src/tensors/backend.js";
import { loadOnProcessor } from "../../tensors/processor.js";
import { plainLogits, smallInputs, smallMlp } from "./small.js";

const mlp = smallMlp({ inputs: 13, hidden: 7, outputs: 5 });
/** More rows than go through at once. */
const data = smallInputs(2100, 13, 5);

beforeAll(() => loadOnProcessor());

function expectClose(values: Float32Array, expected: readonly number[]): void {
  expect(values.length).toBe(expected.length);
  const largest = Math.max(...expected.map((value, i) => Math.abs(value - values[i])));
  expect(largest).toBeLessThan(1e-5); // 13 products of numbers under 1 in single precision
}

describe("logits", () => {
  test("equal the formula, with all units intact", async () => {
    expectClose(await logits(mlp, data.inputs), plainLogits(mlp, data.inputs));
  });

  test("equal the formula with lesioned units at 0, down to the output biases with none intact", async () => {
    const some = Uint8Array.of(1, 0, 1, 1, 0, 0, 1);
    expectClose(await logits(mlp, data.inputs, some), plainLogits(mlp, data.inputs, some));
    const none = await logits(mlp, data.inputs.subarray(0, 26), new Uint8Array(7));
    const { biases } = mlp.layers[1];
    expect([...none]).toEqual([...biases, ...biases]);
  });

  test("keep no tensors", async () => {
    const { tf } = await loadTensorflow();
    await logits(mlp, data.inputs);
    const before = tf.memory().numTensors;
    await logits(mlp, data.inputs, new Uint8Array(7));
    await preActivations(mlp, data.inputs);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("refuse a mask or inputs of another size", async () => {
    await expect(logits(mlp, data.inputs, new Uint8Array(6))).rejects.toThrow(
      "invalid intact; expected one number for",
    );
    await expect(logits(mlp, new Float32Array(14))).rejects.toThrow(
      "invalid inputs; expected a multiple of 13 numbers",
    );
  });
});

describe("preActivations", () => {
  test("are what the units receive, before the leaky ReLU", async () => {
    const [received] = await preActivations(mlp, data.inputs);
    const [hidden] = mlp.layers;
    const one = (unit: number, row: number) =>
      hidden.weights
        .subarray(unit * 13, unit * 13 + 13)
        .reduce((sum, weight, i) => sum + weight * data.inputs[row * 13 + i], hidden.biases[unit]);
    expect(received.length).toBe(2100 * 7);
    for (const [row, unit] of [
      [0, 0],
      [5, 6],
      [2099, 3],
    ]) {
      expect(received[row * 7 + unit]).toBeCloseTo(one(unit, row), 5);
    }
    expect(received.some((value) => value < -0.02)).toBe(true); // not yet through the activation
  });
});

describe("accuracy", () => {
  test("is the share of inputs whose largest logit is at the label", async () => {
    const values = plainLogits(mlp, data.inputs);
    let correct = 0;
    for (let i = 0; i < data.count; i++) {
      const row = values.slice(i * 5, i * 5 + 5);
      if (row.indexOf(Math.max(...row)) === data.labels[i]) correct++;
    }
    expect(await accuracy(mlp, data)).toBe(correct / data.count);
  });

  test("with every unit lesioned is the share of the class with the largest output bias", async () => {
    expect(await accuracy(mlp, data, new Uint8Array(7))).toBe(0.2);
  });
});

describe("checkedInputs", () => {
  test("of numbers alone is what gives them a shape or classes", () => {
    expect(() => checkedInputs(smallMlp({ inputs: 2, hidden: 3, outputs: 2 }), Float32Array.of(1, 2) as never)).toThrow(
      "invalid inputs; expected what labelledInputs, loadInputs or loadArray give",
    );
  });

  test("names both sizes where a network does not fit the inputs", () => {
    expect(() => checkedInputs(smallMlp({ inputs: 12, hidden: 7, outputs: 5 }), data)).toThrow(
      "invalid network; expected 13 inputs, as small has; received 12",
    );
    expect(() => checkedInputs(smallMlp({ inputs: 13, hidden: 7, outputs: 4 }), data)).toThrow(
      "invalid network; expected 5 outputs, one for each class of small; received 4",
    );
    expect(() => checkedInputs(mlp, data)).not.toThrow();
  });
});

test("accuracy and sites of what is no such network say what to do", async () => {
  const other = { sites: [], inputs: [], outputs: [] };
  await expect(accuracy(other as never, data as never)).rejects.toThrow(
    'networkGame(network, inputs, { score: "accuracy" })',
  );
  await expect(accuracy(Promise.resolve(mlp) as never, data as never)).rejects.toThrow("a promise (without await?)");
  expect(() => sites(Promise.resolve(mlp) as never)).toThrow("received a promise (without await?)");
});
