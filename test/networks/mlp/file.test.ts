import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { FileError } from "../../../src/errors.js";
import { sha256 } from "../../../src/files.js";
import { formatSafetensors } from "../../../src/networks/formats/safetensors.js";
import type { DenseTensor } from "../../../src/networks/formats/tensor.js";
import { loadMlp, saveMlp } from "../../../src/networks/mlp/file.js";
import { float, module, ordered, parameter, tensor, torchFile } from "../formats/torch-writer.js";
import { numbers, smallMlp } from "./small.js";

const folder = mkdtempSync(join(tmpdir(), "mlp-file-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const mlp = { ...smallMlp({ inputs: 4, hidden: 3, outputs: 2 }), negativeSlope: 0.2 };
const zeros = (...shape: number[]): DenseTensor => ({ shape, data: numbers(shape.reduce((a, b) => a * b, 1)) });

function written(name: string, bytes: Uint8Array): string {
  writeFileSync(at(name), bytes);
  return at(name);
}

describe("saveMlp and loadMlp", () => {
  test("F32 loses nothing, and the checksum is the file's", async () => {
    const checksum = saveMlp(at("net.safetensors"), mlp, { metadata: { seed: "1" } });
    expect(checksum).toBe(sha256(readFileSync(at("net.safetensors"))));
    expect(await loadMlp(at("net.safetensors"))).toEqual({ ...mlp, sha256: checksum });
  });

  test("F16 rounds to 11 significant bits", async () => {
    saveMlp(at("half.safetensors"), mlp, { dtype: "F16" });
    const half = await loadMlp(at("half.safetensors"));
    expect(half.hiddenWeights).not.toEqual(mlp.hiddenWeights);
    half.hiddenWeights.forEach((value, i) => {
      expect(Math.abs(value - mlp.hiddenWeights[i])).toBeLessThanOrEqual(Math.abs(mlp.hiddenWeights[i]) * 2 ** -11);
    });
  });

  test("a PyTorch state dict and a whole module give the same network; only the module knows its slope", async () => {
    const tensors = {
      "one.weight": tensor({ key: "0", shape: [3, 4] }),
      "one.bias": tensor({ key: "1", shape: [3] }),
      "two.weight": tensor({ key: "2", shape: [2, 3] }),
      "two.bias": tensor({ key: "3", shape: [2] }),
    };
    const storages = Object.fromEntries(
      [mlp.hiddenWeights, mlp.hiddenBiases, mlp.outputWeights, mlp.outputBiases].map((part, key) => [key, [...part]]),
    );
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
    const { sha256: _ofModule, ...fromModule } = await loadMlp(written("whole.pt", torchFile(whole, storages)));
    expect(fromModule).toEqual(mlp);
    await expect(loadMlp(dict)).rejects.toThrow(
      `${dict}: does not say its activation; say it as the option activation`,
    );
    for (const said of [{ negativeSlope: 0.2 }, { activation: "leaky-relu:0.2" }]) {
      const { sha256: _ofDict, ...fromDict } = await loadMlp(dict, said);
      expect(fromDict).toEqual(mlp);
    }
    const twice = module("torch.nn.modules.container.Sequential", {
      modules: { "0": linear("one"), "1": leaky, "2": leaky, "3": linear("two") },
    });
    // One behind the other: 0.2 of what is below 0, and 0.2 of that.
    expect((await loadMlp(written("twice.pt", torchFile(twice, storages)))).negativeSlope).toBeCloseTo(0.04, 15);
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

  test("a network of two hidden layers, and says what reads it", async () => {
    const tensors = new Map(["a", "b", "c"].map((name) => [`${name}.weight`, zeros(3, 3)]));
    const path = written("deep.safetensors", formatSafetensors(tensors));
    await expect(loadMlp(path, { activation: "relu", layers: ["a", "b", "c"] })).rejects.toThrow(
      "has 2 hidden layers; one was expected, loadDeepMlp reads deeper networks",
    );
  });

  test("a file that is not there, and a slope that is not a number", async () => {
    await expect(loadMlp(at("absent.pt"))).rejects.toThrow(`${at("absent.pt")}: no such file`);
    await expect(loadMlp(folder)).rejects.toThrow("is no regular file");
    const tensors = new Map([["a.weight", zeros(3, 4)]]);
    const path = written("slope.safetensors", formatSafetensors(tensors, { metadata: { negative_slope: "steep" } }));
    await expect(loadMlp(path)).rejects.toThrow('says negative_slope "steep"; a number was expected');
  });
});
