import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SymbolicTensor } from "@tensorflow/tfjs";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadInputs } from "../../src/datasets/inputs.js";
import { type ShapleyOptions, shapley } from "../../src/engine/shapley.js";
import { formatSafetensors } from "../../src/formats/safetensors.js";
import type { Game } from "../../src/games/game.js";
import { type GameFiles, gameFromFiles } from "../../src/lesion/game-from-files.js";
import { type MlpGameOptions, mlpGame } from "../../src/lesion/mlp-game.js";
import { networkGame } from "../../src/lesion/network-game.js";
import { toNpz } from "../../src/modes/npz.js";
import { checkpoint, checkpointFolder } from "../../src/networks/mlp/checkpoints.js";
import { loadMlp, saveMlp } from "../../src/networks/mlp/file.js";
import { mlpNetwork } from "../../src/networks/mlp/mlp.js";
import { loadOnnx } from "../../src/networks/onnx/load.js";
import { loadTfjs } from "../../src/networks/tfjs/load.js";
import { layersNetwork } from "../../src/networks/tfjs/models.js";
import { backendLabel, describeBackends, loadTensorflow } from "../../src/tensors/backend.js";
import { npyFile } from "../datasets/npy-writer.js";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { numbers } from "../networks/mlp/small.js";
import { mlpAsLayers } from "../networks/mlp-models.js";
import { mlpAsOnnx } from "../networks/onnx/build.js";
import { saveLayers } from "../networks/tfjs/save-model.js";

const folder = mkdtempSync(join(tmpdir(), "game-from-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const inputs = "mnist-test:0-63";
const ten = join(checkpointFolder, "l1-10-0.safetensors");
const absentBackends = (await describeBackends()).filter(({ available }) => !available).map(({ name }) => name);
const widths = [784, 6, 5, 10];
const deep = mlpNetwork(
  widths.slice(1).map((outputs, l) => ({ weights: numbers(outputs * widths[l], l), biases: numbers(outputs, l + 9) })),
);
let model: string;

beforeAll(async () => {
  const { tf } = await loadTensorflow();
  const mlp = await checkpoint({ width: 10, regulariser: "l1", trial: 0 });
  model = await saveLayers(tf, mlpAsLayers(tf, mlp), at("tfjs"));
  writeFileSync(at("mlp.onnx"), mlpAsOnnx(mlp));
  saveMlp(deep, at("deep.safetensors"));
  const data = loadInputs(inputs);
  writeFileSync(at("images.npy"), npyFile("<f4", [64, 28, 28], data.inputs));
  writeFileSync(at("classes.npy"), npyFile("<i8", [64], BigInt64Array.from(data.labels, BigInt)));
});

const kinds = ["tfjs", ...(onnxRuntime ? ["onnx"] : [])];
const fileOf = (kind: string) => (kind === "tfjs" ? model : at("mlp.onnx"));
const bytesWith = async (game: Game, options: ShapleyOptions) =>
  toNpz(await shapley(game, { orderings: 10, seed: 2, ...options, onRemark: (remark) => expect.fail(remark) }));

describe("gameFromFiles", () => {
  it("plays the same MLP from a weight file, and as each kind of model there is, from named inputs and from files", async () => {
    const options = { orderings: 20, seed: 5 };
    const own = await shapley(await gameFromFiles({ network: ten, inputs }), options);
    for (const kind of kinds) {
      for (const data of [{ inputs }, { inputs: at("images.npy"), labels: at("classes.npy") }]) {
        const files: GameFiles = {
          network: fileOf(kind),
          ...data,
          sites: { hidden: "hidden" },
          score: "class-precision",
        };
        const modes = await shapley(await gameFromFiles(files), options);
        expect(modes.units).toEqual(own.units);
        let largest = 0;
        modes.values.forEach((value, i) => {
          largest = Math.max(largest, Math.abs(value - own.values[i]));
        });
        expect(largest).toBeLessThan(1e-5);
      }
    }
  });

  it("plays all hidden layers of a deep network, or those named", async () => {
    const network = at("deep.safetensors");
    const options = { orderings: 6, seed: 1 };
    const all = await shapley(await gameFromFiles({ network, inputs, score: "logits" }), options);
    expect(all.units).toEqual([
      ...[0, 1, 2, 3, 4, 5].map((u) => `hidden1/${u}`),
      ...[0, 1, 2, 3, 4].map((u) => `hidden2/${u}`),
    ]);
    const second = await shapley(
      await gameFromFiles({ network, inputs, score: "logits", sites: ["hidden2"] }),
      options,
    );
    const expected = await shapley(
      await mlpGame(deep, loadInputs(inputs), { score: "logits", sites: ["hidden2"] }),
      options,
    );
    expect(second.units).toEqual(expected.units);
    expect(second.values).toEqual(expected.values);
  });

  it("states the activation of a network of dense layers, which a file without it has to be given", async () => {
    const tensors = new Map(
      deep.layers.flatMap(({ weights, biases, inputs, outputs }, l) => [
        [`${l}.weight`, { shape: [outputs, inputs], data: weights }],
        [`${l}.bias`, { shape: [outputs], data: biases }],
      ]),
    );
    const network = at("silent.safetensors");
    writeFileSync(network, formatSafetensors(tensors as never));
    const files = { network, inputs, score: "logits" } as const;
    await expect(gameFromFiles(files)).rejects.toThrow(`${network}: does not say its activation; say it as the option`);
    const relus = await gameFromFiles({ ...files, activation: "relu" });
    expect(relus.provenance?.activation).toBe("relu");
    expect(relus.spec?.arguments).toEqual([expect.objectContaining({ activation: "relu" })]);
    const two = await gameFromFiles({ ...files, activation: "relu,leaky-relu:0.2" });
    expect(two.provenance?.activation).toBe("relu,leaky-relu:0.2");
    const expected = await shapley(
      await mlpGame(mlpNetwork(deep.layers, [0, 0.2]), loadInputs(inputs), { score: "logits" }),
      { orderings: 2, seed: 1 },
    );
    expect((await shapley(two, { orderings: 2, seed: 1 })).values).toEqual(expected.values);

    expect((await gameFromFiles({ network: ten, inputs })).provenance?.activation).toBe("leaky-relu:0.01");
    await expect(gameFromFiles({ network: ten, inputs, activation: "relu" })).rejects.toThrow(
      `${ten}: has leaky-relu:0.01; relu was asked for`,
    );
    await expect(gameFromFiles({ network: model, inputs, activation: "relu" })).rejects.toThrow(
      "invalid activation; expected none for an ONNX file or a TensorFlow.js model, which say theirs",
    );
  });

  it.each(kinds)(
    "takes the shape of a row with or without the 1 for rows in front, and no other (%s)",
    async (kind) => {
      const network = fileOf(kind);
      for (const shape of [[784], [1, 784]]) {
        const game = await gameFromFiles({ network, inputs, shape, sites: ["input"], groups: { all: ["input"] } });
        expect(game.outputShape).toEqual([64, 10]);
      }
      await expect(gameFromFiles({ network, inputs, shape: [28, 28], sites: ["input"] })).rejects.toThrow(
        "invalid shape",
      );
    },
  );

  it("gives the mean output over the inputs where that is the score", async () => {
    const files = { network: model, sites: ["hidden"], inputs: at("images.npy") };
    const [output, mean] = await Promise.all(
      (["output", "mean-output"] as const).map(async (score) =>
        shapley(await gameFromFiles({ ...files, score }), { orderings: 4 }),
      ),
    );
    expect(mean.outputShape).toEqual([10]);
    expect(output.outputShape).toEqual([64, 10]);
    for (const [u, unit] of mean.units.entries()) {
      for (let k = 0; k < 10; k++) {
        let sum = 0;
        for (let b = 0; b < 64; b++) sum += output.values[(u * 64 + b) * 10 + k];
        expect(mean.unit(unit).values[k]).toBeCloseTo(sum / 64, 5);
      }
    }
  });

  it("feeds a network of several inputs from a npz file, by their names", async () => {
    const { tf } = await loadTensorflow();
    const [a, b] = [tf.input({ shape: [2], name: "a" }), tf.input({ shape: [3], name: "b" })];
    const joined = tf.layers.concatenate({ name: "joined" }).apply([a, b]) as SymbolicTensor;
    const sum = tf.layers.dense({ name: "sum", units: 1, useBias: false, kernelInitializer: "ones" });
    const both = tf.model({ inputs: [a, b], outputs: sum.apply(joined) as SymbolicTensor });
    const network = await saveLayers(tf, both, at("both"));
    const arrays = {
      "a.npy": npyFile("<f4", [2, 2], Float32Array.of(1, 2, 3, 4)),
      "b.npy": npyFile("<i2", [2, 3], Int16Array.of(10, 20, 30, 40, 50, 60)),
    };
    writeFileSync(at("both.npz"), zipSync(arrays));
    writeFileSync(at("one.npz"), zipSync({ "a.npy": arrays["a.npy"] }));
    const files = { network, sites: ["joined"] };
    const modes = await shapley(await gameFromFiles({ ...files, inputs: at("both.npz") }), { estimator: "exact" });
    expect(modes.units.map((unit) => Array.from(modes.unit(unit).values, Math.fround))).toEqual([
      [1, 3],
      [2, 4],
      [10, 40],
      [20, 50],
      [30, 60],
    ]);
    await expect(gameFromFiles({ ...files, inputs: at("one.npz") })).rejects.toThrow(
      'invalid inputs; expected a .npz file with an array for each of the inputs a, b; received "one.npz"',
    );
  });

  it("plays groups, constants, scores of any output and references from files on dense layers too", async () => {
    const options = { orderings: 4, seed: 3 };
    const network = await loadMlp(ten);
    const data = loadInputs(inputs);
    const others = loadInputs("mnist-test:64-67");
    const groups = { some: ["hidden/1", "hidden/2"], one: ["hidden/7"] };
    const cases: [Partial<GameFiles>, MlpGameOptions][] = [
      [
        { groups, score: "mean-output" },
        { groups, score: "mean-output" },
      ],
      [{ lesion: { constant: 0.5 } }, { lesion: { constant: 0.5 } }],
      [{ lesion: { mean: "mnist-test:64-67" } }, { lesion: { mean: others.inputs } }],
      [{ lesion: { background: "mnist-test:64-67" } }, { lesion: { background: others.inputs } }],
    ];
    for (const [files, own] of cases) {
      const game = await gameFromFiles({ network: ten, inputs, ...files });
      const modes = await shapley(game, options);
      const expected = await shapley(await mlpGame(network, data, own), options);
      expect(modes.units).toEqual(expected.units);
      expect(modes.values).toEqual(expected.values);
      expect(await shapley(game, { ...options, workers: 2 }).then(({ values }) => values)).toEqual(modes.values);
      const { forThreads: _, ...withSpecAlone } = game;
      expect(await shapley(withSpecAlone, { ...options, workers: 2 }).then(({ values }) => values)).toEqual(
        modes.values,
      );
    }
    const { provenance } = await gameFromFiles({ network: ten, inputs, lesion: { mean: "mnist-test:64-67" } });
    expect(provenance).toMatchObject({ lesion: "mean", mean: others.name, mean_sha256: others.sha256 });
  });

  it("states files by name and checksum, without their folders", async () => {
    const game = await gameFromFiles({
      network: model,
      inputs: at("images.npy"),
      labels: at("classes.npy"),
      sites: ["hidden"],
    });
    expect(game.provenance).toMatchObject({
      inputs: "images.npy",
      inputs_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      labels: "classes.npy",
      labels_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      network: "tf.LayersModel",
      network_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      tensor_backend: backendLabel(await loadTensorflow()),
    });
    expect(JSON.stringify(game.provenance)).not.toContain(folder);
  });

  it.each(["mlp", "deep", ...kinds])(
    "gives the same bytes for 1, 2 and 3 workers, and from its spec in another process (%s)",
    async (kind) => {
      const files: Record<string, GameFiles> = {
        mlp: { network: ten, inputs, score: "probabilities" },
        deep: { network: at("deep.safetensors"), inputs, score: "cross-entropy", lesion: "mean" },
        tfjs: { network: model, inputs, sites: ["hidden"], lesion: "mean" },
        onnx: { network: at("mlp.onnx"), inputs, sites: ["hidden"], lesion: { constant: 0.5 }, threads: 1 },
      };
      const game = await gameFromFiles(files[kind]);
      const alone = await bytesWith(game, { workers: 1 });
      expect(await bytesWith(game, { workers: 2 })).toEqual(alone);
      const { forThreads: _, ...withSpecAlone } = game;
      expect(JSON.parse(JSON.stringify(game.spec))).toEqual(game.spec);
      expect(await bytesWith(withSpecAlone, { workers: 3 })).toEqual(alone);
    },
    60_000,
  );

  it.each(kinds)(
    "a network game of a loaded network is sent to workers, one with a function as its score stays (%s)",
    async (kind) => {
      const network = await (kind === "tfjs" ? loadTfjs(model) : loadOnnx(at("mlp.onnx"), { threads: 1 }));
      const data = loadInputs(inputs);
      const sites = ["leaky"];
      const memory = 200_000; // several passes for a batch
      const game = await networkGame(network, data, { sites, memory });
      expect(await bytesWith(game, { workers: 2 })).toEqual(await bytesWith(game, { workers: 1 }));
      const remarks: string[] = [];
      const scored = await networkGame(network, data, { sites, score: (output) => output[0] });
      const options = { orderings: 4, workers: 2, onRemark: (remark: string) => remarks.push(remark) };
      const { values } = await shapley(scored, options);
      expect(remarks).toEqual([expect.stringContaining("one worker is used")]);
      expect(values).toEqual((await shapley(scored, { orderings: 4 })).values);
    },
  );

  it.each(kinds)(
    "named scores of a loaded network travel to workers, and into its spec (%s)",
    async (kind) => {
      const options = { orderings: 4, onRemark: (remark: string) => expect.fail(remark) };
      for (const score of [
        "class-accuracy",
        "log-probability",
        "log-probability:7",
        "mean-output",
        "output:2-4",
      ] as const) {
        const game = await gameFromFiles({ network: fileOf(kind), inputs, sites: ["hidden"], score });
        expect(game.provenance?.score).toBe(score);
        const { values } = await shapley(game, options);
        expect((await shapley(game, { ...options, workers: 2 })).values).toEqual(values);
        const own = await shapley(await gameFromFiles({ network: ten, inputs, score, place: "activation" }), options);
        own.values.forEach((value, i) => expect(Math.abs(value - values[i])).toBeLessThan(1e-4));
      }
    },
    60_000,
  );

  it("a model in memory stays in its thread, and shapley says so", async () => {
    const { tf } = await loadTensorflow();
    const mlp = await checkpoint({ width: 10, regulariser: "l1", trial: 0 });
    const game = await networkGame(await layersNetwork(mlpAsLayers(tf, mlp)), loadInputs(inputs), {
      sites: ["hidden"],
    });
    const remarks: string[] = [];
    await shapley(game, { orderings: 2, workers: 2, onRemark: (remark) => remarks.push(remark) });
    expect(remarks).toEqual([expect.stringContaining("one worker is used")]);
  });

  it("a deep game in memory is sent to workers as it is", async () => {
    const game = await mlpGame(deep, loadInputs(inputs), { lesion: "mean", score: "class-accuracy" });
    expect(await bytesWith(game, { workers: 2 })).toEqual(await bytesWith(game, { workers: 1 }));
  });

  it.skipIf(!onnxRuntime)("notices in a worker that a file has changed", async () => {
    const copy = at("changing.onnx");
    const mlp = await checkpoint({ width: 10, regulariser: "l1", trial: 0 });
    writeFileSync(copy, mlpAsOnnx(mlp));
    const { forThreads, ...game } = await networkGame(await loadOnnx(copy), loadInputs(inputs), { sites: ["hidden"] });
    writeFileSync(copy, mlpAsOnnx(mlpNetwork(mlp.layers, 0.5)));
    // With its spec alone it is played by threads only.
    await expect(shapley({ ...game, spec: forThreads?.() as never }, { orderings: 2, workers: 2 })).rejects.toThrow(
      /changing\.onnx: has changed: sha256/,
    );
  });

  it.each<[string, Partial<GameFiles>, string]>([
    [
      "a site that is none",
      { sites: ["hiden"] },
      'invalid site; expected one of the network\'s 2 sites, such as the nearest: hidden, input; received "hiden"',
    ],
    [
      "a group of what is no unit",
      { groups: { a: ["hidden/10"] } },
      "invalid unit in group a; expected a unit of the lesioned sites, such as the nearest: hidden/1",
    ],
    ["a memory", { memory: 1000 }, "invalid memory; expected none for a network of dense layers"],
    ["another output", { output: "sound" }, 'invalid output; expected one of logits; received "sound"'],
    ["axes", { axes: { hidden: 0 } }, "invalid axes; expected none for a network of dense layers"],
    ["threads", { threads: 1 }, "invalid threads; expected none for a network of dense layers"],
    ["fixed inputs", { fixed: { x: 1 } }, "invalid fixed; expected none for a network of dense layers"],
    ["a shape", { shape: [784] }, "invalid shape; expected none for a network of dense layers"],
    [
      "a constant that is no number",
      { lesion: { constant: Number.NaN } },
      "invalid lesion constant; expected a finite number; received NaN",
    ],
    ["a lesion that is none", { lesion: "axe" as never }, 'invalid lesion; expected "zero", "mean", { mean: inputs }'],
    ["a score that is none", { score: "guess" as never }, "invalid score; expected one of class-precision"],
    [
      "no classes",
      { inputs: "images.npy" },
      "invalid labels; expected a .npy file of the inputs' classes for this score",
    ],
    ["another checksum", { sha256: "0".repeat(64) }, /has sha256 [0-9a-f]{64}; 0{64} was expected/ as never],
    [
      "another checksum of inputs",
      { inputsSha256: "0".repeat(64) },
      /has sha256 [0-9a-f]{64}; 0{64} was expected/ as never,
    ],
    ["a backend that is none", { backend: "abacus" }, "invalid tensor backend; expected one of tfjs-node-gpu"],
  ])("refuses for an MLP: %s", async (_, wrong, message) => {
    const files = { network: ten, inputs, ...wrong };
    const given = { ...files, inputs: files.inputs.endsWith(".npy") ? at(files.inputs) : files.inputs };
    await expect(gameFromFiles(given)).rejects.toThrow(message);
  });

  it.each<[string, Partial<GameFiles>, string]>([
    [
      "no site",
      {},
      "invalid site; expected one or more of the network's 4 sites (input, hidden, leaky, logits); the command sites lists them",
    ],
    ["a site that is none", { sites: ["hiden"] }, "sites, such as the nearest: hidden"],
    ["a place", { place: "activation", sites: ["hidden"] }, "invalid place; expected none for this kind of network"],
    ["fixed inputs", { fixed: { x: 1 }, sites: ["hidden"] }, "invalid fixed; expected none for a TensorFlow.js model"],
    [
      "another number of classes",
      { labels: "few.npy", inputs: "images.npy", sites: ["hidden"] },
      "invalid labels; expected 64 classes",
    ],
    [
      "a class without an output",
      { labels: "high.npy", inputs: "images.npy", sites: ["hidden"] },
      "invalid labels; expected classes from 0 to 9, of which the network has an output each; received 10",
    ],
    ...absentBackends.map((backend): [string, Partial<GameFiles>, string] => [
      `the absent backend ${backend}`,
      { backend, sites: ["hidden"] },
      `npm install @tensorflow/${backend}@4.22.0`,
    ]),
  ])("refuses for a model: %s", async (_, wrong, message) => {
    writeFileSync(at("few.npy"), npyFile("<i4", [2], Int32Array.of(0, 1)));
    writeFileSync(at("high.npy"), npyFile("<i4", [64], new Int32Array(64).fill(10)));
    const files = { network: model, inputs, ...wrong };
    const path = (name: string) => (name.endsWith(".npy") ? at(name) : name);
    const given = { ...files, inputs: path(files.inputs), ...(files.labels && { labels: path(files.labels) }) };
    await expect(gameFromFiles(given)).rejects.toThrow(message);
  });
});
