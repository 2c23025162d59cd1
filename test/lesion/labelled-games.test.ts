import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabelledInputs } from "../../src/datasets/inputs.js";
import { labelledInputs } from "../../src/datasets/labelled-inputs.js";
import { loadArray } from "../../src/datasets/load-array.js";
import { shapley } from "../../src/engine/shapley.js";
import { gameFromFiles } from "../../src/lesion/game-from-files.js";
import { mlpGame } from "../../src/lesion/mlp-game.js";
import { networkGame } from "../../src/lesion/network-game.js";
import { saveMlp } from "../../src/networks/mlp/file.js";
import { accuracy } from "../../src/networks/mlp/forward.js";
import { mlpNetwork } from "../../src/networks/mlp/mlp.js";
import { trainMlp } from "../../src/networks/mlp/train.js";
import type { Network } from "../../src/networks/network.js";
import { layersNetwork } from "../../src/networks/tfjs/models.js";
import { loadTensorflow } from "../../src/tensors/backend.js";
import { npyFile } from "../datasets/npy-writer.js";
import { numbers, smallInputs, smallMlp } from "../networks/mlp/small.js";
import { mlpAsLayers } from "../networks/mlp-models.js";

const mlp = smallMlp({ inputs: 4, hidden: 3, outputs: 3 });
const deep = mlpNetwork(
  [4, 3, 2, 3].slice(1).map((outputs, l) => ({
    weights: numbers(outputs * [4, 3, 2][l], l),
    biases: numbers(outputs, l + 9),
  })),
);
const data = smallInputs(6, 4, 3);
let network: Network;
beforeAll(async () => {
  const { tf } = await loadTensorflow();
  network = await layersNetwork(mlpAsLayers(tf, mlp));
});

const makers: [string, (inputs: LabelledInputs) => Promise<unknown>][] = [
  ["mlpGame", (inputs) => mlpGame(mlp, inputs)],
  ["mlpGame of several layers", (inputs) => mlpGame(deep, inputs)],
  ["networkGame", (inputs) => networkGame(network, inputs, { sites: ["hidden"], score: "class-accuracy" })],
  ["networkGame, its output", (inputs) => networkGame(network, inputs, { sites: ["hidden"] })],
  ["accuracy", (inputs) => accuracy(mlp, inputs)],
  ["trainMlp", (inputs) => trainMlp(inputs, { hidden: 2, regulariser: "none", seed: 1, epochs: 1 })],
];

describe.each(makers)("%s", (_, make) => {
  it.each<[string, Partial<LabelledInputs>, string]>([
    [
      "fewer labels than rows",
      { labels: Uint8Array.of(0, 1) },
      "invalid labels; expected 6 classes, one for each of the inputs; received 2",
    ],
    ["more labels than rows", { labels: new Uint8Array(7) }, "invalid labels; expected 6 classes"],
    [
      "a label beyond the classes",
      { labels: Uint8Array.of(0, 1, 2, 3, 0, 0) },
      'expected classes, whole numbers from 0 to 2; received "3 at place 3"',
    ],
    ["a label that a byte would wrap", { labels: Uint16Array.of(0, 1, 256, 0, 0, 0) }, '"256 at place 2"'],
    ["a negative label", { labels: Int32Array.of(0, -1, 0, 0, 0, 0) as never }, '"-1 at place 1"'],
    ["half a label", { labels: Float32Array.of(0, 0.5, 0, 0, 0, 0) as never }, '"0.5 at place 1"'],
    [
      "another count",
      { count: 5 },
      "invalid inputs; expected 5 rows of 4 numbers, as small states; received Float32Array of length 24",
    ],
    ["other features", { features: 5 }, "invalid inputs; expected 6 rows of 5 numbers"],
    ["numbers too few", { inputs: new Float32Array(23) }, "invalid inputs; expected 6 rows of 4 numbers"],
    [
      "whole numbers that would be rounded",
      { inputs: BigInt64Array.from({ length: 24 }, () => 2n ** 53n + 1n) as never },
      "9007199254740993 at place 0 of row 0",
    ],
    ["infinity", { inputs: new Float32Array(24).fill(Number.POSITIVE_INFINITY) }, "expected finite numbers"],
  ])("refuses %s", async (__, wrong, message) => {
    await expect(make({ ...data, ...wrong })).rejects.toThrow(message);
  });
});

describe("games of labelled inputs", () => {
  it.each(makers.slice(0, 3))("%s refuses another number of classes than the network has outputs", async (_, make) => {
    await expect(make({ ...data, classes: 4 })).rejects.toThrow(/expected 4 (outputs|numbers)/);
  });

  it("say a checksum, computed where there is none, equal for equal inputs", async () => {
    const made = labelledInputs(data.inputs, data.labels, { shape: [6, 4], name: "small" });
    for (const inputs of [data, made]) {
      for (const game of [await mlpGame(mlp, inputs), await networkGame(network, inputs, { sites: ["hidden"] })]) {
        expect(game.provenance).toMatchObject({ inputs: "small", inputs_sha256: made.sha256 });
      }
    }
  });

  it("take float64, and int64 where single precision holds it, as if it had been float32", async () => {
    const whole = Float32Array.from(data.inputs, (x) => Math.round(100 * x));
    const values = async (inputs: LabelledInputs) =>
      (await shapley(await mlpGame(mlp, inputs), { estimator: "exact" })).values;
    const expected = await values({ ...data, inputs: whole });
    const others = [Float64Array.from(whole), BigInt64Array.from([...whole].map(BigInt)), Int8Array.from(whole)];
    for (const inputs of others) expect(await values({ ...data, inputs } as never)).toEqual(expected);
  });

  it("networkGame refuses rows in another order than the network's", async () => {
    const { tf } = await loadTensorflow();
    const layers = [tf.layers.flatten({ inputShape: [2, 3] }), tf.layers.dense({ name: "sum", units: 2 })];
    const image = await layersNetwork(tf.sequential({ layers }));
    const inputs = (shape: number[]) => labelledInputs(new Float32Array(12), [0, 1], { shape });
    for (const shape of [[2, 3], [2, 6], [6], [2, 1, 2, 3]]) {
      const game = await networkGame(image, inputs(shape), { sites: ["sum"] });
      expect(game.outputShape).toEqual([2, 2]);
    }
    await expect(networkGame(image, inputs([3, 2]), { sites: ["sum"] })).rejects.toThrow("rows of shape [2, 3]");
    const turned = { name: "t.npy", data: new Float32Array(12), shape: [2, 3, 2], sha256: "0" };
    await expect(networkGame(image, turned, { sites: ["sum"] })).rejects.toThrow("rows of shape [2, 3]");
  });
});

describe("inputs without classes", () => {
  const folder = mkdtempSync(join(tmpdir(), "labelled-games-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("are played for scores that look at logits alone, and give what labelled ones give", async () => {
    const path = join(folder, "rows.npy");
    writeFileSync(path, npyFile("<f4", [6, 4], data.inputs));
    const array = loadArray(path);
    for (const score of ["logits", "probabilities"] as const) {
      for (const play of [
        (inputs: never) => mlpGame(mlp, inputs, { score }),
        (inputs: never) => mlpGame(deep, inputs, { score }),
        (inputs: never) => networkGame(network, inputs, { score, sites: ["hidden"] }),
      ]) {
        const modes = await shapley(await play(array as never), { estimator: "exact" });
        expect(modes.values).toEqual((await shapley(await play(data as never), { estimator: "exact" })).values);
        expect(modes.provenance.game).toMatchObject({ inputs: "rows.npy", inputs_sha256: array.sha256 });
      }
    }
    const file = join(folder, "mlp.safetensors");
    saveMlp(mlp, file);
    const game = await gameFromFiles({ network: file, inputs: path, score: "logits" });
    expect(game.outputShape).toEqual([6, 3]);
  });

  it("are refused for scores that look at classes", async () => {
    const array = { name: "rows.npy", data: data.inputs, shape: [6, 4], sha256: "0" };
    const message =
      "invalid inputs; expected labelled inputs, as labelledInputs makes them, for the score class-precision";
    await expect(mlpGame(mlp, array)).rejects.toThrow(message);
    await expect(mlpGame(deep, array)).rejects.toThrow(message);
    await expect(networkGame(network, array, { sites: ["hidden"], score: "class-precision" })).rejects.toThrow(message);
  });
});
