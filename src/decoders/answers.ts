import type { Steps } from "../pace.js";
import { batches } from "./decoder.js";
import { type DecoderParts, logitsOf } from "./forward.js";
import { generated } from "./generate.js";
import type { TurnTable } from "./rotation.js";
import { type SharedPassage, sharedPassages } from "./shared-passage.js";
import { isDecoded, placeScore, type TaskScore, textScore } from "./task-scores.js";
import type { PlayedTask, TokenQuestion } from "./tasks.js";
import type { DecoderTokenizer } from "./tokenizer.js";
import type { DecoderLesions } from "./units.js";

/** Tokens that go through a decoder at once, unless one question has more. */
const tokensAtOnce = 4096;

/** Questions that are scored as they stand: prompt and answer go through the decoder together. */
export interface GivenAnswers {
  readonly passage: SharedPassage;
  /** Adds to the tasks' sums of scores those of the passage's questions, from the vectors behind the last layer. */
  addScores(values: Float64Array, vectors: Float32Array): void;
}

/** The questions of all tasks whose score needs no decoding, in passages. */
export function givenAnswers(parts: DecoderParts, tasks: readonly PlayedTask[], floor: number): GivenAnswers[] {
  const { config } = parts;
  const questions = tasks.flatMap(({ score, questions: own }) => (isDecoded(score) ? [] : own));
  // After the last token of an answer nothing has to follow.
  const sequences = questions.map(({ prompt, answer }) => [...prompt, ...answer.slice(0, -1)]);
  return sharedPassages(config, sequences, tokensAtOnce).map((passage) => ({
    passage,
    addScores(values, vectors) {
      const places = passage.members.flatMap((q) => {
        const { prompt, answer } = questions[q];
        return answer.map((_, i) => passage.rowOf(q, prompt.length - 1 + i));
      });
      const rows = new Float32Array(places.length * config.width);
      places.forEach((row, i) => {
        rows.set(vectors.subarray(row * config.width, (row + 1) * config.width), i * config.width);
      });
      const logits = logitsOf(parts, rows);
      let row = 0;
      for (const q of passage.members) {
        const { answer, task } = questions[q];
        const { score } = tasks[task];
        let sum = 0;
        for (const token of answer) {
          sum += placeScore(logits, row++ * config.vocabulary, config.vocabulary, token, score, floor);
        }
        values[task] += score === "accuracy" ? Number(sum === answer.length) : sum / answer.length;
      }
    },
  }));
}

/** Adds to the tasks' sums of scores those of questions that are decoded, greedily, with some units lesioned. */
export function* addDecoded(
  values: Float64Array,
  parts: DecoderParts,
  tokenizer: DecoderTokenizer | undefined,
  tasks: readonly PlayedTask[],
  lesions: DecoderLesions,
  table: (positions: number) => TurnTable,
): Steps<void> {
  const { ends } = parts.config;
  for (const { score, newTokens, questions } of tasks) {
    if (!isDecoded(score)) continue;
    let q = 0;
    const prompts = questions.map(({ prompt }) => prompt);
    for (const some of batches(prompts, ({ length }) => length + newTokens)) {
      const made = yield* generated(parts, some, newTokens, new Set(ends), table, lesions);
      for (const tokens of made) {
        const question = questions[q++];
        values[question.task] += decodedScore(tokens, question, score, tokenizer, ends);
      }
    }
  }
}

/** Of texts as `textScore` has it; of answers that are tokens whether these are what was decoded, up to a token that ends it. */
function decodedScore(
  made: readonly number[],
  { answer, text }: TokenQuestion,
  score: TaskScore,
  tokenizer: DecoderTokenizer | undefined,
  ends: readonly number[],
): number {
  const own = ends.includes(made[made.length - 1]) ? made.slice(0, -1) : made;
  if (text === undefined || !tokenizer)
    return Number(own.length === answer.length && own.every((t, i) => t === answer[i]));
  return textScore(tokenizer.decode(own), text, score as "decoded-accuracy" | "decoded-likeness");
}
