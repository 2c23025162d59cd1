import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { allIntact, coalitionsOf } from "../../src/coalitions/coalition.js";
import { shapley } from "../../src/engine/shapley.js";
import { shapleyToDisk } from "../../src/engine/shapley-to-disk.js";
import { partOf } from "../../src/games/part.js";
import { gameOfLatents, generatorGame } from "../../src/lesion/generator-game.js";
import { generatorGameFromFile } from "../../src/lesion/generator-game-from-file.js";
import { saveGenerator } from "../../src/networks/dcgan/file.js";
import { randomLatents } from "../../src/networks/dcgan/latents.js";
import { backendLabel } from "../../src/tensors/backend.js";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { plainImages, randomGenerator, roundingBound } from "../networks/dcgan/plain.js";
import { loadOnProcessor } from "../tensors/processor.js";

const folder = mkdtempSync(join(tmpdir(), "generator-game-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** 4 + 2 + 3 = 9 units, images of 16 pixels. */
const generator = randomGenerator({ layers: 3, filters: 2, latents: 3 }, 2);
const faces = 2;
const latents = randomLatents(generator, faces, { seed: 1 });
const game = generatorGame(generator, { faces, seed: 1 });
const layerOf = (unit: number): [number, number] => (unit < 4 ? [0, unit] : unit < 6 ? [1, unit - 4] : [2, unit - 6]);
const size = faces * 3 * 16 * 16;

const gap = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most: number, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
};

/** v of every coalition by definition, in float64: unit u is intact where bit u of its number is set. */
const table = Array.from({ length: 512 }, (_, bits) =>
  plainImages(generator, latents, (layer, channel) =>
    [...Array(9).keys()].some((u) => (bits >> u) & 1 && layerOf(u)[0] === layer && layerOf(u)[1] === channel),
  ),
);

/** Shapley's formula over that table. */
function shapleyValues(): Float64Array {
  const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));
  const values = new Float64Array(9 * size);
  for (let u = 0; u < 9; u++) {
    for (let bits = 0; bits < 512; bits++) {
      if ((bits >> u) & 1) continue;
      const s = bits.toString(2).replaceAll("0", "").length;
      const weight = (factorial(s) * factorial(8 - s)) / factorial(9);
      for (let o = 0; o < size; o++) values[u * size + o] += weight * (table[bits | (1 << u)][o] - table[bits][o]);
    }
  }
  return values;
}

const onTensors = backendLabel(await loadOnProcessor());

describe("generatorGame", () => {
  test("of some of the images has the modes that they have among all, bit for bit", async () => {
    const five = generatorGame(generator, { faces: 5, seed: 3 });
    const options = { estimator: "antithetic", orderings: 4 } as const;
    const whole = await shapley(five, options);
    const some = await shapley(partOf(five, 1, 3), options);
    for (const face of [1, 2]) {
      expect(some.slice(face - 1).values).toEqual(whole.slice(face).values);
      expect(some.slice(face - 1).standardErrors).toEqual(whole.slice(face).standardErrors);
    }
    expect(some.provenance.game).toMatchObject({ inputs: "5 latents of seed 3", part: [1, 3] });
    const stored = await shapleyToDisk(five, join(folder, "modes.zarr"), {
      ...options,
      memory: 6e5,
      onRemark: () => {},
    });
    expect((await stored.part()).values).toEqual(whole.values.map(Math.fround));
    expect(stored.provenance).toEqual(whole.provenance);
  });

  test("has a unit for every channel of every layer, and images as values", () => {
    expect(game.units).toEqual([
      ...["layer1/filter0", "layer1/filter1", "layer1/filter2", "layer1/filter3"],
      ...["layer2/filter0", "layer2/filter1", "layer3/filter0", "layer3/filter1", "layer3/filter2"],
    ]);
    expect(game.outputShape).toEqual([faces, 3, 16, 16]);
    expect(game.provenance).toMatchObject({ inputs: "2 latents of seed 1", network: "dcgan 3-4-2-3", score: "images" });
    expect(game.gates?.map(({ unit }) => unit)).toEqual([6, 7, 8]);
  });

  test("gives every coalition the images that the definition gives", async () => {
    const members = Array.from({ length: 512 }, (_, bits) => [...Array(9).keys()].filter((u) => (bits >> u) & 1));
    const values = await game.evaluate(coalitionsOf(9, members));
    table.forEach((images, c) => {
      expect(gap(values.subarray(c * size, (c + 1) * size), images)).toBeLessThan(1e-6);
    });
  });

  test("has the Shapley Modes of Shapley's formula; sampled ones agree within standard errors", async () => {
    const expected = shapleyValues();
    const exact = await shapley(game, { estimator: "exact" });
    expect(gap(exact.values, expected)).toBeLessThan(1e-6);
    for (const gates of [game.gates ?? [], []]) {
      const sampled = await shapley({ ...game, gates }, { estimator: "antithetic", orderings: 400, seed: 2 });
      let squares = 0;
      expected.forEach((value, i) => {
        const error = sampled.standardErrors?.[i] as number;
        squares += ((sampled.values[i] - value) / Math.max(error, 1e-6)) ** 2 / expected.length;
        // 13,824 numbers: five standard errors are hardly ever passed
        expect(Math.abs(sampled.values[i] - value)).toBeLessThan(6 * error + 1e-6);
      });
      expect(Math.sqrt(squares)).toBeLessThan(1.5); // outputs are correlated, so it is not always near 1
    }
  });

  test("has colours whose gating makes their own modes nearly free of error", async () => {
    const options = { estimator: "antithetic", orderings: 40, seed: 3 } as const;
    const gated = await shapley(game, options);
    const plain = await shapley({ ...game, gates: [] }, options);
    const expected = shapleyValues();
    const error = (modes: { values: Float64Array }, from: number, to: number) => {
      let sum = 0;
      for (let i = from * size; i < to * size; i++) sum += (modes.values[i] - expected[i]) ** 2;
      return Math.sqrt(sum);
    };
    expect(error(gated, 6, 9)).toBeLessThan(0.5 * error(plain, 6, 9));
    expect(error(gated, 0, 6)).toBeLessThan(error(plain, 0, 6));
  });

  test("adds up: the sum of all modes is the intact images less the lesioned ones, to 1e-5", async () => {
    const modes = await shapley(game, { orderings: 4, seed: 0 });
    expect(modes.efficiencyGap).toBeLessThan(1e-5);
    const whole = table[511];
    expect(gap(modes.total(), whole)).toBeLessThan(1e-5); // all lesioned is black
  });

  test("gives the same bytes in workers, and again from a file", async () => {
    const options = { orderings: 12, seed: 4 };
    const here = await shapley(game, options);
    expect((await shapley(game, { ...options, workers: 2 })).values).toEqual(here.values);
    const path = join(folder, "generator.safetensors");
    const sha256 = saveGenerator(generator, path);
    const again = await generatorGameFromFile({ network: path, sha256, faces, seed: 1 });
    expect((await shapley(again, options)).values).toEqual(here.values);
    expect(again.spec?.arguments).toEqual([{ network: path, sha256, faces: 2, seed: 1, backend: "kernel" }]);
    const named = await generatorGameFromFile({ network: path, faces, tensorBackend: "cpu" });
    const spec = { network: path, sha256, faces: 2, backend: "tensors", tensorBackend: "cpu" };
    expect(named.spec?.arguments).toEqual([spec]);
    expect((await shapley(named, { orderings: 1 })).provenance.game).toMatchObject({ tensor_backend: "cpu" });
    named.dispose();
    await expect(generatorGameFromFile({ network: path, sha256: "0" })).rejects.toThrow("has sha256");
    await expect(generatorGameFromFile({ network: path, backend: "onnx", tensorBackend: "cpu" })).rejects.toThrow(
      'invalid tensorBackend; expected none for "onnx"; received "cpu"',
    );
  });

  test.each([["tensors", onTensors] as const, ...(onnxRuntime ? [["onnx", "onnxruntime-node (cpu)"] as const] : [])])(
    "has the same modes on %s, says what computed, and gives back its memory",
    async (backend, label) => {
      const { tf } = await loadOnProcessor();
      const tensors = tf.memory().numTensors;
      const options = { orderings: 4, seed: 5 };
      const other = generatorGame(generator, { faces, seed: 1, backend });
      const [ours, theirs] = [await shapley(game, options), await shapley(other, options)];
      // a mode is the mean of differences of two images
      expect(gap(ours.values, theirs.values)).toBeLessThan(4 * roundingBound(generator, latents));
      expect(ours.provenance.game).toMatchObject({ tensor_backend: "kernel" });
      expect(theirs.provenance.game).toMatchObject({ tensor_backend: label });
      expect((await shapley(other, { ...options, workers: 2 })).values).toEqual(theirs.values);
      other.dispose();
      expect((await shapley(other, options)).values).toEqual(theirs.values);
      other.dispose();
      await other.evaluate(allIntact(9)).then(() => other.dispose());
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(tf.memory().numTensors).toBe(tensors);
    },
  );

  test("finds out by loading whether a graphics card computes, where only that can tell", async () => {
    const open = gameOfLatents(generator, latents, {}, undefined);
    expect(open.provenance).toEqual({ tensor_backend: null });
    expect(gap(await open.evaluate(allIntact(9)), table[511])).toBeLessThan(1e-2); // a card may round products to 11 bits
    expect(["kernel", "tfjs-node-gpu"]).toContain(open.provenance?.tensor_backend);
    open.dispose();
  });

  test("answers questions that are asked at once one after the other", async () => {
    const ordering = Uint32Array.from([8, 3, 0, 5, 7, 1, 6, 2, 4]);
    const walked: number[] = [];
    const [values] = await Promise.all([
      game.evaluate(coalitionsOf(9, [[8, 3, 0, 5]])),
      game.walk?.(ordering, (rank, images) => {
        if (rank === 3) walked.push(...images);
      }),
      game.evaluate(allIntact(9)),
    ]);
    expect(gap(walked, values)).toBeLessThan(1e-6);
    expect(gap(walked, table[0b100101001])).toBeLessThan(1e-6);
  });

  test("takes latents as they are, and refuses what does not fit", async () => {
    const given = generatorGame(generator, { latents: latents.slice(3) });
    const value = await given.evaluate(allIntact(9));
    expect(gap(value, table[511].slice(size / 2))).toBeLessThan(1e-6);
    expect(() => generatorGame(generator, { latents: new Float32Array(4) })).toThrow("invalid latents");
    expect(() => generatorGame(generator, { latents, faces: 2 })).toThrow("not both");
    expect(() => generatorGame(generator, { faces: 0 })).toThrow("invalid faces");
    expect(() => generatorGame(generator, { seed: -1 })).toThrow("invalid seed");
    expect(() => generatorGame(generator, { backend: "gpu" as "kernel" })).toThrow(
      'invalid backend; expected one of kernel, tensors, onnx; received "gpu"',
    );
    const larger = randomGenerator({ layers: 5, filters: 8, latents: 10 });
    expect(() => generatorGame(larger, { faces: 20_000, backend: "kernel" })).toThrow("WebAssembly's 4 GB");
  });
});
