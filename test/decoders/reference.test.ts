// Decoders of random weights and their numbers by an independent implementation (transformers 5.18, PyTorch): logits,
// greedy tokens, lesions, exact Shapley values. They are not part of the project: DECODER_REFERENCE_DIR is a folder
// with mixtral/ and moe/.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Decoder } from "../../src/decoders/decoder.js";
import { loadDecoder } from "../../src/decoders/load-decoder.js";
import { shapley } from "../../src/engine/shapley.js";
import { gameFrom } from "../../src/games/from-function.js";
import { packageRoot } from "../../src/package.js";

const folder = process.env.DECODER_REFERENCE_DIR ?? join(packageRoot, "..", "shared", "reference");
const there = existsSync(join(folder, "moe")) && existsSync(join(folder, "mixtral"));
if (!there) console.log("left out: decoders of an independent implementation (set DECODER_REFERENCE_DIR to test them)");

interface Lesioned {
  kind?: string;
  experts?: [number, number][];
  heads?: [number, number][];
  layers?: number[];
  logits_last: number[][];
  greedy_5?: number[][];
}
interface Expected {
  input_ids: number[][];
  attention_mask: number[][];
  logits_last: number[][];
  logits_all_of_sequence_1: number[][];
  greedy_10: number[][];
  lesions: Lesioned[];
  other?: Lesioned[];
  exact_shapley_layer_1: { target: number[]; values: number[][]; all: number[]; none: number[] };
}

/** Largest difference. */
function apart(numbers: ArrayLike<number>, expected: readonly number[]): number {
  expect(numbers.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(value - numbers[i])));
}

/** Logarithm of the probability of a token. */
function logProbability(logits: Float32Array, token: number): number {
  const most = Math.max(...logits);
  return logits[token] - most - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
}

const bound = 1e-4;

// The network of bfloat16 was cast in memory as a whole: the turns of its positions too.
describe.skipIf(!there).each([
  ["mixtral/mixtral-f32-sharded", "float32"],
  ["mixtral/mixtral-bf16", "bfloat16"],
  ["moe/qwen3-moe", "float32"],
  ["moe/olmoe", "float32"],
] as const)("%s", (name, turns) => {
  let expected: Expected;
  let decoder: Decoder;
  let sequences: number[][];
  beforeAll(async () => {
    expected = JSON.parse(readFileSync(join(folder, name, "expected.json"), "utf8"));
    decoder = await loadDecoder(join(folder, name), { turns });
    sequences = expected.input_ids.map((ids, s) => ids.filter((_, i) => expected.attention_mask[s][i] === 1));
  });

  it("gives the logits of the last position, and of every one", async () => {
    expect(new Set(sequences.map(({ length }) => length)).size).toBe(4);
    for (const [s, logits] of (await decoder.logits(sequences)).entries()) {
      expect(apart(logits, expected.logits_last[s])).toBeLessThan(bound);
    }
    const [all] = await decoder.logits([sequences[1]], { all: true });
    expect(apart(all, expected.logits_all_of_sequence_1.flat())).toBeLessThan(bound);
  });

  it("continues as greedily", async () => {
    expect(await decoder.generate(sequences, { newTokens: 10, stop: [] })).toEqual(expected.greedy_10);
  });

  it("is lesioned alike: experts silent or out of the router, heads, layers", async () => {
    const all = [...expected.lesions, ...(expected.other ?? [])];
    expect(all.length).toBeGreaterThan(5);
    for (const { kind = "silence", experts = [], heads = [], layers = [], logits_last, greedy_5 } of all) {
      const lesioned = [
        ...experts.map(([l, e]) => `L${l}/E${e}`),
        ...heads.map(([l, h]) => `L${l}/H${h}`),
        ...layers.map((l) => `L${l}`),
      ];
      expect(lesioned.length, kind).toBeGreaterThan(0);
      const lesion = /reroute|router masked/.test(kind) ? "reroute" : "silence";
      for (const [s, logits] of (await decoder.logits(sequences, { lesioned, lesion })).entries()) {
        expect(apart(logits, logits_last[s]), `${kind} ${lesioned}`).toBeLessThan(bound);
      }
      if (greedy_5)
        expect(await decoder.generate(sequences, { newTokens: 5, stop: [], lesioned, lesion })).toEqual(greedy_5);
    }
  });

  it("has the same exact Shapley values", async () => {
    const { target, values, all, none } = expected.exact_shapley_layer_1;
    const units = decoder.units.experts.filter((unit) => unit.startsWith("L1/"));
    const game = await gameFrom(units, async (intact) => {
      const lesioned = units.filter((unit) => !intact.has(unit));
      const logits = await decoder.logits(sequences, { lesioned });
      return logits.map((numbers, s) => logProbability(numbers, target[s]));
    });
    const modes = await shapley(game, { estimator: "exact" });
    units.forEach((unit, u) => {
      expect(apart(modes.unit(unit).values, values[u]), unit).toBeLessThan(bound);
    });
    const log = async (lesioned: string[]) =>
      (await decoder.logits(sequences, { lesioned })).map((numbers, s) => logProbability(numbers, target[s]));
    expect(apart(await log([]), all)).toBeLessThan(bound);
    expect(apart(await log(units), none)).toBeLessThan(bound);
  });
});

describe.skipIf(!there)("turns of positions", () => {
  it("in float32 differ from those of the network that was cast, but not at position 0", async () => {
    const name = join(folder, "mixtral/mixtral-bf16");
    const expected: Expected = JSON.parse(readFileSync(join(name, "expected.json"), "utf8"));
    const [ids, mask] = [expected.input_ids[1], expected.attention_mask[1]];
    const decoder = await loadDecoder(name);
    const [all] = await decoder.logits([ids.filter((_, i) => mask[i] === 1)], { all: true });
    const apartAt = expected.logits_all_of_sequence_1.map((logits, p) =>
      apart(all.subarray(p * 256, (p + 1) * 256), logits),
    );
    expect(apartAt[0]).toBeLessThan(1e-5);
    expect(Math.max(...apartAt)).toBeGreaterThan(bound);
    expect(Math.max(...apartAt)).toBeLessThan(1e-3);
  });
});
