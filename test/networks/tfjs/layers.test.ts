import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { randomStream } from "../../../src/coalitions/random-streams.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import { sites } from "../../../src/networks/sites.js";
import { layersNetwork } from "../../../src/networks/tfjs/models.js";
import { type BackendName, backendLabel, loadTensorflow, type Tensorflow } from "../../../src/tensors/backend.js";
import { loadOnProcessor, processorBackends } from "../../tensors/processor.js";

let tf: Tensorflow;
const random = randomStream(11);
const numbers = (length: number, scale = 1) => Float32Array.from({ length }, () => (scale * random.next()) / 2 ** 31);
const images = numbers(3 * 6 * 6 * 2);

/** Sets every weight of a model to a seeded number from 0 to 0.2: small, so that outputs are a few units large. */
function seeded(model: LayersModel): LayersModel {
  const size = (shape: readonly (number | null)[]) => shape.reduce<number>((product, length) => product * length!, 1);
  const values = model.weights.map(({ shape }) =>
    tf.tensor(numbers(size(shape), 0.2).map(Math.abs), shape as number[]),
  );
  model.setWeights(values);
  return model;
}

/** Two convolutions, a skip over the second, batch normalisation, dropout, and a softmax at the end. */
function residual(): LayersModel {
  const { layers } = tf;
  const input = tf.input({ shape: [6, 6, 2], name: "image" });
  const conv = (name: string, x: SymbolicTensor) =>
    layers
      .conv2d({ name, filters: 4, kernelSize: 3, padding: "same", activation: "relu", dataFormat: "channelsLast" })
      .apply(x) as SymbolicTensor;
  const first = conv("first", input);
  const second = conv("second", layers.batchNormalization({ name: "norm" }).apply(first) as SymbolicTensor);
  const sum = layers.add({ name: "sum" }).apply([first, second]) as SymbolicTensor;
  const flat = layers
    .flatten({ name: "flat" })
    .apply(layers.dropout({ rate: 0.5, name: "drop" }).apply(sum)) as SymbolicTensor;
  const output = layers
    .dense({ name: "classes", units: 3, activation: "softmax", kernelInitializer: "zeros" })
    .apply(flat);
  return seeded(tf.model({ inputs: input, outputs: output as SymbolicTensor }));
}

/** The residual network written out, with filters set to a value in place of what they hold. */
function writtenOut(model: LayersModel, lesion: (site: string, x: Tensor) => Tensor): Float32Array {
  const weights = (layer: string) => model.getLayer(layer).getWeights();
  const conv = (layer: string, x: Tensor) => {
    const [kernel, bias] = weights(layer);
    return lesion(`${layer}:before`, tf.add(tf.conv2d(x as never, kernel as never, 1, "same"), bias));
  };
  return tf.tidy(() => {
    const input = lesion("input", tf.tensor(images, [3, 6, 6, 2]));
    const first = lesion("first", tf.relu(conv("first", input)));
    const [gamma, beta, mean, variance] = weights("norm");
    const norm = tf.add(tf.mul(tf.div(tf.sub(first, mean), tf.sqrt(tf.add(variance, 1e-3))), gamma), beta);
    const second = lesion("second", tf.relu(conv("second", norm)));
    const flat = tf.reshape(tf.add(first, second), [3, -1]);
    const [kernel, bias] = weights("classes");
    const logits = lesion("classes:before", tf.add(tf.matMul(flat as never, kernel as never), bias));
    return tf.softmax(logits).dataSync() as Float32Array;
  });
}

/** Puts `value` (a number, or the mean over the batch) where a mask over the last axis is 0. */
function masked(x: Tensor, intact: readonly number[], value: number | "mean"): Tensor {
  const units = x.shape[x.shape.length - 1];
  const mask = tf.tensor1d(Array.from({ length: units }, (_, u) => (intact.includes(u) ? 1 : 0)));
  const other = value === "mean" ? tf.mean(x, 0, true) : tf.scalar(value);
  return tf.add(tf.mul(x, mask), tf.mul(other, tf.sub(1, mask)));
}

beforeAll(async () => {
  tf = (await loadOnProcessor()).tf;
});

describe("layersNetwork", () => {
  it("lists the input, every layer, and what activations are applied to", async () => {
    const network = await layersNetwork(residual());
    expect(sites(network).map(({ name, kind, units }) => `${name} ${kind} ${units}`)).toEqual([
      "input input 72",
      "first:before Conv2D 4",
      "first relu 4",
      "norm BatchNormalization 4",
      "second:before Conv2D 4",
      "second relu 4",
      "sum Add 4",
      "drop Dropout 4",
      "flat Flatten 144",
      "classes:before Dense 3",
      "classes softmax 3",
    ]);
    expect(network.sites[1].shape).toEqual([6, 6, 4]);
    expect(network.backend).toBe(backendLabel(await loadTensorflow()));
  });

  it("puts out what the model predicts when nothing is lesioned, and leaves the model as it was", async () => {
    const model = residual();
    const predicted = (model.predict(tf.tensor(images, [3, 6, 6, 2])) as Tensor).dataSync();
    const network = await layersNetwork(model);
    const game = await networkGame(network, images, { sites: ["second:before"] });
    const values = await game.evaluate(coalitionsOf(4, [[0, 1, 2, 3]]));
    // Rounding differs with what is computed in one step.
    values.forEach((value, i) => expect(Math.abs(value - predicted[i])).toBeLessThan(1e-6));
    expect((model.predict(tf.tensor(images, [3, 6, 6, 2])) as Tensor).dataSync()).toEqual(predicted);
  });

  it.each(["zero", "mean", "constant"] as const)(
    "lesions sites behind one another (%s) as a network written out does",
    async (kind) => {
      const model = residual();
      const network = await layersNetwork(model);
      const lesion = kind === "constant" ? { constant: 0.7 } : kind;
      const value = kind === "constant" ? 0.7 : kind === "zero" ? 0 : ("mean" as const);
      // The mean is that of the intact network, so a second site's must not see the first one's lesion.
      const means = new Map<string, Tensor>();
      writtenOut(model, (site, x) => {
        means.set(site, tf.keep(tf.mean(x, 0, true)));
        return x;
      });
      for (const chosen of [
        ["first", "second:before"],
        ["second", "first:before"],
        ["classes:before", "second"],
      ]) {
        const game = await networkGame(network, images, { sites: chosen, lesion });
        const coalitions = [[], [0], [1, 2, 5], [0, 1, 2, 3, 4, 5, 6]];
        const values = await game.evaluate(coalitionsOf(game.units.length, coalitions));
        coalitions.forEach((coalition, c) => {
          const members = new Set(coalition.map((player) => game.units[player]));
          const expected = writtenOut(model, (site, x) => {
            if (!chosen.includes(site)) return x;
            const units = x.shape[x.shape.length - 1];
            const intact = Array.from({ length: units }, (_, u) => u).filter((u) => members.has(`${site}/${u}`));
            if (value !== "mean") return masked(x, intact, value);
            const mask = tf.tensor1d(Array.from({ length: units }, (_, u) => (intact.includes(u) ? 1 : 0)));
            return tf.add(tf.mul(x, mask), tf.mul(means.get(site)!, tf.sub(1, mask)));
          });
          expected.forEach((number, i) => expect(values[c * 9 + i]).toBeCloseTo(number, 5));
        });
        game.dispose();
      }
    },
  );

  it("computes what comes before the first lesioned site once, and the rest once in a pass, within the memory given", async () => {
    const network = await layersNetwork(residual());
    const coalitions = coalitionsOf(4, [[], [0], [1], [2], [3], [0, 1], [1, 2], [2, 3]]);
    const memory = 30_000;
    for (const [site, convolutions] of [
      ["input", 2],
      ["first", 1],
      ["norm", 1],
      ["second", 0],
    ] as const) {
      const options = {
        sites: [site],
        groups: { a: [`${site}/0`], b: [`${site}/1`], c: [`${site}/2`], d: [`${site}/3`] },
      };
      const game = await networkGame(network, images, { ...options, memory });
      expect(game.rowsAtOnce).toBeGreaterThanOrEqual(3);
      // Whole coalitions, of three inputs each.
      const passes = Math.ceil(8 / Math.floor(game.rowsAtOnce / 3));
      const start = tf.memory().numBytes;
      const { kernels, peakBytes } = await tf.profile(async () => {
        await game.evaluate(coalitions);
        return [];
      });
      const found = kernels.filter(({ name }) => /^(Fused)?Conv2D$/.test(name)).length;
      expect(found).toBe(convolutions * passes);
      expect(peakBytes - start).toBeLessThanOrEqual(memory);
      game.dispose();
    }
  });

  it("has the layers of a model inside the model as sites, and takes several inputs by name", async () => {
    const { layers } = tf;
    const inner = tf.sequential({
      name: "inner",
      layers: [layers.dense({ name: "deep", units: 2, inputShape: [3], activation: "tanh" })],
    });
    const [a, b] = ["a", "b"].map((name) => tf.input({ shape: [3], name }));
    const both = layers
      .concatenate({ name: "both" })
      .apply([inner.apply(a) as SymbolicTensor, inner.apply(b) as SymbolicTensor]);
    const model = seeded(
      tf.model({ inputs: [a, b], outputs: layers.dense({ name: "out", units: 1 }).apply(both) as SymbolicTensor }),
    );
    const network = await layersNetwork(model);
    const names = network.sites.map((site) => site.name);
    expect(names).toEqual(expect.arrayContaining(["a", "b", "both", "out"]));
    expect(names.filter((name) => name.startsWith("inner")).length).toBe(4); // before and after, for either use
    const inputs = { a: Float32Array.of(1, 2, 3), b: Float32Array.of(-1, 0, 1) };
    const game = await networkGame(network, inputs, { sites: ["a", "b"] });
    expect(game.units).toEqual(["a/0", "a/1", "a/2", "b/0", "b/1", "b/2"]);
    const [value] = await game.evaluate(coalitionsOf(6, [[0, 5]]));
    const expected = tf.tidy(() =>
      (model.predict([tf.tensor2d([[1, 0, 0]]), tf.tensor2d([[0, 0, 1]])]) as Tensor).dataSync(),
    );
    expect(value).toBeCloseTo(expected[0], 6);
    await expect(networkGame(network, inputs.a, { sites: ["a"] })).rejects.toThrow(
      "invalid inputs; expected an array for each of the inputs a, b",
    );
    await expect(networkGame(network, { a: inputs.a }, { sites: ["a"] })).rejects.toThrow(
      "invalid inputs b; expected a typed array",
    );
    await expect(networkGame(network, { ...inputs, c: inputs.a }, { sites: ["a"] })).rejects.toThrow(
      "expected one of a, b",
    );
    const uneven = { a: inputs.a, b: new Float32Array(6) };
    await expect(networkGame(network, uneven, { sites: ["a"] })).rejects.toThrow(
      "as many rows of each input (1 of a); received 2",
    );
  });

  it("asks for sizes that the model leaves open, and takes the axis of the units that is stated", async () => {
    const open = () => {
      const input = tf.input({ shape: [null, null, 3], name: "picture" });
      const conv = tf.layers.conv2d({ name: "conv", filters: 2, kernelSize: 3 }).apply(input) as SymbolicTensor;
      return tf.model({
        inputs: input,
        outputs: tf.layers.globalAveragePooling2d({ name: "mean" }).apply(conv) as SymbolicTensor,
      });
    };
    await expect(layersNetwork(open())).rejects.toThrow(
      'invalid shape; expected the sizes that the network leaves open; its input picture is [?, ?, 3] for each row, "?" being open; received undefined',
    );
    await expect(layersNetwork(open(), { shape: [8, 8, 1] })).rejects.toThrow(
      "expected positive integers that fit [?, ?, 3]",
    );
    const network = await layersNetwork(open(), { shape: { picture: [8, 8, 3] }, axes: { conv: "all", input: 2 } });
    expect(sites(network)).toMatchObject([{ units: 3 }, { name: "conv", units: 72 }, { units: 2 }]);
    await expect(layersNetwork(open(), { shape: [8, 8, 3], axes: { conv: 3 } })).rejects.toThrow(
      'invalid axis of conv; expected "all" or one from 0 to 2; received 3',
    );
  });

  it("computes the same on every backend that is asked for", async () => {
    const model = residual();
    const value = async (backend: BackendName) => {
      const network = await layersNetwork(model, { backend });
      const label = backendLabel(await loadTensorflow());
      expect(label).toContain(backend);
      expect(network.backend).toBe(label);
      const game = await networkGame(network, images, { sites: ["first"] });
      expect(game.provenance).toMatchObject({ tensor_backend: label });
      return game.evaluate(coalitionsOf(4, [[1, 3]]));
    };
    const onCpu = await value("cpu");
    for (const backend of await processorBackends()) {
      (await value(backend)).forEach((number, i) => expect(number).toBeCloseTo(onCpu[i], 5));
    }
  });

  it("refuses what is no model, and layers that mask time steps", async () => {
    await expect(layersNetwork({} as LayersModel)).rejects.toThrow(
      "invalid model; expected a tf.LayersModel; received Object",
    );
    const masking = tf.sequential({
      layers: [tf.layers.masking({ inputShape: [4, 2], name: "hide" }), tf.layers.flatten()],
    });
    await expect(layersNetwork(masking)).rejects.toThrow(
      "invalid network; expected one whose layers do not mask time steps",
    );
  });
});
