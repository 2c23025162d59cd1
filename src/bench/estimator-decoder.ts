import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uniformIndex } from "../coalitions/random.js";
import { randomStream } from "../coalitions/random-streams.js";
import type { Decoder } from "../decoders/decoder.js";
import { expertsGame } from "../decoders/experts-game.js";
import { loadDecoder } from "../decoders/load-decoder.js";
import type { Task } from "../decoders/tasks.js";
import type { Json } from "../json.js";
import { convergence, convergenceHead, convergenceRow } from "./convergence.js";
import type { Answer, Question, QuestionOptions } from "./question.js";
import { writeRandomDecoder } from "./random-decoder.js";

const seedOfWeights = 1;
const seedOfPrompts = 2;
const [prompts, promptTokens, answerTokens] = [8, 8, 2];
/** For each unit. */
const evaluationsPerUnit = 40;
/** Of the reference, for each seed. */
const orderingsPerSeed = 600;

/** How far leverage comes on a language model's log-probabilities. */
export const estimatorDecoder: Question = {
  name: "decoder",
  asks: "how many times less variance than plain orderings has leverage on the log-probabilities of a language model with experts (random weights, but with --decoder)?",
  async answer(signal: AbortSignal, seeds = 2, { decoder: folder }: QuestionOptions = {}): Promise<Answer> {
    if (folder !== undefined) return answerOf(await loadDecoder(folder), `the decoder in ${folder}`, seeds, signal);
    const own = mkdtempSync(join(tmpdir(), "shapley-modes-decoder-"));
    try {
      writeRandomDecoder(own, seedOfWeights);
      const of = `a small Mixtral with random weights (seed ${seedOfWeights})`;
      return await answerOf(await loadDecoder(own), of, seeds, signal);
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  },
};

async function answerOf(decoder: Decoder, of: string, seeds: number, signal: AbortSignal): Promise<Answer> {
  const game = expertsGame(decoder, await tasksOf(decoder, signal), { score: "log-probability" });
  const evaluations = evaluationsPerUnit * game.units.length + 2;
  const orderings = orderingsPerSeed * seeds;
  const [row] = await convergence(game, [{ name: "experts, log-probability" }], {
    ...{ evaluations, seeds, orderings, signal },
  });
  return {
    figure: { value: 1 / row.leverage, unit: "of the variance", of: `leverage, ${evaluations} evaluations` },
    baseline: { value: 1, unit: "of the variance", of: "plain orderings, as many evaluations" },
    ratio: row.leverage,
    lines: [
      `over      ${game.units.length} experts of ${of}, silenced; ${prompts} prompts of random tokens, and what the intact network says to them; against a long run of antithetic orderings, whose own variance is taken out`,
      convergenceHead,
      convergenceRow(row),
    ],
    numbers: { decoder: of, sha256: decoder.sha256(), seeds, orderings, row: { ...row } as unknown as Json },
  };
}

/** A task for each prompt, with the answer that the intact network gives. */
async function tasksOf(decoder: Decoder, signal: AbortSignal): Promise<Task[]> {
  const random = randomStream(seedOfPrompts);
  const asked = Array.from({ length: prompts }, () =>
    Array.from({ length: promptTokens }, () => uniformIndex(random, decoder.config.vocabulary)),
  );
  const answers = await decoder.generate(asked, { newTokens: answerTokens, stop: [], signal });
  return asked.map((prompt, p) => ({ name: `prompt ${p + 1}`, questions: [{ prompt, answer: answers[p] }] }));
}
