import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { formatSafetensors } from "../../../src/formats/safetensors.js";
import type { DenseTensor } from "../../../src/formats/tensor.js";
import { generatorTensors, loadGenerator, saveGenerator } from "../../../src/networks/dcgan/file.js";
import { generateImages } from "../../../src/networks/dcgan/forward.js";
import { generatorOf } from "../../../src/networks/dcgan/generator.js";
import { randomLatents } from "../../../src/networks/dcgan/latents.js";
import { loadTensorflow } from "../../../src/tensors/backend.js";
import { processorBackends } from "../../tensors/processor.js";
import { float, integer, module, ordered, type Piece, tensor, torchFile, tuple } from "../formats/torch-writer.js";
import { plainImages, randomGenerator } from "./plain.js";

const folder = mkdtempSync(join(tmpdir(), "generator-"));
afterAll(() => rmSync(folder, { recursive: true }));
const size = { layers: 4, filters: 2, latents: 5 };
const generator = randomGenerator(size);

/** A file of these tensors. */
function fileOf(name: string, tensors: ReadonlyMap<string, DenseTensor>): string {
  const path = join(folder, name);
  writeFileSync(path, formatSafetensors(tensors));
  return path;
}

describe("loadGenerator", () => {
  test("reads what saveGenerator wrote, and the checksum", async () => {
    const path = join(folder, "whole.safetensors");
    const sha256 = saveGenerator(generator, path);
    expect(await loadGenerator(path)).toEqual({ ...generator, sha256 });
    expect(await loadGenerator(path, { size })).toEqual({ ...generator, sha256 });
    expect(() => saveGenerator(generator, join(folder, "whole.pt"))).toThrow(
      "invalid path; expected a name that ends in .safetensors",
    );
    expect(existsSync(join(folder, "whole.pt"))).toBe(false);
    saveGenerator(generator, join(folder, "half.safetensors"), { dtype: "F16" });
    expect(statSync(join(folder, "half.safetensors")).size).toBeLessThan(0.6 * statSync(path).size);
    const half = await loadGenerator(join(folder, "half.safetensors"));
    half.parts.forEach(({ weights }, l) => {
      weights.forEach((w, i) => expect(Math.abs(w - generator.parts[l].weights[i])).toBeLessThan(1e-3));
    });
  });

  test("reads a PyTorch state dict, with its counters, in the order of its entries", async () => {
    const storages: Record<string, Uint8Array | number[]> = {};
    const entries: Record<string, ReturnType<typeof tensor>> = {};
    let key = 0;
    for (const [name, { shape, data }] of generatorTensors(generator)) {
      storages[key] = [...data];
      entries[`gen.${name}`] = tensor({ key: String(key++), shape });
      if (!name.endsWith("running_var")) continue;
      storages[key] = new Uint8Array(BigInt64Array.of(12_345n).buffer);
      entries[`gen.${name.replace("running_var", "num_batches_tracked")}`] = tensor({
        key: String(key++),
        shape: [],
        storage: "LongStorage",
      });
    }
    const path = join(folder, "state.pt");
    writeFileSync(path, torchFile(ordered(entries), storages));
    expect((await loadGenerator(path)).parts).toEqual(generator.parts);
  });

  test("reads a whole nn.Sequential that computes what a generator does, and names what is other", async () => {
    const storages: Record<string, number[]> = {};
    const parts: Record<string, Record<string, Piece>> = {};
    let key = 0;
    for (const [name, { shape, data }] of generatorTensors(generator)) {
      const [, index, part] = name.split(".");
      storages[key] = [...data];
      (parts[index] ??= {})[part] = tensor({ key: String(key++), shape });
    }
    const of = (name: string, more: Parameters<typeof module>[1] = {}) => module(`torch.nn.modules.${name}`, more);
    const both = (value: number) => tuple(integer(value), integer(value));
    const pieces = (stride = 2) =>
      Array.from({ length: 3 * size.layers - 1 }, (_, i): Piece => {
        if (i === 3 * size.layers - 2) return of("activation.Sigmoid");
        if (i % 3 === 2) return of("activation.ReLU");
        const { running_mean, running_var, ...parameters } = parts[i];
        if (i % 3 === 1) {
          return of("batchnorm.BatchNorm2d", {
            parameters,
            attributes: { _buffers: ordered({ running_mean, running_var }), eps: float(1e-5) },
          });
        }
        const attributes = { stride: both(i === 0 ? 1 : stride), padding: both(i === 0 ? 0 : 1) };
        return of("conv.ConvTranspose2d", { parameters, attributes });
      });
    const read = (modules: readonly Piece[]) => {
      const named = Object.fromEntries(modules.map((piece, i) => [String(i), piece]));
      const path = join(folder, "module.pt");
      writeFileSync(path, torchFile(of("container.Sequential", { modules: named }), storages));
      return loadGenerator(path);
    };
    const whole = pieces();
    expect((await read(whole)).parts).toEqual(generator.parts);
    const leaky = of("activation.LeakyReLU", { attributes: { negative_slope: float(0.2) } });
    await expect(read(whole.with(2, leaky))).rejects.toThrow("has a LeakyReLU; a generator has ReLUs");
    await expect(read(whole.slice(0, -1))).rejects.toThrow("has nothing as module 11; Sigmoid was expected");
    await expect(read(whole.toSpliced(2, 1))).rejects.toThrow("has a ConvTranspose2d as module 3; ReLU was expected");
    await expect(read([...whole, of("activation.ReLU")])).rejects.toThrow(
      "has a ReLU as module 12; nothing was expected",
    );
    await expect(read(pieces(1))).rejects.toThrow("has a ConvTranspose2d of another stride than a generator's, 2");
  });

  test("takes the layers by their numbers, 10 after 9, whatever they are called", async () => {
    const tensors = new Map(
      [...generatorTensors(generator)]
        .reverse()
        .map(([name, part]) => [name.replace(/\d+/, (number) => String(Number(number) + 7)), part]),
    );
    const path = fileOf("numbers.safetensors", tensors);
    expect((await loadGenerator(path)).parts).toEqual(generator.parts);
  });

  test.each([
    [
      "main.3.weight",
      { shape: [8, 4, 4, 3], data: new Float32Array(384) },
      "holds [8, 4, 4, 3] as main.3.weight; [8, 4, 4, 4] was expected",
    ],
    [
      "main.4.running_var",
      { shape: [5], data: new Float32Array(5) },
      "holds [5] as main.4.running_var; [4] was expected",
    ],
    ["main.4.bias", undefined, "holds nothing as main.4.bias; [4] was expected"],
    ["main.4.running_mean", undefined, "holds 4 of [inputs, outputs, 4, 4] and 2 BatchNorms"],
    [
      "main.0.bias",
      { shape: [8], data: new Float32Array(8) },
      "holds main.0.bias [8], which is no part of a generator",
    ],
    ["main.1.bias", { shape: [8], data: new Float32Array(8).fill(Number.NaN) }, "holds NaN in main.1.bias"],
  ])("names the tensor that does not fit: %s", async (name, part, message) => {
    const tensors = new Map(generatorTensors(generator));
    if (part) tensors.set(name, part);
    else tensors.delete(name);
    await expect(loadGenerator(fileOf("wrong.safetensors", tensors))).rejects.toThrow(message);
  });

  test("holds a file against the architecture that was stated", async () => {
    const path = fileOf("stated.safetensors", generatorTensors(generator));
    await expect(loadGenerator(path, { size: { ...size, latents: 6 } })).rejects.toThrow(
      "holds [5, 8, 4, 4] as main.0.weight; [6, 8, 4, 4] was expected",
    );
    await expect(loadGenerator(path, { size: { ...size, layers: 5 } })).rejects.toThrow(
      "holds 4 of [inputs, outputs, 4, 4] and 3 BatchNorms; 5 transposed convolutions and 4 BatchNorms were expected",
    );
    await expect(loadGenerator(join(folder, "absent.pt"))).rejects.toThrow("no such file");
  });
});

const backends = await processorBackends();

describe("generateImages", () => {
  test.each(backends)("makes the images that the definition gives, on %s", async (backend) => {
    const { tf } = await loadTensorflow(backend);
    const before = tf.memory().numTensors;
    const latents = randomLatents(generator, 35, { seed: 0 });
    const images = await generateImages(generator, latents);
    const expected = plainImages(generator, latents);
    expect(images.length).toBe(35 * 3 * 32 * 32);
    expect(Math.max(...images.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(2e-6);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("gives the first of more latents of a seed again, and refuses other lengths", async () => {
    expect(randomLatents(generator, 9, { seed: 4 }).slice(0, 15)).toEqual(randomLatents(generator, 3, { seed: 4 }));
    expect(randomLatents(generator, 3, { seed: 4 })).not.toEqual(randomLatents(generator, 3, { seed: 5 }));
    await expect(generateImages(generator, new Float32Array(12))).rejects.toThrow(
      "invalid latents; expected 5 numbers for each image, at least one image; received Float32Array of length 12",
    );
    await expect(generateImages(generator, new Float32Array(5).fill(Number.NaN))).rejects.toThrow("finite numbers");
  });
});

test("generatorOf names the layer that does not fit", () => {
  const [first, ...rest] = generator.parts;
  expect(() => generatorOf(size, [{ ...first, weights: first.weights.slice(1) }, ...rest])).toThrow(
    "invalid weights of layer 1; expected 640 numbers",
  );
  expect(() => generatorOf(size, [{ ...first, norm: undefined }, ...rest])).toThrow(
    "invalid layer 1; expected a BatchNorm",
  );
  expect(() => generatorOf({ ...size, latents: 4 }, generator.parts)).toThrow("invalid layer 1; expected 4 inputs");
});
