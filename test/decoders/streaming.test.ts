import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { coalitionsOf, nestedCoalitions, numberedCoalitions } from "../../src/coalitions/coalition.js";
import type { Decoder } from "../../src/decoders/decoder.js";
import { expertsGame } from "../../src/decoders/experts-game.js";
import { openDecoder } from "../../src/decoders/load-decoder.js";
import { plainProducts } from "../../src/decoders/plain-products.js";
import { expertLesions } from "../../src/decoders/units.js";
import { shapley } from "../../src/engine/shapley.js";
import { temporaryFolder } from "../helpers/folders.js";
import { type Config, randomTensors, shapesOf, tinyConfig, writeCheckpoint } from "./tiny-checkpoint.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** Memory in which everything of these decoders goes through together. */
const plenty = 2e6;

function written(config: Config): string {
  const place = join(folder, createHash("sha256").update(JSON.stringify(config)).digest("hex"));
  writeCheckpoint(place, config, randomTensors(config, 4, "BF16"), { dtype: "BF16", shards: 2 });
  return place;
}

/** A decoder in memory, and the same one on the disk. */
function both(kind: string, more: Record<string, unknown> = {}, memory = plenty): [Decoder, Decoder, Config] {
  const config = tinyConfig(kind, { num_hidden_layers: 3, ...more });
  const place = written(config);
  return [openDecoder(place, plainProducts()), openDecoder(place, plainProducts(), { memory }), config];
}

/** Bytes of the tensors that are multiplied with, each once. */
function weightBytes(config: Config): number {
  return shapesOf(config)
    .filter(([name, shape]) => shape.length === 2 && name !== "model.embed_tokens.weight")
    .reduce((sum, [, [outputs, inputs]]) => sum + 2 * outputs * inputs, 0);
}

const tasks = [
  {
    name: "one",
    questions: [
      { prompt: [1, 2, 3], answer: [4, 5] },
      { prompt: [7], answer: [6] },
    ],
  },
  { name: "two", questions: [{ prompt: [3, 3, 3, 3, 3], answer: [1, 2, 3] }] },
];
const sequences = [[1, 2, 3, 4, 5], [6], [7, 8, 9]];

describe("weights on the disk", () => {
  it.each(["mixtral", "qwen3_moe", "qwen2_moe", "olmoe", "llama"])(
    "give the same bits as those in memory: %s",
    async (kind) => {
      const [inMemory, onDisk] = both(kind, kind.startsWith("qwen") ? { mlp_only_layers: [1] } : {});
      const { experts, heads, shared, dense, layers } = inMemory.units;
      for (const lesion of expertLesions) {
        for (const lesioned of [[], [...experts.slice(1, 6), heads[2], ...shared.slice(0, 1)], [layers[1], ...dense]]) {
          for (const all of [false, true]) {
            const options = { lesioned, lesion, all };
            expect(await onDisk.logits(sequences, options)).toEqual(await inMemory.logits(sequences, options));
          }
        }
      }
      const options = { newTokens: 4, stop: [] };
      expect(await onDisk.generate(sequences, options)).toEqual(await inMemory.generate(sequences, options));
    },
  );

  it("are the values of the game to the bit, for every kind of units and lesion", async () => {
    const [inMemory, onDisk] = both("qwen2_moe", { mlp_only_layers: [1] });
    const { experts, shared, dense, heads, layers } = inMemory.units;
    const units = [...layers, ...heads.slice(0, 6), ...experts, ...shared, ...dense];
    const rows = [
      ...Array.from({ length: 12 }, (_, c) => units.map((_, u) => u).filter((u) => (u * 7 + c * c * 5) % 11 > 2)),
      [],
      units.map((_, u) => u),
      [],
    ];
    const coalitions = coalitionsOf(units.length, rows);
    const distinct = new Set<number>();
    for (const lesion of expertLesions) {
      for (const score of ["accuracy", "log-probability"] as const) {
        const options = { units, lesion, score, ...(score === "log-probability" && { floor: -1000 }) };
        const [a, b] = [inMemory, onDisk].map((decoder) => expertsGame(decoder, tasks, options));
        const values = await b.evaluate(coalitions);
        expect([...values]).toEqual([...(await a.evaluate(coalitions))]);
        for (const value of values) distinct.add(value);
        expect(b.provenance).toEqual(a.provenance);
        expect(b.walk).toBeUndefined();
      }
    }
    expect(distinct.size).toBeGreaterThan(20);
  });

  it("are the values of the game where a layer and its parts are players, in all coalitions", async () => {
    const [inMemory, onDisk] = both("qwen2_moe", { mlp_only_layers: [1] });
    const units = ["L0", "L0/E1", "L0/shared", "L0/H1", "L1", "L1/dense", "L2/E0"];
    const all = numberedCoalitions(units.length, 0, 2 ** units.length);
    for (const lesion of expertLesions) {
      const options = { units, lesion, score: "log-probability", floor: -1000 } as const;
      const found = await expertsGame(onDisk, tasks, options).evaluate(all);
      expect(found).toEqual(await expertsGame(inMemory, tasks, options).evaluate(all));
    }
  });

  it("are read once for all coalitions and prompts that fit", async () => {
    const [, onDisk, config] = both("mixtral");
    const game = expertsGame(onDisk, tasks, { score: "log-probability" });
    const once = weightBytes(config);
    const embeddings = 2 * config.hidden_size * (2 + 2 + 2 + 1 + 5); // tokens before the last of each answer, those alike once
    const before = onDisk.bytesRead!;
    expect(before).toBe(0);
    await game.evaluate(nestedCoalitions(Uint32Array.from(game.units, (_, i) => i)));
    expect(onDisk.bytesRead! - before).toBeGreaterThan(once);
    expect(onDisk.bytesRead! - before).toBeLessThanOrEqual(once + embeddings);
    const intermediate = onDisk.bytesRead!;
    await onDisk.logits(sequences);
    expect(onDisk.bytesRead! - intermediate).toBe(once + 2 * config.hidden_size * 9);
  });

  it("with less memory are read again for each batch, with the same values", async () => {
    const config = tinyConfig("mixtral", { num_hidden_layers: 2 });
    const place = written(config);
    const long = [
      ...tasks,
      { name: "three", questions: [1, 2, 3, 4].map((t) => ({ prompt: Array(50).fill(t), answer: [5] })) },
    ];
    const coalitions = numberedCoalitions(8, 0, 16);
    const valuesWith = async (memory: number) => {
      const decoder = openDecoder(place, plainProducts(), { memory });
      const game = expertsGame(decoder, long, { score: "log-probability", floor: -1000 });
      return { values: [...(await game.evaluate(coalitions))], passes: decoder.bytesRead! / weightBytes(config) };
    };
    const whole = await valuesWith(plenty);
    expect(whole.passes).toBeLessThan(2);
    /** About the least memory that is accepted. */
    let [low, high] = [1000, plenty];
    while (high - low > 2000) {
      const middle = (low + high) >> 1;
      await valuesWith(middle).then(
        () => (high = middle),
        (error: Error) => {
          expect(error.message).toContain("invalid memory; expected at least");
          low = middle;
        },
      );
    }
    const least = await valuesWith(high);
    expect(least.values).toEqual(whole.values);
    expect(least.passes).toBeGreaterThan(16); // not even all prompts of one coalition go through together
    const between = await valuesWith(high + 300_000);
    expect(between.values).toEqual(whole.values);
    expect(between.passes).toBeLessThan(least.passes / 2);
    expect(between.passes).toBeGreaterThan(whole.passes);
  });

  it("give Shapley Modes of the same bits, and other processes leave them there too", async () => {
    const [inMemory, onDisk] = both("mixtral", { num_hidden_layers: 1 });
    const games = [inMemory, onDisk].map((decoder) => expertsGame(decoder, tasks, { score: "log-probability" }));
    const [a, b] = await Promise.all(games.map((game) => shapley(game, { estimator: "exact" })));
    expect([...b.values]).toEqual([...a.values]);
    const [argument] = games[1].spec!.arguments as [{ memory?: number }];
    expect(argument.memory).toBe(plenty);
  });

  it("are read once for as many coalitions of leverage as fit, with the same modes", async () => {
    const [inMemory, onDisk, config] = both("mixtral", { num_hidden_layers: 2 }, 2e7);
    const few = tasks.slice(1);
    const [a, b] = [inMemory, onDisk].map((decoder) => expertsGame(decoder, few, { score: "log-probability" }));
    const options = { estimator: "leverage", evaluations: 162, seed: 3 } as const;
    const [expected, modes] = [await shapley(a, options), await shapley(b, options)];
    expect([...modes.values]).toEqual([...expected.values]);
    expect([...(modes.standardErrors ?? [])]).toEqual([...(expected.standardErrors ?? [])]);
    expect(a.coalitionsAtOnce).toBeUndefined();
    expect(b.coalitionsAtOnce).toBeGreaterThan(160);
    // v(all), v(none), and one batch in place of three, but for embeddings.
    const embeddings = 3 * 2 * config.hidden_size * 8;
    expect(onDisk.bytesRead! - embeddings).toBeLessThanOrEqual(3 * weightBytes(config));
  });

  it("that are written anew while they are used are an error", async () => {
    const place = join(folder, "anew");
    const config = tinyConfig("mixtral", { num_hidden_layers: 2 });
    writeCheckpoint(place, config, randomTensors(config, 1));
    const onDisk = openDecoder(place, plainProducts(), { memory: 50e6 });
    await onDisk.logits([[1, 2]]);
    writeCheckpoint(place, config, randomTensors(config, 2));
    await expect(onDisk.logits([[1, 2]])).rejects.toThrow(
      "model.safetensors: is another file than the one that was opened",
    );
  });

  it("are refused with too little memory, more than there is, and scores that decode", () => {
    const [{ source }, onDisk] = both("mixtral");
    const open = (memory: number, there = 1e9) => openDecoder(source.folder, plainProducts(), { memory }, there);
    expect(() => open(20_000)).toThrow(
      /invalid memory; expected at least \d+ bytes, since the largest part of the weights/,
    );
    expect(() => open(2e9)).toThrow("invalid memory; expected at most 1.0 GB, which are there; received");
    expect(() => open(-1)).toThrow("invalid memory; expected a positive integer; received -1");
    expect(() => expertsGame(onDisk, tasks, { score: "decoded-accuracy" })).toThrow(
      "invalid score; expected accuracy or log-probability where weights stay on the disk",
    );
  });
});
