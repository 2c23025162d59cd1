import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { coalitionsOf, nestedCoalitions } from "../../src/coalitions/coalition.js";
import type { Decoder } from "../../src/decoders/decoder.js";
import { expertsGame } from "../../src/decoders/experts-game.js";
import { type ExpertsGameFile, expertsGameFromFolder } from "../../src/decoders/experts-game-from-folder.js";
import type { ExpertsGameOptions } from "../../src/decoders/experts-game-options.js";
import { openDecoder } from "../../src/decoders/load-decoder.js";
import { plainProducts } from "../../src/decoders/plain-products.js";
import { expertLesions } from "../../src/decoders/units.js";
import { shapley } from "../../src/engine/shapley.js";
import type { GameSpec } from "../../src/games/spec.js";
import type { JsonObject } from "../../src/json.js";
import { mergeModes } from "../../src/modes/merge.js";
import { temporaryFolder } from "../helpers/folders.js";
import { randomTensors, tinyConfig, writeCheckpoint } from "./tiny-checkpoint.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);

function decoderOf(kind: string, more: Record<string, unknown> = {}): Decoder {
  const place = `${folder}/${kind}-${JSON.stringify(more).length}`;
  const config = tinyConfig(kind, { num_hidden_layers: 3, ...more });
  writeCheckpoint(place, config, randomTensors(config, 4));
  return openDecoder(place, plainProducts());
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

/** Values of coalitions, row by row. */
async function evaluated(
  decoder: Decoder,
  intact: readonly number[][],
  options: ExpertsGameOptions,
): Promise<number[][]> {
  const game = expertsGame(decoder, tasks, options);
  const values = await game.evaluate(coalitionsOf(game.units.length, intact));
  return intact.map((_, c) => [...values.slice(2 * c, 2 * c + 2)]);
}

describe("the game of experts", () => {
  it("has the mean log-probability of answers, token by token, none below the floor", async () => {
    const decoder = decoderOf("mixtral");
    const intact = [[0, 3, 5, 8], [], decoder.units.experts.map((_, i) => i)];
    for (const floor of [-1e6, -2.5]) {
      const found = await evaluated(decoder, intact, { score: "log-probability", floor });
      for (const [c, units] of intact.entries()) {
        const lesioned = decoder.units.experts.filter((_, unit) => !units.includes(unit));
        for (const [t, { questions }] of tasks.entries()) {
          let mean = 0;
          for (const { prompt, answer } of questions) {
            for (const [i, token] of answer.entries()) {
              const [logits] = await decoder.logits([[...prompt, ...answer.slice(0, i)]], { lesioned });
              const log = logits[token] - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
              mean += Math.max(floor, log) / answer.length / questions.length;
            }
          }
          expect(found[c][t]).toBeCloseTo(mean, 5);
        }
      }
    }
  });

  it("has each task's own value beside others, also where as many answers are looked at as there are tokens", async () => {
    const decoder = decoderOf("mixtral");
    const questions = [
      { prompt: [5, 7, 9], answer: [0] },
      { prompt: [2, 3], answer: [10, 4] },
    ];
    const many = [
      { name: "right", questions },
      { name: "sure", score: "log-probability" as const, questions },
      // Two tokens, and two answers behind the second one.
      {
        name: "either",
        score: "log-probability" as const,
        questions: [6, 8].map((t) => ({ prompt: [1, 2], answer: [t] })),
      },
    ];
    const valuesOf = async (some: typeof many) => {
      const sums = some.some(({ score }) => score === "log-probability");
      const game = expertsGame(decoder, some, sums ? { floor: -1000 } : {});
      const ordering = Uint32Array.from(game.units, (_, unit) => unit);
      const values = [...(await game.evaluate(nestedCoalitions(ordering)))];
      const walked: number[] = [];
      await game.walk!(ordering, (_, own) => walked.push(...own));
      expect(walked).toEqual(values);
      return some.map((_, t) => values.filter((_, i) => i % some.length === t));
    };
    const [right, sure] = await valuesOf(many.slice(0, 2));
    expect([right, sure]).toEqual([...(await valuesOf([many[0]])), ...(await valuesOf([many[1]]))]);
    const [either] = await valuesOf(many.slice(2));
    const halves = await valuesOf(
      many[2].questions.map((question) => ({ ...many[2], name: `${question.answer}`, questions: [question] })),
    );
    either.forEach((value, c) => expect(value).toBeCloseTo((halves[0][c] + halves[1][c]) / 2, 12));
    const lesioned = decoder.units.experts.slice(1);
    const [logits] = await decoder.logits([[5, 7, 9]], { lesioned });
    const [own] = await valuesOf([{ ...many[1], questions: questions.slice(0, 1) }]);
    expect(own[0]).toBeCloseTo(logits[0] - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)), 5);
  });

  it("has the accuracy of greedy decoding, for as many tokens as the answer has", async () => {
    const decoder = decoderOf("olmoe");
    const prompts = [[1, 2], [3], [5, 6, 7], [9, 9]];
    const own = [["L0/E1"], [], ["L2/E0", "L1/E3"]];
    for (const lesioned of own) {
      const answers = await decoder.generate(prompts, { newTokens: 3, lesioned, stop: [] });
      for (const all of [[], ["L1/E2", "L0/E0"], lesioned]) {
        const made = await decoder.generate(prompts, { newTokens: 3, lesioned: all, stop: [] });
        const right = made.filter((tokens, p) => tokens.join() === answers[p].join()).length / prompts.length;
        const game = expertsGame(decoder, [
          { name: "t", questions: prompts.map((prompt, p) => ({ prompt, answer: answers[p] })) },
        ]);
        const intact = game.units.map((unit, i) => ({ unit, i })).filter(({ unit }) => !all.includes(unit));
        const [value] = await game.evaluate(coalitionsOf(game.units.length, [intact.map(({ i }) => i)]));
        expect(value).toBe(right);
      }
    }
  });

  it("has a walk of the same bits, for every kind of units and lesion", async () => {
    const decoder = decoderOf("qwen2_moe", { mlp_only_layers: [1] });
    const { experts, shared, dense, heads, layers } = decoder.units;
    const parts = [...heads.slice(0, 6), ...experts, ...shared, ...dense];
    const cases = expertLesions.flatMap((lesion) => [
      { lesion, units: parts },
      { lesion, units: [...layers, ...parts] },
    ]);
    for (const { lesion, units } of cases) {
      const game = expertsGame(decoder, tasks, { units, lesion, score: "log-probability", floor: -1000 });
      for (const step of [1, 7]) {
        const ordering = Uint32Array.from(units, (_, i) => (i * step + 3) % units.length);
        expect(new Set(ordering).size).toBe(units.length);
        const values = await game.evaluate(nestedCoalitions(ordering));
        const walked: number[] = [];
        await game.walk!(ordering, (rank, some) => {
          expect(rank).toBe(walked.length / 2);
          walked.push(...some);
        });
        expect(walked).toEqual([...values]);
        if (units === parts) expect(new Set(walked).size).toBeGreaterThan(units.length / 2);
      }
    }
  });

  it("has a walk of the same bits where questions begin alike, some are asked twice, and tokens see a window", async () => {
    const shown = [3, 1, 4, 1, 5];
    const questions = [[9], [9, 2], [9, 2, 6], [2, 7]].map((own) => ({ prompt: [...shown, ...own], answer: [8, 1] }));
    const some = [
      { name: "all", questions },
      { name: "one", questions: questions.slice(1, 2) },
      { name: "none alike", questions: [{ prompt: [6, 6], answer: [5] }] },
    ];
    const decoder = decoderOf("mixtral", { sliding_window: 3 });
    for (const lesion of expertLesions) {
      const game = expertsGame(decoder, some, { lesion, score: "log-probability", floor: -1000 });
      const ordering = Uint32Array.from(game.units, (_, i) => (i * 5 + 2) % game.units.length);
      const values = await game.evaluate(nestedCoalitions(ordering));
      // Twice: what the first one left is not taken for anything else.
      for (let time = 0; time < 2; time++) {
        const walked: number[] = [];
        await game.walk!(ordering, (_, own) => walked.push(...own));
        expect(walked).toEqual([...values]);
      }
      const intact = (unit: number) => [...ordering.slice(0, unit)];
      for (const rank of [0, 5, 11]) {
        const lesioned = game.units.filter((_, unit) => !intact(rank + 1).includes(unit));
        const [question] = some[1].questions;
        const logits = await decoder.logits([[...question.prompt, question.answer[0]]], {
          lesioned,
          lesion,
          all: true,
        });
        const log = (token: number, row: number) => {
          const own = logits[0].slice(row * decoder.config.vocabulary, (row + 1) * decoder.config.vocabulary);
          return own[token] - Math.log(own.reduce((sum, logit) => sum + Math.exp(logit), 0));
        };
        const last = question.prompt.length - 1;
        expect(values[3 * rank + 1]).toBeCloseTo((log(8, last) + log(1, last + 1)) / 2, 4);
      }
    }
  });

  it("is played: contributions add up, by orderings and by evaluations alike", async () => {
    const decoder = decoderOf("mixtral", { num_hidden_layers: 2, num_local_experts: 3 });
    const game = expertsGame(decoder, tasks, { score: "log-probability" });
    expect(game.units).toEqual(decoder.units.experts);
    const exact = await shapley(game, { estimator: "exact" });
    expect(exact.efficiencyGap).toBeLessThan(1e-9);
    const sampled = await shapley(game, { estimator: "permutation", orderings: 400, seed: 1 });
    for (const unit of game.units) {
      sampled.unit(unit).values.forEach((value, t) => {
        const error = sampled.unit(unit).standardErrors![t];
        expect(Math.abs(value - exact.unit(unit).values[t])).toBeLessThan(5 * error + 1e-6);
      });
    }
    expect(game.provenance).toMatchObject({
      lesion: "silence",
      score: "log-probability",
      floor: -Math.log(11),
      tasks: ["one", "two"],
    });
  });

  it("is made again from its folder, by other threads too: the same bytes", async () => {
    const decoder = decoderOf("mixtral", { num_hidden_layers: 2 });
    const game = expertsGame(decoder, tasks, { lesion: "reroute", score: "log-probability", floor: -3 });
    const [file] = (game.spec as GameSpec).arguments as unknown as [ExpertsGameFile];
    const again = await expertsGameFromFolder(JSON.parse(JSON.stringify(file)));
    expect([again.provenance, again.units]).toEqual([game.provenance, game.units]);
    const here = await shapley(game, { orderings: 8, seed: 2 });
    const threads = await shapley(again, { orderings: 8, seed: 2, workers: 2 });
    expect([...threads.values]).toEqual([...here.values]);
    await expect(expertsGameFromFolder({ ...file, sha256: "0" })).rejects.toThrow("has weights of sha256");
    await expect(expertsGameFromFolder({ ...file, checkpoint: "nowhere" })).rejects.toThrow("nowhere: no such folder");
  });

  it("says what decides its numbers beside the weights: results of other settings are not merged", async () => {
    const place = decoderOf("mixtral", { num_hidden_layers: 2, num_local_experts: 3 }).source.folder;
    const modesOf = async (seed: number, turns: "float32" | "bfloat16" = "float32") =>
      shapley(expertsGame(openDecoder(place, plainProducts(), { turns }), tasks), { orderings: 4, seed });
    const first = await modesOf(1);
    expect(mergeModes(first, await modesOf(2)).provenance.game).toEqual(first.provenance.game);
    const rounded = await modesOf(2, "bfloat16");
    expect(() => mergeModes(first, rounded)).toThrow(/settings_sha256|game/);
    const config = JSON.parse(readFileSync(`${place}/config.json`, "utf8"));
    writeFileSync(`${place}/config.json`, JSON.stringify({ ...config, num_experts_per_tok: 1 }));
    const other = await modesOf(2);
    expect(other.provenance.game).toMatchObject({
      network_sha256: (first.provenance.game as JsonObject).network_sha256,
    });
    expect(() => mergeModes(first, other)).toThrow(/settings_sha256|game/);
  });

  it("takes text where the decoder has a tokenizer", async () => {
    const bytes = decoderOf("mixtral", { vocab_size: 260, bos_token_id: 256 });
    const text = expertsGame(bytes, [{ name: "t", questions: [{ prompt: "né", answer: "ü" }] }]);
    const tokens = expertsGame(bytes, [
      { name: "t", questions: [{ prompt: [256, 110, 195, 169], answer: [195, 188] }] },
    ]);
    expect(text.provenance).toEqual(tokens.provenance);
    expect(() => expertsGame(decoderOf("mixtral"), [{ name: "t", questions: [{ prompt: "a", answer: "b" }] }])).toThrow(
      "invalid prompt of question 0 of task t; expected a list of tokens: the decoder has no tokenizer",
    );
  });

  const question = { prompt: [1], answer: [2] };
  it.each([
    [[], "invalid tasks; expected at least one task"],
    [{}, "invalid tasks; expected a list of tasks"],
    [[{ name: "t", questions: [] }], "invalid questions of task t; expected at least one question"],
    [[{ name: "", questions: [question] }], "invalid tasks[0].name"],
    [
      [1, 2].map(() => ({ name: "t", questions: [question] })),
      "invalid tasks[1].name; expected a name that no other task has",
    ],
    [[{ name: "t" }], "invalid questions of task t; expected a list of questions"],
    [
      [{ name: "t", questions: [{ prompt: [], answer: [1] }] }],
      "invalid prompt of question 0 of task t; expected at least one token",
    ],
    [[{ name: "t", questions: [question, { prompt: [1], answer: [] }] }], "invalid answer of question 1 of task t"],
    [[{ name: "t", questions: [{ prompt: [1], answer: [11] }] }], "invalid token of question 0 of task t"],
    [
      [{ name: "t", questions: [{ prompt: [1], answer: "b" }] }],
      "invalid answer of question 0 of task t; expected a list of tokens",
    ],
    [
      [{ name: "t", questions: [{ prompt: Array(65).fill(1), answer: [1] }] }],
      "expected at most 64 tokens before the last; received 65",
    ],
  ])("refuses tasks that are none: %j", (some, message) => {
    expect(() => expertsGame(decoderOf("mixtral"), some as never)).toThrow(message);
  });

  it.each([
    [{ units: ["L9/E0"] }, "such as the nearest: L0/E0"],
    [{ units: "neurons" }, "invalid units; expected one of experts, shared, dense, heads, layers"],
    [{ units: "shared" }, "invalid units; expected a kind that the decoder has"],
    [{ units: [] }, "invalid units"],
    [{ lesion: "zero" }, "invalid lesion"],
    [{ score: "f1" }, "invalid score; expected one of accuracy, log-probability, decoded-accuracy, decoded-likeness"],
    [{ floor: -1 }, "invalid floor; expected none for accuracy"],
    [{ score: "log-probability", floor: 0 }, "invalid floor; expected a number below 0; received 0"],
    [{ metric: 1 }, "invalid option of expertsGame"],
  ])("refuses options that there are not: %j", (options, message) => {
    expect(() => expertsGame(decoderOf("mixtral"), tasks, options as never)).toThrow(message);
  });

  it("refuses what is no decoder", () => {
    expect(() => expertsGame({} as Decoder, tasks)).toThrow(
      "invalid decoder; expected a decoder, as loadDecoder gives it; received Object",
    );
  });
});
