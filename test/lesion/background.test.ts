import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labelledInputs } from "../../src/datasets/labelled-inputs.js";
import { shapley } from "../../src/engine/shapley.js";
import type { Game } from "../../src/games/game.js";
import { gameFromFiles } from "../../src/lesion/game-from-files.js";
import { type NetworkGameOptions, networkGame } from "../../src/lesion/network-game.js";
import { loadModes } from "../../src/modes/save.js";
import { loadNetwork } from "../../src/networks/load-network.js";
import { layersNetwork } from "../../src/networks/tfjs/models.js";
import { packageRoot } from "../../src/package.js";
import { loadTensorflow } from "../../src/tensors/backend.js";
import { npyFile } from "../datasets/npy-writer.js";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { numbers } from "../networks/mlp/small.js";
import { graphOf, onnxFile, port, weight } from "../networks/onnx/build.js";
import { saveLayers } from "../networks/tfjs/save-model.js";

/*
 * A network x[4] -> tanh(x W1 + b1)[5] -> h W2 + b2 [3], two inputs, three background rows, all from `numbers` times a
 * factor. The values are from Python in double precision: `shapOfInput` from shap 0.51.0, `shap.explainers.Exact(f,
 * shap.maskers.Independent(background, max_samples=100))(inputs)`, values as [units, inputs, outputs]; the others from
 * the sum over all coalitions written out in numpy, which gives those of shap to 6e-8.
 */
const times = (factor: number, values: Float32Array) => values.map((value) => factor * value);
const w1 = times(4, numbers(20, 3));
const b1 = numbers(5, 4);
const w2 = times(3, numbers(15, 5));
const b2 = numbers(3, 6);
const inputs = times(4, numbers(8, 7));
const background = times(4, numbers(12, 8));

const shapOfInput = [
  0.784033273, 0.550861605, 0.247170051, -1.174529998, -0.988309426, -0.390836621, -0.053228889, -0.32670235,
  -0.125890592, 0.391872251, 0.717743368, 0.469741308, 0.524866715, -0.364599577, 0.387718099, -0.873262071,
  0.638475442, -0.556591841, -0.070756371, 0.311085817, -0.185713093, 0.189283582, -0.725164739, 0.677934483,
];
/** SHAP's expected value: the mean output over the background. */
const expectedValue = [0.48795842, -1.798887305, 0.798914757];
const ofHidden = [
  0.055233473, -0.123505858, 0.165700474, 0.129320439, -0.289169427, 0.387961447, 0.047632396, 0.700585705,
  -0.355915016, -0.06015737, -0.884805251, 0.449503142, 0.007777145, -0.01988447, -0.002788651, -0.015447888,
  0.03949689, 0.005539149, 0.057292044, -0.053476952, 0.014982058, -0.460951108, 0.430256256, -0.120540233, 1.016979691,
  -0.333072935, 0.501305547, -1.05940034, 0.346966202, -0.522216197,
];
const crossEntropy = { input: [0.355164495, 0.059906988, 0.179062621, 0.096430985], labels: [2, 0] };
const crossEntropyOfHidden = [0.019582892, 0.238099172, 0.009459812, 0.128314481, 0.295108732];
const probabilities = [
  0.092763163, 0.025892952, -0.118656115, -0.12275909, -0.045323321, 0.168082411, 0.027159452, -0.024860179,
  -0.002299273, -0.038385821, 0.047941842, -0.009556022, 0.064870251, -0.092421179, 0.027550928, -0.127776616,
  0.161434507, -0.033657892, -0.006447222, 0.076494311, -0.070047089, -0.035378489, -0.165689276, 0.201067764,
];

const folder = mkdtempSync(join(tmpdir(), "background-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const files: Record<string, string> = {};
const main = join(packageRoot, "dist", "cli", "main.js");

beforeAll(async () => {
  const { tf } = await loadTensorflow();
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ name: "hidden", units: 5, inputShape: [4], activation: "tanh" }),
      tf.layers.dense({ name: "y", units: 3 }),
    ],
  });
  model.getLayer("hidden").setWeights([tf.tensor2d(w1, [4, 5]), tf.tensor1d(b1)]);
  model.getLayer("y").setWeights([tf.tensor2d(w2, [5, 3]), tf.tensor1d(b2)]);
  files.tfjs = await saveLayers(tf, model, at("tfjs"));
  files.onnx = at("net.onnx");
  const graph = graphOf({
    nodes: [
      ["Gemm", ["x", "w1", "b1"], ["before"]],
      ["Tanh", ["before"], ["hidden"]],
      ["Gemm", ["hidden", "w2", "b2"], ["y"]],
    ],
    inputs: [port("x", ["rows", 4])],
    outputs: [port("y", ["rows", 3])],
    weights: [weight("w1", [4, 5], w1), weight("b1", [5], b1), weight("w2", [5, 3], w2), weight("b2", [3], b2)],
  });
  writeFileSync(files.onnx, onnxFile(graph));
  writeFileSync(at("inputs.npy"), npyFile("<f4", [2, 4], inputs));
  writeFileSync(at("background.npy"), npyFile("<f4", [3, 4], background));
});

function expectClose(values: ArrayLike<number> | undefined, expected: readonly number[]): void {
  expect(values?.length).toBe(expected.length);
  const apart = expected.map((value, i) => Math.abs(value - (values as ArrayLike<number>)[i]));
  expect(Math.max(...apart)).toBeLessThan(1e-6);
}
const exact = async (game: Game) => shapley(game, { estimator: "exact" });
/** [units, inputs, outputs] to their mean over the inputs. */
const meanOverInputs = (values: readonly number[]) =>
  Array.from({ length: values.length / 2 }, (_, i) => {
    const [unit, output] = [Math.floor(i / 3), i % 3];
    return (values[unit * 6 + output] + values[unit * 6 + 3 + output]) / 2;
  });

describe.each(["tfjs", ...(onnxRuntime ? ["onnx"] : [])])("a background in a network of %s", (kind) => {
  const play = async (options: Partial<NetworkGameOptions>, given: Parameters<typeof networkGame>[1] = inputs) =>
    networkGame(await loadNetwork(files[kind]), given, { sites: ["input"], lesion: { background }, ...options });

  it("gives the exact values of shap for the input, and its expected value for nothing intact", async () => {
    const modes = await exact(await play({}));
    expectClose(modes.values, shapOfInput);
    expectClose(modes.vNone, [...expectedValue, ...expectedValue]);
    expect(modes.provenance.game).toMatchObject({ lesion: "background", lesion_constant: null });
  });

  it("gives the same in passes of one row, and of any other number", async () => {
    const network = await loadNetwork(files[kind]);
    const rows = new Set<number>();
    for (let memory = 1; rows.size < 4; memory = Math.ceil(memory * 1.3)) {
      const options = { sites: ["input"], lesion: { background }, memory };
      const game = await networkGame(network, inputs, options).catch((error: Error) => error);
      if (game instanceof Error) {
        expect(game.message).toContain("invalid memory; expected at least");
        continue;
      }
      if (!rows.has(game.rowsAtOnce)) expectClose((await exact(game)).values, shapOfInput);
      rows.add(game.rowsAtOnce);
      game.dispose();
    }
    expect(Math.min(...rows)).toBe(1);
  });

  it("takes what units of a layer hold on each row, and of groups", async () => {
    expectClose((await exact(await play({ sites: ["hidden"] }))).values, ofHidden);
    const groups = { all: ["hidden/0", "hidden/1", "hidden/2", "hidden/3", "hidden/4"] };
    const modes = await exact(await play({ sites: ["hidden"], groups }));
    const sums = Array.from({ length: 6 }, (_, o) => [0, 1, 2, 3, 4].reduce((sum, u) => sum + ofHidden[u * 6 + o], 0));
    expectClose(modes.values, sums);
  });

  it("averages the score over the background rows, not the output that it looks at", async () => {
    const labelled = labelledInputs(inputs, crossEntropy.labels, { shape: [2, 4], classes: 3 });
    expectClose((await exact(await play({ score: "cross-entropy" }, labelled))).values, crossEntropy.input);
    const ofLayer = await play({ sites: ["hidden"], score: "cross-entropy" }, labelled);
    expectClose((await exact(ofLayer)).values, crossEntropyOfHidden);
    expectClose((await exact(await play({ score: "probabilities" }))).values, probabilities);
    expectClose((await exact(await play({ score: "mean-output" }))).values, meanOverInputs(shapOfInput));
    const first = await play({ score: (output) => output[0] });
    expectClose(
      (await exact(first)).values,
      [0, 1, 2, 3].map((unit) => shapOfInput[unit * 6]),
    );
  });

  it("is played by workers, and from files, with the same bytes", async () => {
    const options = { orderings: 6, seed: 3, onRemark: (remark: string) => expect.fail(remark) };
    for (const score of ["output", "mean-output"] as const) {
      const game = await play({ score });
      const alone = await shapley(game, options);
      expect((await shapley(game, { ...options, workers: 2 })).values).toEqual(alone.values);
      const lesion = { background: at("background.npy") };
      const paths = { network: files[kind], inputs: at("inputs.npy"), sites: ["input"], score, lesion };
      const file = await gameFromFiles(paths);
      expect(file.provenance).toMatchObject({ lesion: "background", background: "background.npy" });
      expect((await shapley(file, options)).values).toEqual(alone.values);
      expect((await shapley(file, { ...options, workers: 2 })).values).toEqual(alone.values);
    }
  });

  it("is what the command line takes, in place of another lesion", () => {
    const options = ["--network", files[kind], "--inputs", at("inputs.npy"), "--site", "input", "--estimator", "exact"];
    const analyse = (...more: string[]) =>
      spawnSync(process.execPath, [main, "analyse", ...options, "--background", at("background.npy"), ...more], {
        encoding: "utf8",
      });
    expect(analyse("--out", at(`${kind}.npz`))).toMatchObject({ status: 0 });
    expectClose(loadModes(at(`${kind}.npz`)).values, shapOfInput);
    const { status, stderr } = analyse("--lesion", "mean", "--out", at(`${kind}-mean.npz`));
    expect([status, stderr]).toEqual([
      1,
      'error: invalid lesion; expected none beside --background; received "mean"\n',
    ]);
  });

  it("with one row is what the lesion activation gives", async () => {
    const row = background.slice(0, 4);
    const one = await exact(await play({ lesion: { background: row } }));
    expect(one.values).toEqual((await exact(await play({ lesion: { activation: row } }))).values);
  });
});

describe("a background", () => {
  it("is refused where it does not fit", async () => {
    const { tf } = await loadTensorflow();
    const network = await layersNetwork(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4] })] }));
    const play = (rows: unknown) =>
      networkGame(network, inputs, { sites: ["input"], lesion: { background: rows as Float32Array } });
    await expect(play(new Float32Array(3))).rejects.toThrow(
      /invalid lesion background .*; expected one or more rows of shape \[4\]/,
    );
    await expect(play(new Float32Array(0))).rejects.toThrow("one or more rows of shape [4]");
    await expect(play(Float32Array.of(1, 2, 3, Number.NaN))).rejects.toThrow("expected finite numbers");
    await expect(play(undefined)).rejects.toThrow("invalid lesion background");
    const none = { network: files.tfjs, inputs: at("inputs.npy"), sites: ["input"], lesion: { background: "cats" } };
    await expect(gameFromFiles(none)).rejects.toThrow(
      "invalid inputs; expected a .npy or .npz file that numpy saved, or a name such as mnist-test:0-1023",
    );
    const changed = { lesion: { background: at("background.npy") }, lesionSha256: "0" };
    await expect(
      gameFromFiles({ network: files.tfjs, inputs: at("inputs.npy"), sites: ["input"], ...changed }),
    ).rejects.toThrow("background.npy: has sha256");
  });
});
