import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { compress } from "../../../src/analysis/smaller/compress.js";
import type { Network } from "../../../src/networks/network.js";
import { loadTfjs } from "../../../src/networks/tfjs/load.js";
import { layersNetwork } from "../../../src/networks/tfjs/models.js";
import { loadTensorflow, type Tensorflow } from "../../../src/tensors/backend.js";
import { numbers, smallMlp } from "../../networks/mlp/small.js";
import { mlpAsLayers } from "../../networks/mlp-models.js";

let tf: Tensorflow;
beforeAll(async () => {
  ({ tf } = await loadTensorflow());
});

/** Weights from -0.5 to 0.5; variances, which are to be positive, 1 more. */
function filled(model: LayersModel): LayersModel {
  const values = model.weights.map(({ shape, originalName }, i) => {
    const length = shape.reduce<number>((all, one) => all * one!, 1);
    const some = numbers(length, i + 1);
    return tf.tensor(/variance/.test(originalName) ? some.map((x) => x + 1) : some, shape as number[]);
  });
  model.setWeights(values);
  return model;
}

const apply = (layer: { apply(x: never): unknown }, x: SymbolicTensor | SymbolicTensor[]) =>
  layer.apply(x as never) as SymbolicTensor;

/** Two convolutions, a sum, a gate, a concatenation, and dense layers. */
function network(): Promise<Network> {
  const { layers } = tf;
  const x = tf.input({ shape: [6, 6, 2], name: "image" });
  const a = apply(layers.conv2d({ name: "a", filters: 4, kernelSize: 3, padding: "same", activation: "relu" }), x);
  const norm = apply(layers.batchNormalization({ name: "norm" }), a);
  const swish = apply(layers.activation({ name: "swish", activation: "swish" }), norm);
  const b = apply(layers.conv2d({ name: "b", filters: 4, kernelSize: 3, padding: "same", useBias: false }), swish);
  const sum = apply(layers.add({ name: "sum" }), [b, a]);
  const r = apply(layers.reLU({ name: "r" }), sum);
  const c = apply(layers.conv2d({ name: "c", filters: 5, kernelSize: 3, activation: "tanh" }), r);
  const up = apply(layers.conv2dTranspose({ name: "up", filters: 3, kernelSize: 2, activation: "relu" }), c);
  const deep = apply(layers.depthwiseConv2d({ name: "deep", kernelSize: 2, depthMultiplier: 2 }), up);
  const small = apply(layers.maxPooling2d({ name: "small", poolSize: 2 }), c);
  const both = apply(layers.concatenate({ name: "both" }), [deep, c]);
  const flat = apply(layers.flatten({ name: "flat" }), apply(layers.dropout({ name: "drop", rate: 0.5 }), both));
  const means = apply(layers.globalAveragePooling2d({ name: "means" }), small);
  const dense = apply(
    layers.dense({ name: "dense", units: 6, activation: "sigmoid" }),
    apply(layers.concatenate({ name: "all" }), [flat, means]),
  );
  const y = apply(layers.dense({ name: "y", units: 3, activation: "softmax" }), dense);
  return layersNetwork(filled(tf.model({ inputs: x, outputs: y })));
}

async function exactly(from: Network, keep: Record<string, number[]>, options = {}) {
  const smaller = await compress(from, keep, options);
  expect(smaller.difference).toBeLessThanOrEqual(2e-6 * Math.max(1, smaller.largest));
  expect(smaller.after.parameters).toBeLessThan(smaller.before.parameters);
  return smaller;
}

describe("compress of LayersModels", () => {
  it("gives the same network as of the same dense layers", async () => {
    const mlp = smallMlp({ inputs: 3, hidden: 5, outputs: 2 });
    for (const lesion of ["zero", { constant: 1.5 }] as const) {
      const ours = await compress(mlp, { hidden: [1, 4] }, { lesion, place: "activation" });
      const theirs = await exactly(await layersNetwork(mlpAsLayers(tf, mlp)), { leaky: [1, 4] }, { lesion });
      const rows = { count: 4, data: [numbers(12, 3)] };
      const site = (of: Network, name: string) => of.sites.filter((one) => one.name === name);
      const [hidden] = await ours.network.activations(rows, site(ours.network, "hidden"));
      const [leaky] = await theirs.network.activations(rows, site(theirs.network, "leaky"));
      for (const [i, value] of leaky.entries()) expect(value).toBeCloseTo(hidden[i], 6);
      expect(theirs.after.parameters).toBe(ours.after.parameters);
    }
  });

  it("takes channels through convolutions, normalisation, sums, pooling and dense layers", async () => {
    const model = await network();
    const smaller = await exactly(model, { swish: [0, 2], a: [0, 2], r: [0, 2], dense: [1, 2, 5] });
    expect(smaller.sites.map(({ before, after }) => [before, after])).toEqual([
      [4, 2],
      [4, 2],
      [4, 2],
      [6, 3],
    ]);
    const shapes = new Map(smaller.network.sites.map(({ name, shape }) => [name, shape]));
    expect(shapes.get("a")).toEqual([6, 6, 2]);
    expect(shapes.get("r")).toEqual([6, 6, 2]);
    expect(shapes.get("dense")).toEqual([3]);
    await exactly(model, { c: [1, 4] });
    await exactly(model, { c: [0, 2, 3], dense: [4] });
    await exactly(model, { dense: [0, 1] }, { lesion: { constant: 0.25 } });
  });

  it("is saved as a model that is read as the same network", async () => {
    const folder = mkdtempSync(join(tmpdir(), "smaller-"));
    try {
      const smaller = await compress(await network(), { c: [1, 4] });
      const path = join(folder, "model.json");
      const sha256 = smaller.save(path);
      const read = await loadTfjs(path);
      expect(read.sha256).toBe(sha256);
      const rows = { count: 2, data: [numbers(144, 5)] };
      const site = (of: Network) => of.sites.filter(({ name }) => name === "y");
      expect(await read.activations(rows, site(read))).toEqual(
        await smaller.network.activations(rows, site(smaller.network)),
      );
      expect(() => smaller.save(join(folder, "model.h5"))).toThrow("invalid path");
      // Where the model can not be written its weights are not left behind.
      mkdirSync(join(folder, "taken.json"));
      const files = readdirSync(folder);
      const again = await compress(read, { c: [0] });
      expect(() => again.save(join(folder, "taken.json"))).toThrow("taken.json");
      expect(readdirSync(folder)).toEqual(files);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("leaves layers as they are of which nothing can go: separable, recurrent, nested", async () => {
    const { layers } = tf;
    const before: Record<string, () => unknown[]> = {
      separable: () => [layers.separableConv2d({ filters: 4, kernelSize: 3, inputShape: [5, 5, 2] }), layers.flatten()],
      recurrent: () => [layers.gru({ units: 3, inputShape: [4, 2] })],
      both: () => [layers.bidirectional({ layer: layers.lstm({ units: 2 }) as never, inputShape: [3, 2] } as never)],
      nested: () => [tf.sequential({ layers: [layers.dense({ units: 4, inputShape: [3], activation: "tanh" })] })],
    };
    for (const [name, first] of Object.entries(before)) {
      const all = [...first(), layers.dense({ name: "h", units: 4, activation: "relu" }), layers.dense({ units: 2 })];
      const model = filled(tf.sequential({ layers: all as never }));
      const smaller = await compress(await layersNetwork(model), { h: [1, 2] });
      expect(smaller.difference, name).toBeLessThan(1e-5);
      expect(smaller.sites).toEqual([{ site: "h", before: 4, after: 2 }]);
    }
    const words = tf.sequential({
      layers: [
        layers.embedding({ inputDim: 9, outputDim: 3, inputLength: 4 }),
        layers.flatten(),
        layers.dense({ name: "h", units: 4 }),
        layers.dense({ units: 2 }),
      ],
    });
    const network = await layersNetwork(filled(words));
    await expect(compress(network, { h: [0] })).rejects.toThrow(
      "invalid inputs; expected some of the network's own, as it does not run on rows that are drawn",
    );
    await compress(network, { h: [0] }, { inputs: Float32Array.of(1, 2, 3, 8, 0, 0, 4, 5) });
  });

  it("names the layer that needs what should go", async () => {
    const model = await network();
    const refused = (keep: Record<string, number[]>, options = {}) => expect(compress(model, keep, options)).rejects;
    await refused({ r: [0, 2] }).toThrow(/invalid units of r; .*needs them; received \[1, 3\]/);
    await refused({ a: [0] }, { lesion: { constant: 1 } }).toThrow(/units of a/);
    await refused({ "y:before": [0] }).toThrow("the softmax of Dense y needs them");
    await refused({ up: [0, 1] }, { lesion: { constant: 1 } }).toThrow("units of up");
    const { layers } = tf;
    const other = tf.sequential({
      layers: [
        layers.dense({ name: "first", units: 4, inputShape: [3] }),
        layers.layerNormalization({ name: "mixed" }),
        layers.dense({ name: "last", units: 2 }),
      ],
    });
    await expect(compress(await layersNetwork(other), { first: [0] })).rejects.toThrow(
      "LayerNormalization mixed takes them, and nothing can go through it",
    );
  });

  it("names layers that go along the axis of channels, which are no places", async () => {
    const { layers } = tf;
    const images = (name: string, layer: (x: SymbolicTensor) => SymbolicTensor) => {
      const x = tf.input({ shape: [6, 6, 2] });
      const conv = apply(layers.conv2d({ name: "conv", filters: 4, kernelSize: 3 }), x);
      const y = apply(layers.dense({ units: 2 }), apply(layers.flatten(), layer(conv)));
      return [name, "conv", filled(tf.model({ inputs: x, outputs: y }))] as const;
    };
    const numbersOf = (name: string, shape: number[], layer: (x: SymbolicTensor) => SymbolicTensor) => {
      const x = tf.input({ shape: [3] });
      const places = apply(layers.reshape({ targetShape: shape }), apply(layers.dense({ name: "dense", units: 4 }), x));
      const y = apply(layers.dense({ units: 2 }), apply(layers.flatten(), layer(places)));
      return [name, "dense", filled(tf.model({ inputs: x, outputs: y }))] as const;
    };
    const first = { name: "along", dataFormat: "channelsFirst" } as const;
    const models = [
      images("MaxPooling2D", (x) => apply(layers.maxPooling2d({ ...first, poolSize: 2, strides: 1 }), x)),
      images("Cropping2D", (x) => apply(layers.cropping2D({ ...first, cropping: 1 }), x)),
      numbersOf("MaxPooling1D", [4, 1], (x) => apply(layers.maxPooling1d({ name: "along", poolSize: 2 }), x)),
      numbersOf("AveragePooling1D", [4, 1], (x) =>
        apply(layers.averagePooling1d({ name: "along", poolSize: 2, strides: 1, padding: "same" }), x),
      ),
      numbersOf("UpSampling2D", [4, 1, 1], (x) => apply(layers.upSampling2d({ name: "along", size: [2, 2] }), x)),
      numbersOf("ZeroPadding2D", [4, 1, 1], (x) => apply(layers.zeroPadding2d({ name: "along", padding: 1 }), x)),
    ];
    for (const [name, site, model] of models) {
      await expect(compress(await layersNetwork(model), { [site]: [0, 2] })).rejects.toThrow(
        `${name} along takes them, and nothing can go through it`,
      );
    }
  });
});
