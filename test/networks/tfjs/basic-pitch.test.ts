import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { GraphModel, Tensor } from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { shapley } from "../../../src/engine/shapley.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import type { Network } from "../../../src/networks/network.js";
import { sites } from "../../../src/networks/sites.js";
import { loadTfjs } from "../../../src/networks/tfjs/load.js";
import { loadTensorflow, type Tensorflow } from "../../../src/tensors/backend.js";

const folder = join(dirname(createRequire(import.meta.url).resolve("@spotify/basic-pitch/package.json")), "model");
const path = join(folder, "model.json");
const stored = JSON.parse(readFileSync(path, "utf8"));
const weightData = readFileSync(join(folder, "group1-shard1of1.bin"));
const prefix = "StatefulPartitionedCall/model_1";
/** The convolutions whose filters are lesioned: they read the spectrogram, the contour, and the spectrogram again. */
const convolutions = {
  contour: `${prefix}/re_lu_1/Relu`,
  note: `${prefix}/re_lu_2/Relu`,
  onset: `${prefix}/re_lu_3/Relu`,
};
/** A chord of 440, 554.37 and 659.25 Hz, two seconds at 22,050 samples a second. */
const samples = 43844;
const chord = Float32Array.from({ length: samples }, (_, t) =>
  [440, 554.37, 659.25].reduce((sum, hertz) => sum + 0.2 * Math.sin((2 * Math.PI * hertz * t) / 22050), 0),
);

let tf: Tensorflow;
let network: Network;
beforeAll(async () => {
  tf = (await loadTensorflow()).tf;
  network = await loadTfjs(path);
});

/** The model with the weights and biases of some filters set to 0, by a node's name and the filters' numbers. */
async function withoutFilters(silent: Readonly<Record<string, readonly number[]>>): Promise<GraphModel> {
  const data = Uint8Array.from(weightData).buffer;
  const offsets = new Map<string, { from: number; shape: number[] }>();
  let from = 0;
  for (const { name, shape } of stored.weightsManifest[0].weights as { name: string; shape: number[] }[]) {
    offsets.set(name, { from, shape });
    from += 4 * shape.reduce((product, length) => product * length, 1);
  }
  expect(from).toBe(weightData.length);
  for (const [node, filters] of Object.entries(silent)) {
    const { input } = stored.modelTopology.node.find(({ name }: { name: string }) => name === node);
    for (const weight of input.slice(1, 3)) {
      const { from: start, shape } = offsets.get(weight)!;
      const size = shape.reduce((product, length) => product * length, 1);
      const numbers = new Float32Array(data, start, size);
      const outputs = shape[shape.length - 1];
      for (let i = 0; i < size; i++) if (filters.includes(i % outputs)) numbers[i] = 0;
    }
  }
  const weightSpecs = stored.weightsManifest[0].weights;
  return tf.loadGraphModel(tf.io.fromMemory({ ...stored, weightSpecs, weightData: data }));
}

describe("Basic Pitch, a GraphModel of sound to notes", () => {
  it("lists its sites with names, kinds, shapes and units, the input among them", () => {
    const listed = new Map(sites(network).map((site) => [site.name, site]));
    expect(listed.get("input")).toEqual({
      name: "input",
      kind: "input",
      shape: [samples, 1],
      units: samples,
      rows: "any",
    });
    expect(listed.get(convolutions.contour)).toMatchObject({ kind: "_FusedConv2D", shape: [172, 264, 8], units: 8 });
    expect(listed.get(convolutions.note)).toMatchObject({ shape: [172, 88, 32], units: 32 });
    expect(listed.get(convolutions.onset)).toMatchObject({ shape: [172, 88, 32], units: 32 });
    expect(network.outputs.map(({ shape }) => shape)).toEqual([
      [172, 264],
      [172, 88],
      [172, 88],
    ]);
    expect(network.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("gives, for some lesioned filters, what the network gives without their weights", async () => {
    const game = await networkGame(network, chord, { sites: convolutions, output: "Identity_2" });
    expect(game.units.length).toBe(8 + 32 + 32);
    expect(game.outputShape).toEqual([1, 172, 88]);
    const everyThird = { contour: [0, 3, 6], note: [1, 4, 30], onset: [2, 5, 31] };
    const cases = [{}, { contour: [2] }, { note: [0, 31] }, everyThird, { contour: [0, 1, 2, 3, 4, 5, 6, 7] }];
    const intact = cases.map((silent: Partial<typeof everyThird>) =>
      game.units.flatMap((unit, i) => {
        const [site, filter] = unit.split("/");
        return silent[site as "note"]?.includes(Number(filter)) ? [] : [i];
      }),
    );
    const values = await game.evaluate(coalitionsOf(game.units.length, intact));
    const outputs = 172 * 88;
    for (const [c, silent] of cases.entries()) {
      const byNode = Object.entries(silent).map(([site, filters]) => [convolutions[site as "note"], filters]);
      const model = await withoutFilters(Object.fromEntries(byNode));
      const expected = tf.tidy(() =>
        (model.execute(tf.tensor3d(chord, [1, samples, 1]), "Identity_2") as Tensor).dataSync(),
      );
      let largest = 0;
      for (let o = 0; o < outputs; o++) largest = Math.max(largest, Math.abs(values[c * outputs + o] - expected[o]));
      expect(largest).toBeLessThan(1e-6);
      model.dispose();
    }
    // The lesions do something: every case differs from the intact network.
    for (let c = 1; c < cases.length; c++) {
      const change = values.slice(0, outputs).some((value, o) => Math.abs(value - values[c * outputs + o]) > 1e-3);
      expect(change).toBe(true);
    }
    game.dispose();
  });

  it("has modes whose sum is what the filters do together", async () => {
    const groups = { low: ["contour/0", "contour/1", "contour/2", "contour/3"], high: ["contour/4", "contour/5"] };
    const game = await networkGame(network, chord, {
      sites: { contour: convolutions.contour },
      groups: { ...groups, rest: ["contour/6", "contour/7"] },
      output: "Identity_1",
      lesion: { mean: Float32Array.of(...chord, ...chord.map((value) => value / 3)) },
      score: function loudness(output) {
        return output.reduce((sum, value) => sum + value, 0);
      },
    });
    const modes = await shapley(game, { estimator: "exact" });
    expect(modes.units).toEqual(["low", "high", "rest"]);
    expect(modes.efficiencyGap).toBeLessThan(1e-9);
    expect(game.provenance).toMatchObject({ score: "loudness", lesion: "mean", network: "tf.GraphModel" });
    game.dispose();
  });

  it("computes what comes before the lesioned sites once for each input, and keeps no tensor", async () => {
    const before = tf.memory().numTensors;
    const game = await networkGame(network, chord, { sites: { note: convolutions.note }, output: "Identity_1" });
    const kept = tf.memory().numTensors;
    await game.evaluate(coalitionsOf(32, [[0], [1, 2], []]));
    expect(tf.memory().numTensors).toBe(kept);
    // One activation in front of the site, and what replaces it.
    expect(kept - before).toBe(2);
    game.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses a site that the output does not depend on, an output and inputs that are none", async () => {
    const onset = { sites: { onset: convolutions.onset }, output: "Identity_1" };
    await expect(networkGame(network, chord, onset)).rejects.toThrow(
      `invalid site; expected one that the output Identity_1 depends on; received "${convolutions.onset}"`,
    );
    await expect(networkGame(network, chord, { sites: convolutions })).rejects.toThrow(
      "invalid output; expected one of contour, Identity_1, Identity_2; received undefined",
    );
    await expect(networkGame(network, chord.subarray(1), { ...onset })).rejects.toThrow(
      "invalid inputs input_2; expected one or more rows of shape [43844, 1]; received Float32Array of length 43843",
    );
  });
});

describe("loadTfjs", () => {
  it("refuses files that are absent, truncated, or no model", async () => {
    const copy = mkdtempSync(join(tmpdir(), "tfjs-"));
    try {
      await expect(loadTfjs(join(copy, "model.json"))).rejects.toThrow("model.json: no such file");
      copyFileSync(path, join(copy, "model.json"));
      await expect(loadTfjs(join(copy, "model.json"))).rejects.toThrow("group1-shard1of1.bin: no such file");
      copyFileSync(join(folder, "group1-shard1of1.bin"), join(copy, "group1-shard1of1.bin"));
      truncateSync(join(copy, "group1-shard1of1.bin"), 1000);
      await expect(loadTfjs(join(copy, "model.json"))).rejects.toThrow(
        /model.json: its weight files hold 1000 bytes; \d+ were expected/,
      );
      writeFileSync(join(copy, "model.json"), "{}");
      await expect(loadTfjs(join(copy, "model.json"))).rejects.toThrow("is not a TensorFlow.js model.json");
      writeFileSync(join(copy, "model.json"), "{");
      await expect(loadTfjs(join(copy, "model.json"))).rejects.toThrow("is not a TensorFlow.js model.json");
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
