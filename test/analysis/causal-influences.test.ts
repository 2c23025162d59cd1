import type { SymbolicTensor } from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { causalInfluences } from "../../src/analysis/causal-influences.js";
import { loadInputs } from "../../src/datasets/inputs.js";
import { shapley } from "../../src/engine/shapley.js";
import { gameFrom } from "../../src/games/from-function.js";
import { inputRows } from "../../src/networks/input-rows.js";
import { checkpoint } from "../../src/networks/mlp/checkpoints.js";
import { mlpNetwork } from "../../src/networks/mlp/mlp.js";
import { loadOnnx } from "../../src/networks/onnx/load.js";
import { siteOf } from "../../src/networks/sites.js";
import { layersNetwork } from "../../src/networks/tfjs/models.js";
import { loadTensorflow } from "../../src/tensors/backend.js";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { mlpAsLayers } from "../networks/mlp-models.js";
import { mlpAsOnnx } from "../networks/onnx/build.js";

const number = (i: number) => Math.fround(Math.sin(13 * i + 1));
const layer = (inputs: number, outputs: number, from: number) => ({
  weights: Float32Array.from({ length: inputs * outputs }, (_, i) => number(from + i)),
  biases: Float32Array.from({ length: outputs }, (_, i) => number(from + 500 + i)),
});

describe("causalInfluences", () => {
  it("are the Shapley values of a game for every target, played by hand", async () => {
    const layers = [layer(2, 3, 0), layer(3, 2, 100), layer(2, 2, 200), layer(2, 1, 300)];
    const network = mlpNetwork(layers, 0.1);
    const inputs = Float32Array.from({ length: 8 }, (_, i) => number(700 + i));
    const { units, values, standardErrors, modes } = await causalInfluences(network, inputs, {
      sites: ["hidden1", "hidden2", "hidden3"],
      estimator: "exact",
    });
    expect(units.length).toBe(7);
    /** What every unit holds on an input, the target's own lesion left out. */
    const activities = (input: readonly number[], intact: (unit: string) => boolean, target: string) => {
      const held: Record<string, number> = {};
      let before = [...input];
      layers.slice(0, 3).forEach(({ weights, biases }, l) => {
        before = Array.from(biases, (bias, u) => {
          const sum = before.reduce((total, x, i) => total + weights[u * before.length + i] * x, bias);
          const name = `hidden${l + 1}/${u}`;
          const value = sum > 0 ? sum : 0.1 * sum;
          held[name] = name === target || intact(name) ? value : 0;
          return held[name];
        });
      });
      return held[target];
    };
    for (const target of units) {
      const others = units.filter((unit) => unit !== target);
      const game = await gameFrom(others, (S) => {
        const all = [0, 1, 2, 3].map((row) =>
          activities([inputs[2 * row], inputs[2 * row + 1]], (unit) => S.has(unit), target),
        );
        return all.reduce((sum, value) => sum + value, 0) / 4;
      });
      const byHand = await shapley(game, { estimator: "exact" });
      for (const unit of others) {
        const found = values[units.indexOf(unit)][units.indexOf(target)];
        expect(Math.abs(found - byHand.unit(unit).values[0]), `${unit} to ${target}`).toBeLessThan(1e-5);
      }
    }
    expect(units.every((_, u) => values[u][u] === 0)).toBe(true);
    expect(standardErrors.flat().every((error) => error === 0)).toBe(true);
    expect(Object.keys(modes)).toEqual(["hidden2", "hidden3"]);
  });

  it("of sampled orderings have standard errors, by labels of one's own", async () => {
    const network = mlpNetwork([layer(2, 4, 0), layer(4, 3, 100), layer(3, 1, 300)]);
    const { units, values, standardErrors } = await causalInfluences(network, Float32Array.of(1, -1), {
      sites: { deep: "hidden2", first: "hidden1" },
      orderings: 40,
    });
    expect(units).toEqual(["first/0", "first/1", "first/2", "first/3", "deep/0", "deep/1", "deep/2"]);
    expect(values[0][4]).not.toBe(0);
    expect(standardErrors[0].slice(4).some((error) => error > 0)).toBe(true);
    expect(values[4]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it("refuses sites of which none depends on another", async () => {
    const network = mlpNetwork([layer(2, 4, 0), layer(4, 3, 100), layer(3, 1, 300)]);
    const wanted = causalInfluences(network, Float32Array.of(1, -1), { sites: ["hidden2"] });
    await expect(wanted).rejects.toThrow("invalid sites; expected at least one that depends on another one of them");
    const none = causalInfluences(network, Float32Array.of(1, -1), { sites: ["hidden9"] });
    await expect(none).rejects.toThrow("invalid site");
  });

  it.each(["tf.LayersModel", ...(onnxRuntime ? ["ONNX"] : [])])(
    "are, from a unit to its own activation behind it, what it holds on average, and 0 to all others (%s)",
    async (kind) => {
      const { tf } = await loadTensorflow();
      const mlp = await checkpoint({ width: 5, regulariser: "l1", trial: 0 });
      const network = kind === "ONNX" ? await loadOnnx(mlpAsOnnx(mlp, 13)) : await layersNetwork(mlpAsLayers(tf, mlp));
      const data = loadInputs("mnist-test:0-31");
      const { values } = await causalInfluences(network, data, { sites: ["hidden", "leaky"], estimator: "exact" });
      const rows = inputRows(network, data.inputs);
      const [held] = await network.activations(rows, [siteOf(network, "leaky")]);
      values.forEach((row, from) => {
        row.forEach((value, to) => {
          const own = to === from + 5;
          const mean = own ? held.reduce((sum, x, i) => (i % 5 === from ? sum + x : sum), 0) / 32 : 0;
          expect(Math.abs(value - mean)).toBeLessThan(own ? 1e-4 : 1e-12);
        });
      });
    },
  );

  it("run along the branches of a network, and average a channel over its positions", async () => {
    const { tf } = await loadTensorflow();
    const input = tf.input({ shape: [3, 3, 1] });
    const convolution = (name: string, filters: number) =>
      tf.layers.conv2d({ name, filters, kernelSize: 1, kernelInitializer: "ones", biasInitializer: "ones" });
    const left = convolution("left", 2).apply(input) as SymbolicTensor;
    const right = convolution("right", 1).apply(input) as SymbolicTensor;
    const both = tf.layers.concatenate().apply([left, right]) as SymbolicTensor;
    const sum = convolution("sum", 1).apply(both) as SymbolicTensor;
    const network = await layersNetwork(tf.model({ inputs: input, outputs: sum }));
    // Each of the three channels holds x + 1, of mean 5 + 1; their sum is 1 more.
    const pixels = Float32Array.from({ length: 9 }, (_, i) => i + 1);
    const found = await causalInfluences(network, pixels, { sites: ["left", "right", "sum"], estimator: "exact" });
    expect(found.units).toEqual(["left/0", "left/1", "right/0", "sum/0"]);
    expect(found.values.map((row) => row.map((value) => Math.round(1e5 * value) / 1e5 + 0))).toEqual([
      [0, 0, 0, 6],
      [0, 0, 0, 6],
      [0, 0, 0, 6],
      [0, 0, 0, 0],
    ]);
    expect(Object.keys(found.modes)).toEqual(["sum"]);
  });
});
