import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { formatSafetensors } from "../../../src/networks/formats/safetensors.js";
import type { DenseTensor } from "../../../src/networks/formats/tensor.js";
import { deepMlp } from "../../../src/networks/mlp/deep.js";
import { loadDeepMlp, saveDeepMlp } from "../../../src/networks/mlp/deep-file.js";
import { saveMlp } from "../../../src/networks/mlp/file.js";
import { float, module, ordered, parameter, tensor, torchFile } from "../formats/torch-writer.js";
import { numbers, smallMlp } from "./small.js";

const folder = mkdtempSync(join(tmpdir(), "deep-file-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const written = (name: string, bytes: Uint8Array): string => {
  writeFileSync(at(name), bytes);
  return at(name);
};

const relu = { activation: "relu" };
const widths = [4, 3, 3, 3, 2];
const layers = widths.slice(1).map((outputs, l) => ({
  weights: numbers(outputs * widths[l], l),
  biases: numbers(outputs, l + 9),
}));
const network = deepMlp(layers, [0.25, 0, 0.5]);
const dense = (shape: number[], data: Float32Array): DenseTensor => ({ shape, data });
const zeros = (...shape: number[]) => dense(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));

/** The network's layers under these names, in the order of the names. */
function named(names: Readonly<Record<string, number>>): Map<string, DenseTensor> {
  return new Map(
    Object.entries(names).flatMap(([name, l]): [string, DenseTensor][] => [
      [`${name}.weight`, dense([widths[l + 1], widths[l]], layers[l].weights)],
      [`${name}.bias`, dense([widths[l + 1]], layers[l].biases)],
    ]),
  );
}

/** The network as PyTorch's modules, with these activations behind its hidden layers. */
function sequential(slopes: readonly number[]): Uint8Array {
  const storages: Record<string, number[]> = {};
  const modules: Record<string, ReturnType<typeof module>> = {};
  layers.forEach(({ weights, biases }, l) => {
    storages[2 * l] = [...weights];
    storages[2 * l + 1] = [...biases];
    modules[2 * l] = module("torch.nn.modules.linear.Linear", {
      parameters: {
        weight: parameter(tensor({ key: String(2 * l), shape: [widths[l + 1], widths[l]] })),
        bias: parameter(tensor({ key: String(2 * l + 1), shape: [widths[l + 1]] })),
      },
    });
    if (slopes[l] === 0) modules[2 * l + 1] = module("torch.nn.modules.activation.ReLU", { attributes: {} });
    else if (slopes[l] !== undefined) {
      const attributes = { negative_slope: float(slopes[l]) };
      modules[2 * l + 1] = module("torch.nn.modules.activation.LeakyReLU", { attributes });
    }
  });
  const inOrder = Object.fromEntries(Object.entries(modules).sort(([a], [b]) => Number(a) - Number(b)));
  return torchFile(module("torch.nn.modules.container.Sequential", { modules: inOrder }), storages);
}

describe("saveDeepMlp and loadDeepMlp", () => {
  it("lose nothing, slopes included", async () => {
    const sha256 = saveDeepMlp(at("deep.safetensors"), network);
    expect(await loadDeepMlp(at("deep.safetensors"))).toEqual({ ...network, sha256 });
  });

  it("read what saveMlp wrote", async () => {
    const mlp = smallMlp({ inputs: 4, hidden: 3, outputs: 2 });
    saveMlp(at("flat.safetensors"), mlp);
    const { layers: read, negativeSlopes } = await loadDeepMlp(at("flat.safetensors"));
    expect(read.map(({ weights }) => weights)).toEqual([mlp.hiddenWeights, mlp.outputWeights]);
    expect(negativeSlopes).toEqual([mlp.negativeSlope]);
  });

  it("read an nn.Sequential with its activations, and a state dict with those that are given", async () => {
    const { sha256: _file, ...whole } = await loadDeepMlp(written("whole.pt", sequential([0.25, 0, 0.5])));
    expect(whole).toEqual(network);
    const storages: Record<string, number[]> = {};
    const tensors = Object.fromEntries(
      [...named({ one: 0, two: 1, three: 2, last: 3 })].map(([name, { shape, data }], key) => {
        storages[key] = [...data];
        return [name, tensor({ key: String(key), shape: [...shape] })];
      }),
    );
    const dict = written("dict.pt", torchFile(ordered(tensors), storages));
    await expect(loadDeepMlp(dict, { activation: "relu" })).rejects.toThrow("which fit together in several orders");
    const layers = ["one", "two", "three", "last"];
    await expect(loadDeepMlp(dict, { layers })).rejects.toThrow(
      "does not say its activation; say it as the option activation",
    );
    expect((await loadDeepMlp(dict, { activation: "relu", layers })).negativeSlopes).toEqual([0, 0, 0]);
    const { sha256: _dict, ...read } = await loadDeepMlp(dict, { negativeSlope: [0.25, 0, 0.5], layers });
    expect(read).toEqual(network);
  });

  it("take the layers of a safetensors file by number, else as told", async () => {
    const byNumber = written("n.safetensors", formatSafetensors(named({ "m.10": 3, "m.2": 1, "m.0": 0, "m.4": 2 })));
    expect((await loadDeepMlp(byNumber, relu)).layers).toEqual(network.layers);
    const byName = written("w.safetensors", formatSafetensors(named({ first: 0, third: 2, second: 1, zlast: 3 })));
    const told = await loadDeepMlp(byName, { ...relu, layers: ["first", "second", "third", "zlast"] });
    expect(told.layers).toEqual(network.layers);
    await expect(loadDeepMlp(byName, { ...relu, layers: ["first", "zlast"] })).rejects.toThrow(
      "holds the layers first, third, second, zlast; first, zlast asked for",
    );
  });

  it("take a bias that is not there as 0", async () => {
    const tensors = named({ a: 0, b: 1, c: 2, d: 3 });
    tensors.delete("b.bias");
    const { layers: read } = await loadDeepMlp(written("nobias.safetensors", formatSafetensors(tensors)), {
      ...relu,
      layers: ["a", "b", "c", "d"],
    });
    expect(read.map(({ biases }) => biases)).toEqual([
      layers[0].biases,
      new Float32Array(3),
      ...[2, 3].map((l) => layers[l].biases),
    ]);
  });
});

describe("a safetensors file, which keeps no order,", () => {
  const square = (...names: string[]) =>
    formatSafetensors(new Map(names.map((name, i) => [`${name}.weight`, dense([3, 3], numbers(9, i))])));

  it("numbers its layers where they fit together in several orders", async () => {
    for (const names of [
      ["fc1", "fc2", "fc3"],
      ["net.0", "net.2", "net.4"],
      ["hidden", "output"],
    ]) {
      const path = written("numbered.safetensors", square(...names));
      expect((await loadDeepMlp(path, relu)).layers.map(({ weights }) => weights)).toEqual(
        names.map((_, i) => numbers(9, i)),
      );
    }
    const path = written("unnumbered.safetensors", square("input", "hidden", "output"));
    await expect(loadDeepMlp(path, relu)).rejects.toThrow(
      "input, hidden, output, which fit together in several orders",
    );
    const told = await loadDeepMlp(path, { ...relu, layers: ["input", "hidden", "output"] });
    expect(told.layers[0].weights).toEqual(numbers(9, 0));
  });

  it("need not number those that fit in one order only", async () => {
    const shapes = { z: [3, 4], b: [3, 3], a: [2, 3] };
    const tensors = new Map(Object.entries(shapes).map(([name, shape]) => [`${name}.weight`, zeros(...shape)]));
    const { layers } = await loadDeepMlp(written("only.safetensors", formatSafetensors(tensors)), relu);
    expect(layers.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
      [4, 3],
      [3, 3],
      [3, 2],
    ]);
  });

  it("says its activation in its metadata, or is refused without the option; it can not say another one", async () => {
    const bytes = (negative_slope?: string) =>
      formatSafetensors(named({ a: 0, b: 1, c: 2, d: 3 }), { metadata: negative_slope ? { negative_slope } : {} });
    const layers = ["a", "b", "c", "d"];
    const silent = written("silent.safetensors", bytes());
    await expect(loadDeepMlp(silent, { layers })).rejects.toThrow(`${silent}: does not say its activation; say it as`);
    expect((await loadDeepMlp(silent, { layers, activation: "relu" })).negativeSlopes).toEqual([0, 0, 0]);
    const said = written("said.safetensors", bytes("0.2"));
    expect((await loadDeepMlp(said, { layers })).negativeSlopes).toEqual([0.2, 0.2, 0.2]);
    await expect(loadDeepMlp(said, { layers, activation: "relu" })).rejects.toThrow(
      "has leaky-relu:0.2; relu was asked",
    );
    const two = written("two.safetensors", bytes("0.2,0"));
    await expect(loadDeepMlp(two, { layers })).rejects.toThrow("says 2 activations for 3 hidden layers");
  });
});

describe("loadDeepMlp refuses", () => {
  it.each([
    ["nothing", new Map<string, DenseTensor>(), "holds no tensors; dense layers were expected"],
    [
      "one layer",
      new Map([["a.weight", zeros(3, 4)]]),
      "holds a.weight [3, 4]; dense layers were expected, at least two",
    ],
    ["a batch norm", new Map([...named({ a: 0, b: 1 }), ["n.running_mean", zeros(3)]]), "dense layers were expected"],
    [
      "a bias of the wrong length",
      new Map([...named({ a: 0, b: 1 }), ["b.bias", zeros(4)]]),
      "dense layers were expected",
    ],
    [
      "convolutions",
      new Map([
        ["a.weight", zeros(3, 1, 2, 2)],
        ["b.weight", zeros(2, 3)],
      ]),
      "a.weight [3, 1, 2, 2]",
    ],
    [
      "a gap",
      new Map([
        ["a.weight", zeros(3, 4)],
        ["b.weight", zeros(2, 5)],
      ]),
      "each layer's outputs are to be the next one's inputs",
    ],
  ])("%s", async (_what, tensors, problem) => {
    const path = written("odd.safetensors", formatSafetensors(tensors));
    await expect(loadDeepMlp(path)).rejects.toThrow(`${path}: `);
    await expect(loadDeepMlp(path)).rejects.toThrow(problem);
  });
});
