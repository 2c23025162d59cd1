import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Decoder } from "../../src/decoders/decoder.js";
import { openDecoder } from "../../src/decoders/load-decoder.js";
import { plainProducts } from "../../src/decoders/plain-products.js";
import type { ExpertLesion } from "../../src/decoders/units.js";
import { temporaryFolder } from "../helpers/folders.js";
import { fc } from "../helpers/properties.js";
import { type OracleLesions, oracle } from "./oracle.js";
import { type Config, configs, randomTensors, type Tensors, tinyConfig, writeCheckpoint } from "./tiny-checkpoint.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);
let written = 0;

/** A decoder of random weights, through a folder. */
function decoderOf(config: Config, seed = 1): Decoder {
  const place = `${folder}/${++written}`;
  writeCheckpoint(place, config, randomTensors(config, seed));
  return openDecoder(place, plainProducts());
}

const lesions = fc.constantFrom<ExpertLesion>("silence", "reroute", "renormalise");
/** A decoder, some of its units, and sequences of unequal length. */
const cases = configs.chain((config) =>
  fc.record({
    config: fc.constant(config),
    seed: fc.nat(1e6),
    lesion: lesions,
    chance: fc.double({ min: 0, max: 0.6, noNaN: true }),
    draws: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 60, maxLength: 60 }),
    sequences: fc.array(fc.array(fc.nat({ max: (config.vocab_size as number) - 1 }), { minLength: 1, maxLength: 9 }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
);

/**
 * By how much logits change where every weight does by a unit in the last place of single precision, up or down by lot.
 */
function sensitivity(config: Config, tensors: Tensors, tokens: readonly number[], lesions: OracleLesions): number {
  const exact = oracle(config, tensors, tokens, lesions).logits.flat();
  let state = 1;
  const sign = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) < 2 ** 31 ? -1 : 1);
  const changes = [1, 2, 3].map(() => {
    const changed = new Map(
      [...tensors].map(([name, { shape, data }]) => [
        name,
        { shape, data: data.map((w) => w * (1 + sign() * 2 ** -23)) },
      ]),
    );
    const other = oracle(config, changed, tokens, lesions).logits.flat();
    return Math.max(...exact.map((value, i) => Math.abs(value - other[i])));
  });
  return Math.max(...changes);
}

/** Some of the units, by lot; whole layers seldom. */
function drawn({ units }: Decoder, chance: number, draws: readonly number[]): string[] {
  return Object.entries(units)
    .flatMap(([kind, names]: [string, readonly string[]]) =>
      names.map((name) => ({ name, chance: kind === "layers" ? chance / 3 : chance })),
    )
    .filter((unit, i) => draws[i % draws.length] < unit.chance)
    .map(({ name }) => name);
}

describe("a decoder", () => {
  it("gives the logits of a second implementation, intact and lesioned, of all kinds and shapes", async () => {
    let played = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ config, seed, lesion, chance, draws, sequences }) => {
        const decoder = decoderOf(config, seed);
        const tensors = randomTensors(config, seed);
        const lesioned = drawn(decoder, chance, draws);
        const results = await decoder.logits(sequences, { lesioned, lesion, all: true });
        for (const [s, tokens] of sequences.entries()) {
          const { logits, margin } = oracle(config, tensors, tokens, { lesioned, lesion });
          if (margin < 1e-4) continue; // a router may decide either way
          const off = Math.max(...logits.flat().map((value, i) => Math.abs(results[s][i] - value)));
          const largest = Math.max(1, ...logits.flat().map(Math.abs));
          // Some networks, with a norm of next to nothing, change more when their weights do by a unit in the last
          // place.
          const bound = 5e-6 * largest;
          if (off > bound) expect(off).toBeLessThan(10 * sensitivity(config, tensors, tokens, { lesioned, lesion }));
          played++;
        }
      }),
      { numRuns: 250 },
    );
    expect(played).toBeGreaterThan(300);
  });

  it("gives a sequence the same bits alone, among others, of its last position and of all", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ config, seed, lesion, chance, draws, sequences }) => {
        const decoder = decoderOf(config, seed);
        const options = { lesioned: drawn(decoder, chance, draws), lesion };
        const together = await decoder.logits(sequences, options);
        const all = await decoder.logits(sequences, { ...options, all: true });
        for (const [s, tokens] of sequences.entries()) {
          expect((await decoder.logits([tokens], options))[0]).toEqual(together[s]);
          expect(all[s].slice(-decoder.config.vocabulary)).toEqual(together[s]);
          const shorter = tokens.slice(0, -1);
          if (shorter.length === 0) continue;
          expect((await decoder.logits([shorter], { ...options, all: true }))[0]).toEqual(
            all[s].slice(0, -decoder.config.vocabulary),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it("generates with what it remembers what it would without, and its logits are the same bits", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ config, seed, lesion, chance, draws, sequences }) => {
        const decoder = decoderOf(config, seed);
        const options = { lesioned: drawn(decoder, chance, draws), lesion };
        const made = await decoder.generate(sequences, { ...options, newTokens: 6 });
        for (const [s, tokens] of sequences.entries()) {
          const longer = [...tokens];
          for (let i = 0; i < 6; i++) {
            const [logits] = await decoder.logits([longer], options);
            longer.push(logits.indexOf(Math.max(...logits)));
          }
          expect(made[s]).toEqual(longer.slice(tokens.length));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("lesions", () => {
  const sequences = [[1, 2, 3], [4, 5, 6, 7, 8], [9]];
  const of = (kind: string, more: Record<string, unknown> = {}) => decoderOf(tinyConfig(kind, more), 5);

  it.each(["silence", "reroute", "renormalise"] as const)("none is the intact decoder: %s", async (lesion) => {
    const decoder = of("olmoe");
    expect(await decoder.logits(sequences, { lesioned: [], lesion })).toEqual(await decoder.logits(sequences));
  });

  it("of all experts of a layer are one thing, whatever they mean: nothing is added", async () => {
    for (const kind of ["mixtral", "olmoe", "qwen3_moe"]) {
      const decoder = of(kind);
      const lesioned = decoder.units.experts.filter((unit) => unit.startsWith("L1/"));
      const silent = await decoder.logits(sequences, { lesioned });
      for (const lesion of ["reroute", "renormalise"] as const) {
        expect(await decoder.logits(sequences, { lesioned, lesion })).toEqual(silent);
      }
    }
  });

  it("of an expert that no token goes to are none, but for the whole that probabilities are of", async () => {
    const decoder = of("mixtral", { num_local_experts: 4, num_experts_per_tok: 1 });
    const intact = await decoder.logits([[3]]);
    const unused = [];
    for (const unit of decoder.units.experts) {
      const results = await Promise.all(
        (["silence", "reroute", "renormalise"] as const).map((lesion) =>
          decoder.logits([[3]], { lesioned: [unit], lesion }),
        ),
      );
      if (results.every(([logits]) => logits.every((value, i) => value === intact[0][i]))) unused.push(unit);
    }
    expect(unused).toHaveLength(2 * 3); // of four experts in two layers the token goes to one each
  });

  it("differ by what they mean", async () => {
    const decoder = of("mixtral");
    const results = [];
    for (const lesion of ["silence", "reroute", "renormalise"] as const) {
      results.push(await decoder.logits(sequences, { lesioned: ["L0/E0", "L0/E1"], lesion }));
    }
    expect(results[0]).not.toEqual(results[1]);
    expect(results[0]).not.toEqual(results[2]);
    expect(results[1]).not.toEqual(results[2]);
  });

  it("of every layer leave the token itself: its vector and the head", async () => {
    const config = tinyConfig("llama", { num_hidden_layers: 3 });
    const decoder = decoderOf(config, 5);
    const lesioned = decoder.units.layers;
    const [one] = await decoder.logits([[1, 2, 3]], { lesioned });
    expect((await decoder.logits([[7, 7, 3]], { lesioned }))[0]).toEqual(one);
  });

  it("have names of every kind", () => {
    const decoder = of("qwen2_moe", { mlp_only_layers: [0] });
    expect(decoder.units).toEqual({
      experts: ["L1/E0", "L1/E1", "L1/E2", "L1/E3"],
      shared: ["L1/shared"],
      dense: ["L0/dense"],
      heads: ["L0/H0", "L0/H1", "L0/H2", "L0/H3", "L1/H0", "L1/H1", "L1/H2", "L1/H3"],
      layers: ["L0", "L1"],
    });
    expect(of("llama").units.experts).toEqual([]);
  });
});

describe("calls", () => {
  let decoder: Decoder;
  beforeAll(() => {
    decoder = decoderOf(tinyConfig("mixtral", { max_position_embeddings: 6, eos_token_id: 2 }), 3);
  });

  it.each([
    [["L2/E0"], "expected one of the decoder's 18 units, such as the nearest: L0/E0, L1/E0"],
    [["L1/E4"], 'received "L1/E4"'],
    [["L0/shared"], 'received "L0/shared"'],
    [["L0/dense"], 'received "L0/dense"'],
    [["l1"], "such as the nearest: L1"],
    [[3], "received 3"],
    ["L1", 'invalid lesioned; expected a list of units, such as ["L1/E3"]; received "L1"'],
  ])("refuse units that there are not: %j", async (lesioned, message) => {
    await expect(decoder.logits([[1]], { lesioned: lesioned as string[] })).rejects.toThrow(message);
    await expect(decoder.generate([[1]], { lesioned: lesioned as string[], newTokens: 1 })).rejects.toThrow(message);
  });

  it.each([
    [{ lesion: "zero" }, 'invalid lesion; expected one of silence, reroute, renormalise; received "zero"'],
    [{ lesions: [] }, "invalid option of logits; expected one of its options, such as the nearest: lesion"],
    [{ all: 1 }, "invalid all; expected true or false; received 1"],
    [{ signal: 1 }, "invalid signal; expected an AbortSignal; received 1"],
  ])("refuse options that there are not: %j", async (options, message) => {
    await expect(decoder.logits([[1]], options as object)).rejects.toThrow(message);
  });

  it.each([
    ["text", "invalid sequences; expected a list of lists of tokens"],
    [[1, 2], "invalid sequences[0]; expected a list of tokens; received 1"],
    [[[1], []], "invalid sequences[1]; expected at least one token"],
    [[new Array(2)], "invalid sequences[0][0]; expected a token of the vocabulary, from 0 to 10; received undefined"],
    [[[1, 11]], "invalid sequences[0][1]; expected a token of the vocabulary, from 0 to 10; received 11"],
    [[[1, 0.5]], "received 0.5"],
    [[["1"]], 'received "1"'],
    [[[1, 1, 1, 1, 1, 1, 1]], "invalid length of sequences[0]; expected at most 6 tokens; received 7"],
  ])("refuse sequences that are none: %j", async (sequences, message) => {
    await expect(decoder.logits(sequences as number[][])).rejects.toThrow(message);
    await expect(decoder.generate(sequences as number[][], { newTokens: 1 })).rejects.toThrow(
      message.replace("; received 7", ", the 1"),
    );
  });

  it("refuse more new tokens than there are positions, and none", async () => {
    await expect(decoder.generate([[1], [1, 1, 1]], { newTokens: 4 })).rejects.toThrow(
      "invalid length of sequences[1]; expected at most 6 tokens, the 4 new ones included; received 7",
    );
    await expect(decoder.generate([[1]], { newTokens: 0 })).rejects.toThrow(
      "invalid newTokens; expected a positive integer; received 0",
    );
    await expect(decoder.generate([[1]], {} as { newTokens: number })).rejects.toThrow("invalid newTokens");
    await expect(decoder.generate([[1]], { newTokens: 1, stop: [99] })).rejects.toThrow("invalid token in stop");
    await expect(decoder.generate([[1]], { newTokens: 1, stop: 2 as unknown as number[] })).rejects.toThrow(
      "invalid stop",
    );
    await expect(decoder.generate([[1]], { newTokens: 1, top: 2 } as never)).rejects.toThrow(
      "invalid option of generate",
    );
  });

  it("take no sequences, and lists of integers of any kind", async () => {
    expect(await decoder.logits([])).toEqual([]);
    expect(await decoder.generate([], { newTokens: 3 })).toEqual([]);
    expect(await decoder.logits([Int32Array.of(1, 2)] as unknown as number[][])).toEqual(
      await decoder.logits([[1, 2]]),
    );
  });

  it("end a sequence behind a token that ends it, and the others go on", async () => {
    const prompts = [[1], [3, 4], [5]];
    const free = await decoder.generate(prompts, { newTokens: 4, stop: [] });
    const token = free[0][1];
    const stopped = await decoder.generate(prompts, { newTokens: 4, stop: [token] });
    stopped.forEach((tokens, s) => {
      const end = free[s].indexOf(token);
      expect(tokens).toEqual(end < 0 ? free[s] : free[s].slice(0, end + 1));
    });
    expect(stopped[0].length).toBeLessThanOrEqual(2);
  });

  it("takes sequences as they are when it is asked, whatever becomes of the lists", async () => {
    const config = tinyConfig("mixtral", { max_position_embeddings: 8000 });
    const decoder = decoderOf(config);
    const sequences = () => [[1, 2, 3], Array.from({ length: 4100 }, (_, i) => i % 7), [4, 5]];
    const asked = { all: true, lesioned: ["L0/E1"] };
    const [expected, continued] = [
      await decoder.logits(sequences(), asked),
      await decoder.generate(sequences(), { newTokens: 2, stop: [] }),
    ];
    const [lists, stop] = [sequences(), [] as number[]];
    const found = decoder.logits(lists, asked);
    const made = decoder.generate(lists, { newTokens: 2, stop });
    lists[0].push(6);
    lists[2].fill(1e9);
    lists.pop();
    for (let token = 0; token < config.vocab_size; token++) stop.push(token);
    expect(await found).toEqual(expected);
    expect(await made).toEqual(continued);
  });

  it("end where the signal says so", async () => {
    const reason = new Error("enough");
    const aborted = AbortSignal.abort(reason);
    const long = decoderOf(tinyConfig("mixtral", { max_position_embeddings: 4096 }));
    const many = Array.from({ length: 200 }, () => Array.from({ length: 100 }, (_, i) => i % 11));
    await expect(long.logits(many, { signal: aborted })).rejects.toBe(reason);
    await expect(long.generate(many, { newTokens: 100, signal: aborted })).rejects.toBe(reason);
    // Work that is done before the event loop would have had its turn does not begin either.
    for (let i = 0; i < 20; i++) {
      await expect(decoder.logits([[1]], { signal: aborted })).rejects.toBe(reason);
      await expect(decoder.generate([[1]], { newTokens: 1, signal: aborted })).rejects.toBe(reason);
    }
  });
});
