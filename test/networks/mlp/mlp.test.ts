import { describe, expect, it } from "vitest";
import { logits, preActivations } from "../../../src/networks/mlp/forward.js";
import { isMlp, mlpNetwork, widthsText } from "../../../src/networks/mlp/mlp.js";
import type { Network } from "../../../src/networks/network.js";
import { siteOf, sites } from "../../../src/networks/sites.js";
import { layersNetwork } from "../../../src/networks/tfjs/models.js";
import { loadTensorflow } from "../../../src/tensors/backend.js";
import { mlpAsLayers } from "../mlp-models.js";
import { numbers, plainLogits, smallInputs, smallMlp } from "./small.js";

const widths = [4, 3, 5, 2];
const layers = widths.slice(1).map((outputs, l) => ({
  weights: numbers(outputs * widths[l], l),
  biases: numbers(outputs, l + 9),
}));
const network = mlpNetwork(layers, [0.2, 0]);
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

describe("mlpNetwork", () => {
  it("knows its widths, and its slopes for each hidden layer", () => {
    expect(widthsText(network)).toBe("4-3-5-2");
    expect([network.inputs[0].shape, network.outputs[0].shape]).toEqual([[4], [2]]);
    expect(mlpNetwork(layers).negativeSlopes).toEqual([0.01, 0.01]);
  });

  it("refuses layers that do not fit, and slopes that are too few or no numbers", () => {
    expect(() => mlpNetwork([layers[0]])).toThrow("invalid layers; expected at least two");
    expect(() => mlpNetwork([layers[0], layers[2]])).toThrow(
      "invalid number of layers[1].weights; expected 2 x 3, outputs of the layer before it; received 10",
    );
    expect(() => mlpNetwork([{ ...layers[0], weights: numbers(7) }, layers[1]])).toThrow("a multiple of its biases");
    expect(() => mlpNetwork([{ ...layers[0], biases: numbers(0) }, layers[1]])).toThrow("layers[0].biases");
    expect(() => mlpNetwork([{ ...layers[0], biases: [1] as never }, layers[1]])).toThrow("a Float32Array");
    expect(() => mlpNetwork(layers, [0.1])).toThrow("one for each of 2 hidden layers; received [0.1]");
    expect(() => mlpNetwork(layers, Number.NaN)).toThrow("invalid negativeSlope");
  });
});

describe("logits and preActivations of several hidden layers", () => {
  it("are the network written out, nothing lesioned", async () => {
    expectClose(
      await logits(network, inputs),
      rows.flatMap((row) => plain(row)[2]),
    );
    const [second, first] = await preActivations(network, inputs, [2, 1]);
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
      await logits(network, inputs, lesions),
      rows.flatMap((row) => plain(row, change)[2]),
    );
  });

  it("are those of one hidden layer written out, over more inputs than go through at once", async () => {
    const mlp = smallMlp({ inputs: 4, hidden: 3, outputs: 2 });
    const many = numbers(5000 * 4, 3);
    expectClose(await logits(mlp, many), plainLogits(mlp, many));
  });

  it("take a mask over the units of all hidden layers as lesions layer by layer", async () => {
    const masks = [Uint8Array.of(0, 1, 1), Uint8Array.of(1, 0, 1, 0, 1)];
    const lesions = masks.map((intact, l) => ({ layer: l + 1, intact }));
    const all = Uint8Array.of(...masks[0], ...masks[1]);
    expect(await logits(network, inputs, all)).toEqual(await logits(network, inputs, lesions));
    await expect(logits(network, inputs, new Uint8Array(7))).rejects.toThrow(
      "invalid intact; expected one number for each of 8",
    );
  });

  it("refuse layers that are not hidden, masks and inputs of the wrong length", async () => {
    await expect(preActivations(network, inputs, [3])).rejects.toThrow("invalid layer; expected the number of a");
    const lesion = { layer: 1, intact: new Uint8Array(2) };
    await expect(logits(network, inputs, [lesion])).rejects.toThrow(
      "invalid intact; expected one number for each of 3",
    );
    const replacement = { layer: 1, intact: new Uint8Array(3), replacement: new Float32Array(4) };
    await expect(logits(network, inputs, [replacement])).rejects.toThrow("invalid replacement");
    await expect(logits(network, new Float32Array(5))).rejects.toThrow("invalid inputs; expected a multiple of 4");
  });
});

describe("the face of a network", () => {
  it("lists its inputs and hidden layers as sites", () => {
    const row = (name: string, kind: string, units: number) => ({ name, kind, shape: [units], units, rows: "any" });
    const input = row("input", "input", 4);
    const hidden = [row("hidden1", "Dense, leaky ReLU (0.2)", 3), row("hidden2", "Dense, ReLU", 5)];
    expect(sites(network)).toEqual([input, ...hidden]);
    const small = smallMlp({ inputs: 4, hidden: 3, outputs: 2 }, 1, 1);
    expect(sites(small)).toEqual([input, row("hidden", "Dense, identity", 3)]);
    expect(() => siteOf(network, "hiden1")).toThrow(
      "invalid site; expected one of the network's 3 sites, such as the nearest: hidden1",
    );
    expect([network.kind, isMlp(network), network.sha256]).toEqual(["dense layers", true, undefined]);
  });

  it("gives in passes with lesions, row by row too, what logits gives", async () => {
    const rows = { count: 3, data: [inputs] };
    const replacement = Float32Array.of(9, 0.5, 9, -0.5, 9);
    const intact = [Uint8Array.of(1, 0, 1, 0, 1), Uint8Array.of(0, 0, 1, 1, 1)];
    const expected = await Promise.all(
      intact.map((mask) => logits(network, inputs, [{ layer: 2, intact: mask, replacement }])),
    );
    const each: Network[] = [network, network.rowByRow()];
    expect(each.map(({ mostRows }) => mostRows)).toEqual([undefined, 1]);
    for (const face of each) {
      const lesions = [{ site: siteOf(face, "hidden2"), replacement }];
      const prepared = await face.prepare(rows, lesions, "logits");
      for (const [c, mask] of intact.entries()) {
        const values = await prepared.run({ coalitions: 1, from: 0, to: 3, intact: [mask] });
        expectClose(values, Array.from(expected[c]));
      }
      prepared.dispose();
    }
  });

  it("holds at its sites what a LayersModel of the same weights holds behind its activation", async () => {
    const { tf } = await loadTensorflow();
    const mlp = smallMlp({ inputs: 4, hidden: 3, outputs: 2 });
    const model = await layersNetwork(mlpAsLayers(tf, mlp));
    const rows = { count: 6, data: [smallInputs(6, 4, 2).inputs] };
    const [input, own] = await mlp.activations(rows, mlp.sites);
    expect(input).toEqual(rows.data[0]);
    const [other] = await model.activations(rows, [siteOf(model, "leaky")]);
    expectClose(own, Array.from(other));
  });
});
