import type { Steps } from "../pace.js";
import { batches, usualTokensAtOnce } from "./decoder.js";
import { type DecoderParts, logitsOf } from "./forward.js";
import { generated } from "./generate.js";
import type { TurnTable } from "./rotation.js";
import { type SharedPassage, sharedPassages } from "./shared-passage.js";
import { isDecoded, placeScore, type TaskScore, textScore } from "./task-scores.js";
import type { PlayedTask, TokenQuestion } from "./tasks.js";
import type { DecoderTokenizer } from "./tokenizer.js";
import type { DecoderLesions } from "./units.js";

/** Places whose logits are computed at a time. */
const placesAtOnce = 256;

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
  return sharedPassages(config, sequences, parts.streaming?.tokensAtOnce ?? usualTokensAtOnce).map((passage) => ({
    passage,
    addScores(values, vectors) {
      const places = passage.members.flatMap((q) => {
        const { prompt, answer } = questions[q];
        return answer.map((_, i) => passage.rowOf(q, prompt.length - 1 + i));
      });
      let logits: Float32Array = new Float32Array();
      let place = 0;
      /** Where the logits of the next place begin. */
      const next = () => {
        const at = place++ % placesAtOnce;
        if (at === 0)
          logits = logitsOf(parts, rowsOf(vectors, places.slice(place - 1, place - 1 + placesAtOnce), config.width));
        return at * config.vocabulary;
      };
      for (const q of passage.members) {
        const { answer, task } = questions[q];
        const { score } = tasks[task];
        let sum = 0;
        for (const token of answer) {
          const at = next();
          sum += placeScore(logits, at, config.vocabulary, token, score, floor);
        }
        values[task] += score === "accuracy" ? Number(sum === answer.length) : sum / answer.length;
      }
    },
  }));
}

function rowsOf(vectors: Float32Array, places: readonly number[], width: number): Float32Array {
  const rows = new Float32Array(places.length * width);
  places.forEach((row, i) => {
    rows.set(vectors.subarray(row * width, (row + 1) * width), i * width);
  });
  return rows;
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
    for (const some of batches(prompts, ({ length }) => length + newTokens, usualTokensAtOnce)) {
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
