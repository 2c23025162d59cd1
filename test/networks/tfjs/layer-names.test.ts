import type { SymbolicTensor } from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { networkGame } from "../../../src/lesion/network-game.js";
import { layersNetwork } from "../../../src/networks/tfjs/models.js";
import { loadTensorflow, type Tensorflow } from "../../../src/tensors/backend.js";

let tf: Tensorflow;
beforeAll(async () => {
  tf = (await loadTensorflow("wasm")).tf;
});
const dense = (name: string, activation: "relu" | "linear" = "linear") =>
  tf.layers.dense({ name, units: 2, activation });

describe("names of layers' tensors", () => {
  it("tell the uses of a shared layer apart, and are refused where they could mean several", async () => {
    const x = tf.input({ shape: [2], name: "x" });
    const shared = dense("shared", "relu");
    const first = shared.apply(x) as SymbolicTensor;
    const second = shared.apply(first) as SymbolicTensor;
    const network = await layersNetwork(tf.model({ inputs: x, outputs: [first, second] }));
    const uses = ["shared@0:before", "shared@0", "shared@1:before", "shared@1"];
    expect(network.sites.map(({ name }) => name)).toEqual(["input", ...uses]);
    expect(network.outputs.map(({ name }) => name)).toEqual(["shared@0", "shared@1"]);
    const play = (site: string, output: string) =>
      networkGame(network, Float32Array.of(1, 2), { sites: [site], output });
    await expect(play("shared", "shared@1")).rejects.toThrow("it could mean shared@0 or shared@1");
    await expect(play("shared:before", "shared@1")).rejects.toThrow("it could mean shared@0:before or shared@1:before");
    await expect(play("shared@0", "shared")).rejects.toThrow("expected one of shared@0, shared@1");
    expect((await play("shared@0", "shared@1")).units).toEqual(["shared@0/0", "shared@0/1"]);
  });

  it("are those of the uses in this model alone", async () => {
    const shared = dense("shared");
    shared.apply(tf.input({ shape: [2] }));
    const x = tf.input({ shape: [2], name: "x" });
    const network = await layersNetwork(tf.model({ inputs: x, outputs: shared.apply(x) as SymbolicTensor }));
    expect(network.sites.map(({ name }) => name)).toEqual(["input", "shared"]);
  });

  it("tell layers of one name in several inner models apart", async () => {
    const inner = (name: string) =>
      tf.sequential({ name, layers: [tf.layers.dense({ name: `deep_${name}`, units: 2, inputShape: [2] })] });
    const x = tf.input({ shape: [2], name: "x" });
    const [a, b] = [inner("a"), inner("b")];
    a.layers[0].name = "deep";
    b.layers[0].name = "deep";
    const y = b.apply(a.apply(x)) as SymbolicTensor;
    const network = await layersNetwork(tf.model({ inputs: x, outputs: y }));
    expect(network.sites.map(({ name }) => name)).toEqual(["input", "a/deep", "b/deep"]);
    expect(network.outputs.map(({ name }) => name)).toEqual(["b"]);
  });

  it("are never those of two tensors", async () => {
    const x = tf.input({ shape: [2], name: "x" });
    const inner = tf.sequential({
      name: "inner",
      layers: [tf.layers.dense({ name: "deep", units: 2, inputShape: [2] })],
    });
    const y = dense("inner/deep").apply(inner.apply(x)) as SymbolicTensor;
    await expect(layersNetwork(tf.model({ inputs: x, outputs: y }))).rejects.toThrow(
      'invalid network; expected one in which no two tensors have the same name; received "inner/deep"',
    );
  });

  it("are not taken where batch normalisation is along another axis than the last, which TensorFlow.js does not compute", async () => {
    const x = tf.input({ shape: [3, 4] });
    const y = tf.layers.batchNormalization({ name: "norm", axis: 1 }).apply(x) as SymbolicTensor;
    await expect(layersNetwork(tf.model({ inputs: x, outputs: y }))).rejects.toThrow(
      "invalid axis of BatchNormalization norm",
    );
    const last = tf.layers.batchNormalization({ name: "last", axis: 2 }).apply(x) as SymbolicTensor;
    expect((await layersNetwork(tf.model({ inputs: x, outputs: last }))).sites.length).toBe(2);
  });
});
