import type { Steps } from "../pace.js";
import type { DecoderParts } from "./forward.js";
import { logitsOf } from "./forward.js";
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
  /** Adds to the tasks' values those of the passage's questions, from the vectors behind the last layer. */
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
        const { score, questions: own } = tasks[task];
        let sum = 0;
        for (const token of answer) {
          sum += placeScore(logits, row++ * config.vocabulary, config.vocabulary, token, score, floor);
        }
        values[task] += (score === "accuracy" ? Number(sum === answer.length) : sum / answer.length) / own.length;
      }
    },
  }));
}

/** Adds to the tasks' values those of questions that are decoded, greedily, with some units lesioned. */
export function* addDecoded(
  values: Float64Array,
  parts: DecoderParts,
  tokenizer: DecoderTokenizer | undefined,
  tasks: readonly PlayedTask[],
  lesions: DecoderLesions,
  table: (positions: number) => TurnTable,
): Steps<void> {
  for (const { score, newTokens, questions } of tasks) {
    if (!isDecoded(score)) continue;
    for (const some of together(questions, newTokens)) {
      const prompts = some.map(({ prompt }) => prompt);
      const made = yield* generated(parts, prompts, newTokens, new Set(parts.config.ends), table, lesions);
      some.forEach((question, q) => {
        values[question.task] +=
          decodedScore(made[q], question, score, tokenizer, parts.config.ends) / questions.length;
      });
    }
  }
}

/** Questions in order, so many together that they have few enough tokens. */
function* together(questions: readonly TokenQuestion[], newTokens: number): Generator<readonly TokenQuestion[]> {
  for (let from = 0; from < questions.length; ) {
    let tokens = 0;
    let to = from;
    while (to < questions.length && (to === from || tokens <= tokensAtOnce)) {
      tokens += questions[to].prompt.length + newTokens;
      if (to === from || tokens <= tokensAtOnce) to++;
    }
    yield questions.slice(from, to);
    from = to;
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
