import { describe, expect, it } from "vitest";
import { deepFromMlp, deepMlp, widthsText } from "../../../src/networks/mlp/deep.js";
import { deepLogits, deepPreActivations } from "../../../src/networks/mlp/deep-forward.js";
import { logits } from "../../../src/networks/mlp/forward.js";
import { numbers, smallMlp } from "./small.js";

const widths = [4, 3, 5, 2];
const layers = widths.slice(1).map((outputs, l) => ({
  weights: numbers(outputs * widths[l], l),
  biases: numbers(outputs, l + 9),
}));
const network = deepMlp(layers, [0.2, 0]);
const inputs = numbers(3 * 4, 5);

/** Sums and outputs of every layer for one input, in float64; `change` may replace what a hidden layer says. */
function plain(row: number, change: (layer: number, said: number[]) => number[] = (_, said) => said): number[][] {
  let values = Array.from(inputs.subarray(row * 4, row * 4 + 4));
  return network.layers.map((layer, l) => {
    const sums = Array.from(layer.biases, (bias, i) =>
      values.reduce((sum, value, j) => sum + layer.weights[i * layer.inputs + j] * value, bias),
    );
    values = change(
      l + 1,
      sums.map((x) => (x > 0 ? x : (network.negativeSlopes[l] ?? 1) * x)),
    );
    return sums;
  });
}
function expectClose(values: ArrayLike<number>, expected: readonly number[]) {
  expect(values.length).toBe(expected.length);
  expected.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 5));
}
const rows = [0, 1, 2];

describe("deepMlp", () => {
  it("knows its widths, and its slopes for each hidden layer", () => {
    expect(widthsText(network)).toBe("4-3-5-2");
    expect([network.inputs, network.outputs]).toEqual([4, 2]);
    expect(deepMlp(layers).negativeSlopes).toEqual([0.01, 0.01]);
  });

  it("refuses layers that do not fit, and slopes that are too few or no numbers", () => {
    expect(() => deepMlp([layers[0]])).toThrow("invalid layers; expected at least two");
    expect(() => deepMlp([layers[0], layers[2]])).toThrow(
      "invalid number of layers[1].weights; expected 2 x 3, outputs of the layer before it; received 10",
    );
    expect(() => deepMlp([{ ...layers[0], weights: numbers(7) }, layers[1]])).toThrow("a multiple of its biases");
    expect(() => deepMlp([{ ...layers[0], biases: numbers(0) }, layers[1]])).toThrow("layers[0].biases");
    expect(() => deepMlp([{ ...layers[0], biases: [1] as never }, layers[1]])).toThrow("a Float32Array");
    expect(() => deepMlp(layers, [0.1])).toThrow("one for each of 2 hidden layers; received [0.1]");
    expect(() => deepMlp(layers, Number.NaN)).toThrow("invalid negativeSlope");
  });
});

describe("deepLogits and deepPreActivations", () => {
  it("are the network written out, nothing lesioned", async () => {
    expectClose(
      await deepLogits(network, inputs),
      rows.flatMap((row) => plain(row)[2]),
    );
    const [second, first] = await deepPreActivations(network, inputs, [2, 1]);
    expectClose(
      first,
      rows.flatMap((row) => plain(row)[0]),
    );
    expectClose(
      second,
      rows.flatMap((row) => plain(row)[1]),
    );
  });

  it("replace what lesioned units of several layers say", async () => {
    const lesions = [
      { layer: 2, intact: Uint8Array.of(1, 0, 1, 0, 1), replacement: Float32Array.of(9, 0.5, 9, -0.5, 9) },
      { layer: 1, intact: Uint8Array.of(0, 1, 1) },
    ];
    const change = (layer: number, said: number[]) => {
      const lesion = lesions.find((each) => each.layer === layer);
      return said.map((x, unit) => (lesion?.intact[unit] === 0 ? (lesion.replacement?.[unit] ?? 0) : x));
    };
    expectClose(
      await deepLogits(network, inputs, lesions),
      rows.flatMap((row) => plain(row, change)[2]),
    );
  });

  it("agree with the network of one hidden layer, over more inputs than go through at once", async () => {
    const mlp = smallMlp({ inputs: 4, hidden: 3, outputs: 2 });
    const many = numbers(5000 * 4, 3);
    const [deep, flat] = await Promise.all([deepLogits(deepFromMlp(mlp), many), logits(mlp, many)]);
    expectClose(deep, Array.from(flat));
  });

  it("refuse layers that are not hidden, masks and inputs of the wrong length", async () => {
    await expect(deepPreActivations(network, inputs, [3])).rejects.toThrow("invalid layer; expected the number of a");
    const lesion = { layer: 1, intact: new Uint8Array(2) };
    await expect(deepLogits(network, inputs, [lesion])).rejects.toThrow(
      "invalid intact; expected one number for each of 3",
    );
    const replacement = { layer: 1, intact: new Uint8Array(3), replacement: new Float32Array(4) };
    await expect(deepLogits(network, inputs, [replacement])).rejects.toThrow("invalid replacement");
    await expect(deepLogits(network, new Float32Array(5))).rejects.toThrow("invalid inputs; expected a multiple of 4");
  });
});
