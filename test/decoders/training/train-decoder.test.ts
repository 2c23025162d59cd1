import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { describe, expect, it } from "vitest";
import { loadDecoder } from "../../../src/decoders/load-decoder.js";
import { TrainingNetwork } from "../../../src/decoders/training/network.js";
import type { DecoderRecipe } from "../../../src/decoders/training/recipe.js";
import { saveDecoder } from "../../../src/decoders/training/save-decoder.js";
import { type Lessons, trainDecoder } from "../../../src/decoders/training/train-decoder.js";
import { decodeNumbers, encodeNumbers } from "../../../src/formats/tensor.js";

const recipe: DecoderRecipe = {
  shape: {
    vocabulary: 12,
    width: 16,
    layers: 2,
    heads: 2,
    keyHeads: 1,
    hidden: 16,
    experts: { count: 4, perToken: 2 },
    base: 100,
    epsilon: 1e-5,
  },
  steps: 120,
  sequences: 4,
  length: 8,
  learningRate: 1e-2,
  lastShare: 0.1,
  warmUp: 10,
  betas: [0.9, 0.99],
  decay: 0.01,
  clip: 1,
  balance: 0.01,
};

/** A token by lot, and then each one more than the one before. */
const counting: Lessons = {
  sha256: "counting",
  batch(sequences, length, random) {
    const tokens = Int32Array.from({ length: sequences * length });
    for (let s = 0; s < sequences; s++) {
      const first = uniformInt(random, 0, 11);
      for (let i = 0; i < length; i++) tokens[s * length + i] = (first + i) % 12;
    }
    const targets = tokens.map((token) => (token + 1) % 12);
    return {
      tokens,
      targets,
      weights: new Float32Array(tokens.length).fill(1),
      kinds: Array(sequences).fill("counting"),
    };
  },
};

const folder = () => mkdtempSync(join(tmpdir(), "train-decoder-"));

describe("trainDecoder", () => {
  it("learns, and the folder that is saved does what was learnt", async () => {
    const { tensors, curves } = await trainDecoder(counting, { seed: 1, recipe });
    expect(curves.map(({ step }) => step)).toEqual([50, 100, 120]);
    expect(curves[2].surprise).toBeLessThan(0.05);
    expect(curves[2].kinds.counting).toBeCloseTo(curves[2].surprise, 5);
    const to = folder();
    saveDecoder(to, recipe.shape, tensors, { positions: 8, begin: undefined });
    const decoder = await loadDecoder(to);
    expect(decoder.config.kind).toBe("mixtral");
    const made = await decoder.generate([[3], [9]], { newTokens: 4 });
    expect(made).toEqual([
      [4, 5, 6, 7],
      [10, 11, 0, 1],
    ]);
  });

  it("trains one without experts, which is saved as Llama's", async () => {
    const own = { ...recipe, steps: 60, shape: { ...recipe.shape, experts: undefined } };
    const { tensors } = await trainDecoder(counting, { seed: 1, recipe: own });
    const to = folder();
    saveDecoder(to, own.shape, tensors, { positions: 8, begin: undefined });
    const decoder = await loadDecoder(to);
    expect(decoder.config.kind).toBe("llama");
    // What is read is what was trained, rounded to float16: the same losses.
    const network = new TrainingNetwork(own.shape, { sequences: 1, length: 8 }, 0);
    network.weights.set(
      network.places.flatMap(({ name }) => [...decodeNumbers(encodeNumbers(tensors.get(name)!.data, "F16"), "F16")]),
    );
    const [tokens, targets] = [Int32Array.from([1, 2, 3, 5, 8, 1, 0, 11]), Int32Array.from([2, 3, 5, 8, 1, 0, 11, 4])];
    network.lossOf({ tokens, targets, weights: new Float32Array(8).fill(1) });
    const [logits] = await decoder.logits([[...tokens]], { all: true });
    network.surprises.forEach((surprise, i) => {
      const own = [...logits.subarray(12 * i, 12 * i + 12)];
      const total = Math.log(own.reduce((sum, logit) => sum + Math.exp(logit), 0));
      expect(surprise).toBeCloseTo(total - own[targets[i]], 4);
    });
  });

  it("goes on from its checkpoint to the same bytes", async () => {
    const whole = await trainDecoder(counting, { seed: 0, recipe });
    const resume = join(folder(), "state.safetensors");
    const controller = new AbortController();
    const cut = trainDecoder(counting, {
      seed: 0,
      recipe,
      resume,
      checkpointSteps: 50,
      signal: controller.signal,
      onStep: ({ step }) => {
        if (step === 70) controller.abort(new Error("enough"));
      },
    });
    await expect(cut).rejects.toThrow("enough");
    const steps: number[] = [];
    const resumed = await trainDecoder(counting, { seed: 0, recipe, resume, onStep: ({ step }) => steps.push(step) });
    expect(steps[0]).toBe(51);
    expect(resumed).toEqual(whole);
    expect(await trainDecoder(counting, { seed: 2, recipe })).not.toEqual(whole);

    const before = readFileSync(resume);
    await expect(trainDecoder(counting, { seed: 1, recipe, resume })).rejects.toThrow(/another training/);
    const longer = { ...recipe, steps: 200 };
    await expect(trainDecoder(counting, { seed: 0, recipe: longer, resume })).rejects.toThrow(/another training/);
    expect(readFileSync(resume)).toEqual(before);
  });

  it("refuses what can not be computed before anything is written", async () => {
    const resume = join(folder(), "state.safetensors");
    const attempt = (change: Partial<DecoderRecipe>) =>
      trainDecoder(counting, { seed: 1, recipe: { ...recipe, ...change }, resume });
    const shaped = (change: Partial<DecoderRecipe["shape"]>) => attempt({ shape: { ...recipe.shape, ...change } });
    await expect(attempt({ steps: 0 })).rejects.toThrow("invalid steps; expected a positive integer; received 0");
    await expect(attempt({ length: 6 })).rejects.toThrow("invalid length; expected a multiple of 4; received 6");
    await expect(attempt({ learningRate: -1 })).rejects.toThrow(/invalid learningRate/);
    await expect(attempt({ balance: Number.NaN })).rejects.toThrow(/invalid balance/);
    await expect(attempt({ betas: [0.9, 1] })).rejects.toThrow(/invalid betas/);
    await expect(shaped({ width: 18 })).rejects.toThrow(/invalid width/);
    await expect(shaped({ heads: 4 })).rejects.toThrow(/a head's width of 16 is a multiple of 8; received 4/);
    await expect(shaped({ keyHeads: 3 })).rejects.toThrow(/invalid keyHeads/);
    await expect(shaped({ experts: { count: 2, perToken: 3 } })).rejects.toThrow(/invalid experts.perToken/);
    await expect(trainDecoder(counting, { seed: -1, recipe })).rejects.toThrow(/invalid seed/);
    expect(existsSync(resume)).toBe(false);
  });
});
