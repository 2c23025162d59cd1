import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import { FileError } from "../../../src/errors.js";
import { sha256 } from "../../../src/files.js";
import { formatSafetensors, parseSafetensors } from "../../../src/formats/safetensors.js";
import type { DenseTensor } from "../../../src/formats/tensor.js";
import { loadMlp, saveMlp } from "../../../src/networks/mlp/file.js";
import { type Mlp, mlpNetwork } from "../../../src/networks/mlp/mlp.js";
import { float, module, ordered, parameter, tensor, torchFile } from "../formats/torch-writer.js";
import { numbers, parametersOf, smallMlp } from "./small.js";

const folder = mkdtempSync(join(tmpdir(), "mlp-file-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const mlp = smallMlp({ inputs: 4, hidden: 3, outputs: 2 }, 1, 0.2);
/** A network as one that was never in a file. */
const inMemory = ({ sha256: _sha256, source: _source, ...rest }: Mlp) => ({ ...rest, sha256: undefined });
const zeros = (...shape: number[]): DenseTensor => ({ shape, data: numbers(shape.reduce((a, b) => a * b, 1)) });

function written(name: string, bytes: Uint8Array): string {
  writeFileSync(at(name), bytes);
  return at(name);
}

describe("saveMlp and loadMlp", () => {
  test("F32 loses nothing, and the checksum is the file's", async () => {
    const checksum = saveMlp(mlp, at("net.safetensors"), { metadata: { seed: "1" } });
    expect(checksum).toBe(sha256(readFileSync(at("net.safetensors"))));
    expect(await loadMlp(at("net.safetensors"))).toEqual({
      ...mlp,
      sha256: checksum,
      source: { from: at("net.safetensors"), options: {} },
    });
  });

  test("F16 rounds to 11 significant bits", async () => {
    saveMlp(mlp, at("half.safetensors"), { dtype: "F16" });
    const half = (await loadMlp(at("half.safetensors"))).layers[0].weights;
    const [{ weights }] = mlp.layers;
    expect(half).not.toEqual(weights);
    half.forEach((value, i) => {
      expect(Math.abs(value - weights[i])).toBeLessThanOrEqual(Math.abs(weights[i]) * 2 ** -11);
    });
  });

  test("a PyTorch state dict and a whole module give the same network; only the module knows its slope", async () => {
    const tensors = {
      "one.weight": tensor({ key: "0", shape: [3, 4] }),
      "one.bias": tensor({ key: "1", shape: [3] }),
      "two.weight": tensor({ key: "2", shape: [2, 3] }),
      "two.bias": tensor({ key: "3", shape: [2] }),
    };
    const storages = Object.fromEntries(parametersOf(mlp).map((part, key) => [key, [...part]]));
    const linear = (layer: "one" | "two") =>
      module("torch.nn.modules.linear.Linear", {
        parameters: {
          weight: parameter(tensors[`${layer}.weight`]),
          bias: parameter(tensors[`${layer}.bias`]),
        },
      });
    const leaky = module("torch.nn.modules.activation.LeakyReLU", { attributes: { negative_slope: float(0.2) } });
    const whole = module("torch.nn.modules.container.Sequential", {
      modules: { "0": linear("one"), "1": leaky, "2": linear("two") },
    });
    const dict = written("dict.pt", torchFile(ordered(tensors), storages));
    const fromModule = await loadMlp(written("whole.pt", torchFile(whole, storages)));
    expect(inMemory(fromModule)).toEqual(mlp);
    await expect(loadMlp(dict)).rejects.toThrow(
      `${dict}: does not say its activation; say it as the option activation`,
    );
    for (const said of [{ negativeSlope: 0.2 }, { activation: "leaky-relu:0.2" }]) {
      expect(inMemory(await loadMlp(dict, said))).toEqual(mlp);
    }
    const twice = module("torch.nn.modules.container.Sequential", {
      modules: { "0": linear("one"), "1": leaky, "2": leaky, "3": linear("two") },
    });
    // One behind the other: 0.2 of what is below 0, and 0.2 of that.
    const { negativeSlopes } = await loadMlp(written("twice.pt", torchFile(twice, storages)));
    expect(negativeSlopes[0]).toBeCloseTo(0.04, 15);
  });
});

describe("loadMlp refuses", () => {
  const odd: readonly (readonly [string, ReadonlyMap<string, DenseTensor>, string])[] = [
    ["no tensors", new Map(), "holds no tensors; dense layers were expected, at least two"],
    [
      "one layer",
      new Map([
        ["a.weight", zeros(3, 4)],
        ["a.bias", zeros(3)],
      ]),
      "holds a.weight [3, 4], a.bias [3]; dense layers were expected",
    ],
    [
      "layers that do not fit together",
      new Map([
        ["a.weight", zeros(3, 4)],
        ["a.bias", zeros(3)],
        ["b.weight", zeros(2, 5)],
        ["b.bias", zeros(2)],
      ]),
      "holds a.weight [3, 4], b.weight [2, 5]; each layer's outputs are to be the next one's inputs",
    ],
    [
      "a bias of the wrong length",
      new Map([
        ["a.weight", zeros(3, 4)],
        ["a.bias", zeros(3)],
        ["b.weight", zeros(2, 3)],
        ["b.bias", zeros(3)],
      ]),
      "b.weight [2, 3], b.bias [3]; dense layers were expected",
    ],
    [
      "convolutions",
      new Map([
        ["a.weight", zeros(3, 1, 2, 2)],
        ["a.bias", zeros(3)],
        ["b.weight", zeros(2, 3)],
        ["b.bias", zeros(2)],
      ]),
      "a.weight [3, 1, 2, 2]",
    ],
  ];
  test.each(odd)("%s", async (_what, tensors, problem) => {
    const path = written("odd.safetensors", formatSafetensors(tensors));
    await expect(loadMlp(path)).rejects.toThrow(FileError);
    await expect(loadMlp(path)).rejects.toThrow(`${path}: `);
    await expect(loadMlp(path)).rejects.toThrow(problem);
  });

  test("a file that is not there, and a slope that is not a number", async () => {
    await expect(loadMlp(at("absent.pt"))).rejects.toThrow(`${at("absent.pt")}: no such file`);
    await expect(loadMlp(folder)).rejects.toThrow("is no regular file");
    await expect(loadMlp(folder, { backend: "abacus" as never })).rejects.toThrow(
      "invalid tensor backend; expected one",
    );
    const tensors = new Map([["a.weight", zeros(3, 4)]]);
    const path = written("slope.safetensors", formatSafetensors(tensors, { metadata: { negative_slope: "steep" } }));
    await expect(loadMlp(path)).rejects.toThrow('says negative_slope "steep"; a number was expected');
  });
});

const relu = { activation: "relu" };
const widths = [4, 3, 3, 3, 2];
const layers = widths.slice(1).map((outputs, l) => ({
  weights: numbers(outputs * widths[l], l),
  biases: numbers(outputs, l + 9),
}));
const network = mlpNetwork(layers, [0.25, 0, 0.5]);
const dense = (shape: number[], data: Float32Array): DenseTensor => ({ shape, data });

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

describe("saveMlp and loadMlp of several hidden layers", () => {
  it("lose nothing, slopes included", async () => {
    const sha256 = saveMlp(network, at("deep.safetensors"));
    const read = await loadMlp(at("deep.safetensors"));
    expect([inMemory(read), read.sha256]).toEqual([network, sha256]);
  });

  it("name the layers of a file by how many there are", async () => {
    const mlp = smallMlp({ inputs: 4, hidden: 3, outputs: 2 });
    saveMlp(mlp, at("flat.safetensors"));
    const names = (file: string) => [...parseSafetensors(readFileSync(at(file)), file).tensors.keys()];
    expect(names("flat.safetensors")).toEqual(["hidden.weight", "hidden.bias", "output.weight", "output.bias"]);
    expect(names("deep.safetensors").slice(0, 3)).toEqual(["layers.0.weight", "layers.0.bias", "layers.1.weight"]);
    const { layers: read, negativeSlopes } = await loadMlp(at("flat.safetensors"));
    expect(read).toEqual(mlp.layers);
    expect(negativeSlopes).toEqual(mlp.negativeSlopes);
  });

  it("read an nn.Sequential with its activations, and a state dict with those that are given", async () => {
    const whole = await loadMlp(written("whole.pt", sequential([0.25, 0, 0.5])));
    expect(inMemory(whole)).toEqual(network);
    const storages: Record<string, number[]> = {};
    const tensors = Object.fromEntries(
      [...named({ one: 0, two: 1, three: 2, last: 3 })].map(([name, { shape, data }], key) => {
        storages[key] = [...data];
        return [name, tensor({ key: String(key), shape: [...shape] })];
      }),
    );
    const dict = written("dict.pt", torchFile(ordered(tensors), storages));
    await expect(loadMlp(dict, { activation: "relu" })).rejects.toThrow("which fit together in several orders");
    const layers = ["one", "two", "three", "last"];
    await expect(loadMlp(dict, { layers })).rejects.toThrow(
      "does not say its activation; say it as the option activation",
    );
    expect((await loadMlp(dict, { activation: "relu", layers })).negativeSlopes).toEqual([0, 0, 0]);
    const read = await loadMlp(dict, { negativeSlope: [0.25, 0, 0.5], layers });
    expect(inMemory(read)).toEqual(network);
  });

  it("take the layers of a safetensors file by number, else as told", async () => {
    const byNumber = written("n.safetensors", formatSafetensors(named({ "m.10": 3, "m.2": 1, "m.0": 0, "m.4": 2 })));
    expect((await loadMlp(byNumber, relu)).layers).toEqual(network.layers);
    const byName = written("w.safetensors", formatSafetensors(named({ first: 0, third: 2, second: 1, zlast: 3 })));
    const told = await loadMlp(byName, { ...relu, layers: ["first", "second", "third", "zlast"] });
    expect(told.layers).toEqual(network.layers);
    await expect(loadMlp(byName, { ...relu, layers: ["first", "zlast"] })).rejects.toThrow(
      "holds the layers first, third, second, zlast; first, zlast asked for",
    );
  });

  it("take a bias that is not there as 0", async () => {
    const tensors = named({ a: 0, b: 1, c: 2, d: 3 });
    tensors.delete("b.bias");
    const { layers: read } = await loadMlp(written("nobias.safetensors", formatSafetensors(tensors)), {
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
      expect((await loadMlp(path, relu)).layers.map(({ weights }) => weights)).toEqual(
        names.map((_, i) => numbers(9, i)),
      );
    }
    const path = written("unnumbered.safetensors", square("input", "hidden", "output"));
    await expect(loadMlp(path, relu)).rejects.toThrow("input, hidden, output, which fit together in several orders");
    const told = await loadMlp(path, { ...relu, layers: ["input", "hidden", "output"] });
    expect(told.layers[0].weights).toEqual(numbers(9, 0));
  });

  it("need not number those that fit in one order only", async () => {
    const shapes = { z: [3, 4], b: [3, 3], a: [2, 3] };
    const tensors = new Map(Object.entries(shapes).map(([name, shape]) => [`${name}.weight`, zeros(...shape)]));
    const { layers } = await loadMlp(written("only.safetensors", formatSafetensors(tensors)), relu);
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
    await expect(loadMlp(silent, { layers })).rejects.toThrow(`${silent}: does not say its activation; say it as`);
    expect((await loadMlp(silent, { layers, activation: "relu" })).negativeSlopes).toEqual([0, 0, 0]);
    const said = written("said.safetensors", bytes("0.2"));
    expect((await loadMlp(said, { layers })).negativeSlopes).toEqual([0.2, 0.2, 0.2]);
    await expect(loadMlp(said, { layers, activation: "relu" })).rejects.toThrow("has leaky-relu:0.2; relu was asked");
    const two = written("two.safetensors", bytes("0.2,0"));
    await expect(loadMlp(two, { layers })).rejects.toThrow("says 2 activations for 3 hidden layers");
  });
});

describe("loadMlp refuses, of a network of several hidden layers,", () => {
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
    await expect(loadMlp(path)).rejects.toThrow(`${path}: `);
    await expect(loadMlp(path)).rejects.toThrow(problem);
  });
});
