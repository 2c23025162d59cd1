import type { Steps } from "../pace.js";
import type { Stretch } from "./attention.js";
import { batches, usualTokensAtOnce } from "./decoder.js";
import { type DecoderParts, logitsOf } from "./forward.js";
import { generated } from "./generate.js";
import type { TurnTable } from "./rotation.js";
import { gatheredRows, tailOf } from "./rows.js";
import { type SharedPassage, sharedPassages } from "./shared-passage.js";
import { giveBack } from "./spare-arrays.js";
import { isDecoded, placeScore, type TaskScore, textScore } from "./task-scores.js";
import type { PlayedTask, TokenQuestion } from "./tasks.js";
import type { DecoderTokenizer } from "./tokenizer.js";
import type { DecoderLesions } from "./units.js";

/** Places whose logits are computed at a time. */
const placesAtOnce = 256;

/** Questions that are scored as they stand: prompt and answer go through the decoder together. */
export interface GivenAnswers {
  readonly passage: SharedPassage;
  /**
   * Of each stretch the rows from the first one on behind which an answer's token should follow: behind the last layer
   * no others are looked at.
   */
  readonly asked: readonly Stretch[];
  /**
   * The score of every place, `[places]`, from the vectors behind the last layer. @param scores known ones, of which
   * those of changed rows are written anew
   */
  scores(vectors: Float32Array, known?: { readonly scores: Float64Array; readonly changed: Uint8Array }): Float64Array;
  /** Adds to the tasks' sums of scores those of the passage's questions. @param scores of its places */
  addScores(values: Float64Array, scores: Float64Array): void;
}

/** The questions of all tasks whose score needs no decoding, in passages. */
export function givenAnswers(parts: DecoderParts, tasks: readonly PlayedTask[], floor: number): GivenAnswers[] {
  const { config } = parts;
  const questions = tasks.flatMap(({ score, questions: own }) => (isDecoded(score) ? [] : own));
  // After the last token of an answer nothing has to follow.
  const sequences = questions.map(({ prompt, answer }) => [...prompt, ...answer.slice(0, -1)]);
  return sharedPassages(config, sequences, parts.streaming?.tokensAtOnce ?? usualTokensAtOnce).map((passage) => {
    // A question may be one of several tasks: what is the same place, token and score is scored once.
    const places: Place[] = [];
    const known = new Map<string, number>();
    const placesOf = passage.members.map((q) => {
      const { prompt, answer, task } = questions[q];
      const { score } = tasks[task];
      return answer.map((token, i) => {
        const row = passage.rowOf(q, prompt.length - 1 + i);
        const key = `${row} ${token} ${score}`;
        const place = known.get(key) ?? places.push({ row, token, score }) - 1;
        known.set(key, place);
        return place;
      });
    });
    const first = passage.stretches.map(({ row, count }) =>
      places.reduce(
        (least, own) => (own.row >= row && own.row < row + count ? Math.min(least, own.row) : least),
        row + count,
      ),
    );
    return {
      passage,
      asked: passage.stretches.map((stretch, s) => tailOf(stretch, stretch.from + first[s] - stretch.row)),
      scores(vectors, known) {
        const scores = known?.scores ?? new Float64Array(places.length);
        const wanted = known
          ? [...places.keys()].filter((i) => known.changed[places[i].row] === 1)
          : [...places.keys()];
        for (let from = 0; from < wanted.length; from += placesAtOnce) {
          const some = wanted.slice(from, from + placesAtOnce);
          const rows = some.map((i) => places[i].row);
          const own = gatheredRows(vectors, rows, config.width);
          const logits = logitsOf(parts, own);
          if (own !== vectors) giveBack(own);
          some.forEach((place, i) => {
            const { token, score } = places[place];
            scores[place] = placeScore(logits, i * config.vocabulary, config.vocabulary, token, score, floor);
          });
          giveBack(logits);
        }
        return scores;
      },
      addScores(values, scores) {
        passage.members.forEach((q, m) => {
          const { answer, task } = questions[q];
          let sum = 0;
          for (const place of placesOf[m]) sum += scores[place];
          values[task] += tasks[task].score === "accuracy" ? Number(sum === answer.length) : sum / answer.length;
        });
      },
    };
  });
}

/** A row of a passage, the token that should follow, and how that is scored. */
interface Place {
  readonly row: number;
  readonly token: number;
  readonly score: TaskScore;
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

/**
 * Of texts as `textScore` has it; of answers that are tokens whether these are what was decoded, up to a token that
 * ends it, or with it where the answer has it too.
 */
function decodedScore(
  made: readonly number[],
  { answer, text }: TokenQuestion,
  score: TaskScore,
  tokenizer: DecoderTokenizer | undefined,
  ends: readonly number[],
): number {
  const own = ends.includes(made[made.length - 1]) ? made.slice(0, -1) : made;
  if (text === undefined || !tokenizer) {
    const isAnswer = (some: readonly number[]) =>
      some.length === answer.length && some.every((t, i) => t === answer[i]);
    return Number(isAnswer(own) || isAnswer(made));
  }
  return textScore(tokenizer.decode(own), text, score as "decoded-accuracy" | "decoded-likeness");
}
