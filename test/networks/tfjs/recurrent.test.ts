import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import { loadTfjs } from "../../../src/networks/tfjs/load.js";
import { layersNetwork } from "../../../src/networks/tfjs/models.js";
import { loadTensorflow, type Tensorflow } from "../../../src/tensors/backend.js";
import { saveLayers } from "./save-model.js";

const folder = mkdtempSync(join(tmpdir(), "tfjs-recurrent-"));
afterAll(() => rmSync(folder, { recursive: true }));
let tf: Tensorflow;
beforeAll(async () => {
  tf = (await loadTensorflow("wasm")).tf;
});

/** Three rows of three steps of two numbers. */
const rows = Float32Array.from({ length: 18 }, (_, i) => Math.sin(i));

/** What a model predicts for each row, with its states set back before it. */
function withFreshStates(model: LayersModel): number[] {
  return [0, 1, 2].flatMap((row) => {
    model.resetStates();
    const x = tf.tensor(rows.subarray(row * 6, row * 6 + 6), [1, 3, 2]);
    return [...(model.predict(x) as Tensor).dataSync()];
  });
}

const stateful: Readonly<Record<string, () => LayersModel>> = {
  LSTM: () =>
    tf.sequential({
      layers: [tf.layers.lstm({ units: 2, stateful: true, batchInputShape: [1, 3, 2] }), tf.layers.dense({ units: 1 })],
    }),
  GRU: () =>
    tf.sequential({
      layers: [tf.layers.gru({ units: 2, stateful: true, batchInputShape: [1, 3, 2] })],
    }),
  "SimpleRNN of whole sequences": () =>
    tf.sequential({
      layers: [tf.layers.simpleRNN({ units: 2, stateful: true, returnSequences: true, batchInputShape: [1, 3, 2] })],
    }),
  "RNN of several cells": () =>
    tf.sequential({
      layers: [
        tf.layers.rnn({
          cell: [tf.layers.lstmCell({ units: 2 }), tf.layers.simpleRNNCell({ units: 2 })] as never,
          stateful: true,
          batchInputShape: [1, 3, 2],
        }),
      ],
    }),
  "a model inside a model": () => {
    const inner = tf.sequential({
      name: "inner",
      layers: [tf.layers.lstm({ name: "deep", units: 2, stateful: true, batchInputShape: [1, 3, 2] })],
    });
    const x = tf.input({ batchShape: [1, 3, 2] });
    return tf.model({ inputs: x, outputs: tf.layers.dense({ units: 1 }).apply(inner.apply(x)) as SymbolicTensor });
  },
};

describe("stateful recurrent layers", () => {
  it.each(Object.keys(stateful))("begin every row with zeros, in every pass and game: %s", async (name) => {
    const model = stateful[name]();
    const expected = withFreshStates(model);
    const outputs = expected.length / 3;
    const network = await layersNetwork(model);
    for (let again = 0; again < 2; again++) {
      const game = await networkGame(network, rows, { sites: ["input"], groups: { first: ["input/0"] } });
      expect(game.rowsAtOnce).toBeGreaterThan(3);
      const values = await game.evaluate(coalitionsOf(1, [[0], [], [0]]));
      expected.forEach((value, i) => {
        expect(values[i]).toBeCloseTo(value, 6);
        expect(values[2 * 3 * outputs + i]).toBeCloseTo(value, 6);
      });
      game.dispose();
    }
    // The model stays as stateful as it was.
    expect(model.layers.some((layer) => layer.stateful)).toBe(true);
    expect(withFreshStates(model)).toEqual(expected);
  });

  it("are wrapped as well: Bidirectional and TimeDistributed", async () => {
    const wrapped = tf.sequential({
      layers: [
        tf.layers.bidirectional({
          layer: tf.layers.lstm({ units: 2, stateful: true }) as never,
          mergeMode: "concat",
          batchInputShape: [1, 3, 2],
        }),
      ],
    });
    const plain = tf.sequential({
      layers: [
        tf.layers.bidirectional({
          layer: tf.layers.lstm({ units: 2 }) as never,
          mergeMode: "concat",
          batchInputShape: [null, 3, 2],
        }),
      ],
    });
    plain.setWeights(wrapped.getWeights());
    const expected = (plain.predict(tf.tensor(rows, [3, 3, 2])) as Tensor).dataSync();
    const network = await layersNetwork(wrapped);
    for (let again = 0; again < 2; again++) {
      const game = await networkGame(network, rows, { sites: ["input"], groups: { all: ["input/0"] } });
      const values = await game.evaluate(coalitionsOf(1, [[0]]));
      expected.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 6));
      game.dispose();
    }
  });
});

describe("recurrent layers", () => {
  it("begin with the states that are given to them, and have a site for each of their outputs", async () => {
    const x = tf.input({ shape: [3, 2], name: "x" });
    const [, h, c] = tf.layers.lstm({ name: "encoder", units: 2, returnState: true }).apply(x) as SymbolicTensor[];
    const y = tf.layers.lstm({ name: "decoder", units: 2 }).apply(x, { initialState: [h, c] }) as SymbolicTensor;
    const model = tf.model({ inputs: x, outputs: [y, c] });
    const network = await layersNetwork(model);
    expect(network.sites.map(({ name }) => name)).toEqual(["input", "encoder:0", "encoder:1", "encoder:2", "decoder"]);
    expect(network.outputs.map(({ name }) => name)).toEqual(["decoder", "encoder:2"]);
    const expected = (model.predict(tf.tensor(rows, [3, 3, 2])) as Tensor[]).map((value) => value.dataSync());
    for (const [o, output] of ["decoder", "encoder:2"].entries()) {
      const site = o === 0 ? "encoder:1" : "input";
      const game = await networkGame(network, rows, { sites: [site], output, groups: { one: [`${site}/0`] } });
      const values = await game.evaluate(coalitionsOf(1, [[0]]));
      expected[o].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 6));
    }
    await expect(networkGame(network, rows, { sites: ["encoder"], output: "decoder" })).rejects.toThrow(
      "it could mean encoder:0 or encoder:1 or encoder:2",
    );
  });

  it("whose file says that steps come before rows are refused", async () => {
    const model = tf.sequential({ layers: [tf.layers.lstm({ name: "steps", units: 2, inputShape: [3, 2] })] });
    const path = await saveLayers(tf, model, join(folder, "time-major"));
    const stored = JSON.parse(readFileSync(path, "utf8"));
    stored.modelTopology.config.layers[0].config.time_major = true;
    stored.modelTopology.keras_version = "2.11.0";
    writeFileSync(path, JSON.stringify(stored));
    await expect(loadTfjs(path)).rejects.toThrow(
      "invalid time_major of LSTM steps; expected what TensorFlow.js does; received",
    );
  });
});

describe("layers that draw in training", () => {
  it("do nothing: dropouts and noises", async () => {
    const { layers } = tf;
    const model = tf.sequential({
      layers: [
        layers.dense({ units: 3, inputShape: [3, 2] }),
        layers.dropout({ rate: 0.5 }),
        layers.gaussianNoise({ stddev: 1 }),
        layers.gaussianDropout({ rate: 0.5 }),
        layers.alphaDropout({ rate: 0.5 }),
        layers.spatialDropout1d({ rate: 0.5 }),
        layers.lstm({ units: 2, dropout: 0.5, recurrentDropout: 0.5 }),
      ],
    });
    const expected = (model.predict(tf.tensor(rows, [3, 3, 2])) as Tensor).dataSync();
    const network = await layersNetwork(model);
    const game = await networkGame(network, rows, { sites: ["input"], groups: { all: ["input/0"] } });
    for (let again = 0; again < 3; again++) {
      const values = await game.evaluate(coalitionsOf(1, [[0]]));
      expected.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 6));
    }
  });

  it("are left out of training also where a model calls them so", async () => {
    const x = tf.input({ shape: [4] });
    const dropped = tf.layers.dropout({ rate: 0.5 }).apply(x, { training: true }) as SymbolicTensor;
    const network = await layersNetwork(tf.model({ inputs: x, outputs: dropped }));
    const game = await networkGame(network, Float32Array.of(1, 2, 3, 4), { sites: ["input"] });
    expect([...(await game.evaluate(coalitionsOf(4, [[0, 1, 2, 3]])))]).toEqual([1, 2, 3, 4]);
  });

  it("but resize at random in every call, are refused where an output depends on them", async () => {
    const x = tf.input({ shape: [4, 4, 1] });
    const layer = (tf.layers as unknown as { randomWidth(args: object): LayersModel["layers"][0] }).randomWidth({
      factor: 0.3,
      name: "wide",
    });
    const wide = layer.apply(x) as SymbolicTensor;
    const plain = tf.layers.globalAveragePooling2d({ name: "plain" }).apply(x) as SymbolicTensor;
    const network = await layersNetwork(tf.model({ inputs: x, outputs: [wide, plain] }));
    const image = Float32Array.from({ length: 16 }, (_, i) => i);
    await expect(networkGame(network, image, { sites: ["input"], output: "wide" })).rejects.toThrow("RandomWidth wide");
    const game = await networkGame(network, image, { sites: ["input"], groups: { all: ["input/0"] }, output: "plain" });
    expect([...(await game.evaluate(coalitionsOf(1, [[0]])))]).toEqual([7.5]);
  });
});
