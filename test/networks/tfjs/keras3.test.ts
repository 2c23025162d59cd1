import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import type { Network } from "../../../src/networks/network.js";
import { loadTfjs } from "../../../src/networks/tfjs/load.js";

/**
 * Models of Keras 3.15.1 (TensorFlow 2.21), as `model.to_json()` writes them, with what they put out. Weight w, number
 * i is sin(1.7 i + w) / 2 (of a variance its size, and 0.2 more); number i of input k among those without stated values
 * is sin(0.9 i + 0.3 k).
 */
interface Stored {
  readonly config: object;
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly inputs: readonly { readonly size: number; readonly values?: readonly number[] }[];
  readonly outputs: readonly (readonly number[])[];
}
const file = gunzipSync(readFileSync(join(import.meta.dirname, "keras3-models.json.gz"))).toString();
const { read, refused } = JSON.parse(file) as Record<"read" | "refused", Readonly<Record<string, Stored>>>;

const folder = mkdtempSync(join(tmpdir(), "keras3-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a model as tensorflowjs_converter does. */
function written(name: string, { config, weights }: Pick<Stored, "config" | "weights">): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
  const numbers = weights.map(({ name: weight, shape }, w) =>
    Float32Array.from({ length: size(shape) }, (_, i) => {
      const value = Math.sin(1.7 * i + w) / 2;
      return weight.includes("variance") ? Math.abs(value) + 0.2 : value;
    }),
  );
  const model = {
    format: "layers-model",
    generatedBy: "keras v3.15.1",
    modelTopology: { keras_version: "3.15.1", backend: "tensorflow", model_config: config },
    weightsManifest: [{ paths: ["w.bin"], weights: weights.map((weight) => ({ ...weight, dtype: "float32" })) }],
  };
  writeFileSync(join(path, "model.json"), JSON.stringify(model));
  writeFileSync(join(path, "w.bin"), Buffer.concat(numbers.map(({ buffer }) => Buffer.from(buffer))));
  return join(path, "model.json");
}

function inputsOf({ inputs }: Network, stored: Stored) {
  let k = -1;
  const data = stored.inputs.map(({ size, values }) => {
    if (values === undefined) k++;
    return Float32Array.from({ length: size }, (_, i) => values?.[i] ?? Math.sin(0.9 * i + 0.3 * k));
  });
  return inputs.length === 1 ? data[0] : Object.fromEntries(inputs.map(({ name }, k) => [name, data[k]]));
}

describe("models of Keras 3", () => {
  it.each(Object.keys(read))("put out what Keras computes: %s", async (name) => {
    const network = await loadTfjs(written(name, read[name]));
    const inputs = inputsOf(network, read[name]);
    expect(network.outputs.length).toBe(read[name].outputs.length);
    for (const [o, output] of network.outputs.entries()) {
      // Some site that this output depends on, as early as can be.
      for (const { name: site } of network.sites) {
        const options = { sites: [site], groups: { one: [`${site}/0`] }, output: output.name };
        const game = await networkGame(network, inputs, options).catch((error: Error) => {
          if (!error.message.startsWith("invalid site")) throw error;
        });
        if (!game) continue;
        const values = await game.evaluate(coalitionsOf(1, [[0]]));
        game.dispose();
        expect(values.length).toBe(read[name].outputs[o].length);
        // The stored numbers have six digits.
        const apart = Array.from(values, (value, i) => {
          const expected = read[name].outputs[o][i];
          return Math.abs(value - expected) / Math.max(1, Math.abs(expected));
        });
        expect(Math.max(...apart)).toBeLessThan(1e-5);
        break;
      }
      expect.hasAssertions();
    }
  });

  it.each([
    ["gru", "reset_after false of GRU gru"],
    ["groups", "groups 1 of Conv2D conv2d"],
    ["convTop", "output_padding null of Conv2DTranspose"],
    ["convTdil", "of Conv2DTranspose"],
    ["keepdims", "keepdims false of GlobalAveragePooling2D"],
    ["reluneg", "negative_slope 0 or null of ReLU"],
    ["reluthr", "threshold 0 or null of ReLU"],
    ["upbil", 'interpolation "nearest" of UpSampling2D'],
    ["f16", "the dtype float32 of Dense dense"],
    ["lora", "no lora_rank of Dense dense"],
    [
      "act_hard_sigmoid",
      'an activation of Dense dense that TensorFlow.js computes as Keras 3 does; received "hard_sigmoid"',
    ],
    ["act_leaky_relu", 'received "leaky_relu"'],
    ["act_obj", 'an activation of Dense dense that TensorFlow.js computes as Keras 3 does; received "LeakyReLU"'],
    ["embmask", "mask_zero false of Embedding"],
    ["masking", 'received "Masking masking"'],
    ["bidiff", "a backward_layer of Bidirectional"],
    ["op", 'layers of Keras alone; received "Add add of keras.src.ops.numpy"'],
    ["opf", "of keras.src.ops.nn"],
    ["training", "layer dropout called with tensors alone, without training"],
    ["lnrms", "rms_scaling false of LayerNormalization"],
    ["mha", 'received "MultiHeadAttention multi_head_attention"'],
    ["resize", 'received "Resizing resizing"'],
    ["center", 'received "CenterCrop center_crop"'],
  ])("are refused by name where TensorFlow.js would compute something else: %s", async (name, message) => {
    const loading = loadTfjs(written(name, refused[name]));
    await expect(loading).rejects.toThrow("invalid Keras 3 model; expected");
    await expect(loading).rejects.toThrow(message);
  });

  it("are refused where TensorFlow.js reads over a dilation", async () => {
    const name =
      Object.keys(read).find((each) => JSON.stringify(read[each].config).includes('"DepthwiseConv2D"')) ?? "";
    const stored = structuredClone(read[name]);
    const { layers } = (stored.config as { config: { layers: { class_name: string; config: object }[] } }).config;
    for (const { class_name: kind, config } of layers) {
      if (kind === "DepthwiseConv2D") Object.assign(config, { dilation_rate: [2, 2] });
    }
    await expect(loadTfjs(written("dilated", stored))).rejects.toThrow(/dilation_rate .* of DepthwiseConv2D/);
  });

  it("are refused for what TensorFlow.js itself does not do, and for an axis that it takes for the last", async () => {
    await expect(loadTfjs(written("softmaxaxis", refused.softmaxaxis))).rejects.toThrow(
      "Softmax along a non-last dimension",
    );
    await expect(loadTfjs(written("bnaxis", refused.bnaxis))).rejects.toThrow(
      "invalid axis of BatchNormalization batch_normalization; expected the last one",
    );
  });

  it("have sites by the names of their layers, of a shared one for each use, of one with states for each", async () => {
    const names = async (name: string) => (await loadTfjs(written(name, read[name]))).sites.map((site) => site.name);
    expect(await names("shared")).toEqual(
      expect.arrayContaining(["a", "b", "shared@0", "shared@0:before", "shared@1"]),
    );
    expect(await names("state")).toEqual(expect.arrayContaining(["enc:0", "enc:1", "enc:2", "dec"]));
    expect(await names("nested")).toEqual(expect.arrayContaining(["inner/deep", "tail/deep"]));
    expect(await names("nestedtwice")).toEqual(
      expect.arrayContaining(["inner@0/deep", "inner@1/deep", "inner@2/deep"]),
    );
    const network = await loadTfjs(written("shared", read.shared));
    const inputs = inputsOf(network, read.shared);
    await expect(networkGame(network, inputs, { sites: ["shared"], output: "z" })).rejects.toThrow(
      "it could mean shared@0 or shared@1",
    );
  });

  it("need every weight once, by its name and of its shape", async () => {
    const { dense, nested } = read;
    const renamed = (from: string, to: string) =>
      dense.weights.map((weight) => ({ ...weight, name: weight.name.replace(from, to) }));
    const load = (name: string, weights: Stored["weights"], model = dense) =>
      loadTfjs(written(name, { ...model, weights }));
    // With and without the model's name, and an altogether other one in front.
    for (const way of ["", "other/", "a/b/"]) await load("way", renamed("sequential/", way));
    await expect(load("kernel", renamed("dense/kernel", "dense/weight"))).rejects.toThrow(
      "expected one for dense/kernel",
    );
    await expect(load("swapped", renamed("dense/bias", "dense/kernel"))).rejects.toThrow("has two weights of one name");
    await expect(load("less", dense.weights.slice(1))).rejects.toThrow("expected one for dense/kernel");
    await expect(load("more", [...dense.weights, { name: "extra/kernel", shape: [1] }])).rejects.toThrow(
      'weights of its layers alone; received "extra/kernel"',
    );
    const turned = dense.weights.map((weight, w) =>
      w === 0 ? { ...weight, shape: [...weight.shape].reverse() } : weight,
    );
    await expect(load("turned", turned)).rejects.toThrow("invalid weights dense/kernel; expected the shape");
    const one = nested.weights.map((weight) => ({ ...weight, name: weight.name.replace("tail/deep", "x/deep") }));
    await expect(load("two", one, nested)).rejects.toThrow("expected one for inner/deep/kernel");
  });
});
