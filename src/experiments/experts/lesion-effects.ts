import { permutationTest } from "../../analysis/inference/permutation-test.js";
import { lesioned } from "../../analysis/lesions.js";
import { type Summary, summarise } from "../../analysis/summary.js";
import type { Decoder } from "../../decoders/decoder.js";
import { expertsGame } from "../../decoders/experts-game.js";
import type { Task } from "../../decoders/tasks.js";
import { studentFactor } from "../../quantiles.js";
import { languageSpecificity, mostSpecific } from "./contributions.js";
import { type Language, languageNames } from "./languages.js";
import { contributionsOnSentences, type PlayedExperts, sentenceHalves, sentenceTasks } from "./play-experts.js";

/**
 * How many experts are lesioned for a language, and from which layer on: the first one stands for an embedding where
 * tokens are bytes.
 */
export const lesionedForLanguage = { count: 2, fromLayer: 1 } as const;

/** What lesioning the experts that are most specific to each language does. */
export interface LesionEffects {
  /** By what experts were picked: see `languageSpecificity`. */
  readonly against: "arithmetic" | "other languages";
  readonly tasks: readonly string[];
  /** How many questions, or sentences, each task has. */
  readonly questions: readonly number[];
  /** The tasks' scores with nothing lesioned, on what is tested. */
  readonly intact: Float64Array;
  /** With all experts lesioned. */
  readonly none: Float64Array;
  /**
   * For every language the experts that were picked on one half of its sentences and on the other, and scores without
   * them: means over both, each tested on the half it was not picked on.
   */
  readonly lesions: readonly {
    readonly language: Language;
    readonly picked: readonly (readonly string[])[];
    readonly scores: Float64Array;
  }[];
  /**
   * Bits per byte that each sentence costs more: `[sentence]` of what is lost by a lesion for its own language, and of
   * the mean that is lost by those for the other languages, each averaged over the languages (sentence i is the same
   * one in all of them).
   */
  readonly own: Float64Array;
  readonly others: Float64Array;
  /**
   * Bits per byte lost, `[lesioned language][tested language]`, and half of the intervals of 95 %, Student's over
   * sentences.
   */
  readonly lost: readonly Float64Array[];
  readonly lostHalf: readonly Float64Array[];
}

/**
 * Lesions the experts that are most specific to a language, picked on one half of its sentences and tested on the
 * other, and the other way round; arithmetic and capitals are tested on questions that had no part in the
 * contributions.
 *
 * @param tested the nine tasks: sentences in the order of those of the contributions, other questions of the rest
 */
export async function lesionEffects(
  decoder: Decoder,
  played: PlayedExperts,
  tested: readonly Task[],
  against: LesionEffects["against"],
  options: { readonly signal?: AbortSignal } = {},
): Promise<LesionEffects> {
  const { units } = played.contributions.modes;
  const tasks = tested.map(({ name }) => name);
  const single = languageNames.map((language) => sentenceTasks(tested, language));
  const count = single[0].length;
  const halves = sentenceHalves(count);
  const picked = languageNames.map((language) =>
    halves.map((half) => {
      const specificity = languageSpecificity(contributionsOnSentences(played, half), language, against);
      return mostSpecific(units, specificity, lesionedForLanguage);
    }),
  );
  const game = expertsGame(decoder, [...tested, ...single.flat()]);
  const sets = [...picked.flat(), units];
  const { intact, lesioned: values } = await lesioned(game, sets, options);
  const none = values[values.length - 1];
  const sentenceAt = (language: number, s: number) => tasks.length + language * count + s;
  /** Sentence s was picked on in its own half, so it is tested without what the other half picked. */
  const withoutFor = (lesionedLanguage: number, s: number) => values[2 * lesionedLanguage + (s % 2 === 0 ? 1 : 0)];
  const lostAt = (lesionedLanguage: number, language: number, s: number) =>
    (intact[sentenceAt(language, s)] - withoutFor(lesionedLanguage, s)[sentenceAt(language, s)]) / Math.LN2;

  const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const each = languageNames.map((_, l) => l);
  const all = Array.from({ length: count }, (_, s) => s);
  const lossOf = (l: number, language: number) => summarise(all.map((s) => lostAt(l, language, s)));
  const scores = (lesionedLanguage: number) =>
    Float64Array.from(tasks, (task, t) => {
      const language = (languageNames as readonly string[]).indexOf(task);
      if (language < 0) return mean([0, 1].map((half) => values[2 * lesionedLanguage + half][t]));
      return mean(all.map((s) => withoutFor(lesionedLanguage, s)[sentenceAt(language, s)]));
    });
  return {
    against,
    tasks,
    questions: tested.map(({ questions }) => questions.length),
    intact: Float64Array.from(intact.subarray(0, tasks.length)),
    none: Float64Array.from(none.subarray(0, tasks.length)),
    lesions: languageNames.map((language, l) => ({ language, picked: picked[l], scores: scores(l) })),
    own: Float64Array.from(all, (s) => mean(each.map((l) => lostAt(l, l, s)))),
    others: Float64Array.from(all, (s) =>
      mean(each.flatMap((l) => each.filter((other) => other !== l).map((other) => lostAt(l, other, s)))),
    ),
    lost: each.map((l) => Float64Array.from(each, (language) => lossOf(l, language).mean)),
    lostHalf: each.map((l) => Float64Array.from(each, (language) => intervalHalf(lossOf(l, language)))),
  };
}

/** Half of Student's interval of 95 % of a mean; NaN of one number. */
function intervalHalf({ count, sd }: Summary): number {
  return count > 1 ? (studentFactor(0.05, count - 1) * sd) / Math.sqrt(count) : Number.NaN;
}

/** Whether a lesion for a language costs that language more than others. */
export interface OwnLanguageTest {
  /**
   * Bits per byte lost in the lesion's own language, and in the others, and the difference with its interval of 95 %
   * over sentences.
   */
  readonly own: number;
  readonly others: number;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** One-sided, against all ways to give the lesions to the languages: no less than 1 in 120. */
  readonly p: number;
  readonly sentences: number;
  readonly decoders: number;
}

/**
 * The lesions of several decoders together: the interval is Student's t over sentences, the same ones in all languages
 * and decoders; the null model exchanges the languages.
 */
export function ownLanguageTest(
  effects: readonly LesionEffects[],
  options: { readonly permutations: number; readonly seed: number },
): OwnLanguageTest {
  const count = effects[0].own.length;
  const mean = (numbers: ArrayLike<number>) => summarise(numbers).mean;
  const differences = Float64Array.from({ length: count }, (_, s) =>
    mean(effects.map(({ own, others }) => own[s] - others[s])),
  );
  const summary = summarise(differences);
  const { mean: difference } = summary;
  const half = intervalHalf(summary);
  const statistic = (order: Uint32Array) => {
    let [diagonal, rest] = [0, 0];
    for (const { lost } of effects) {
      lost.forEach((row, l) => {
        row.forEach((_, language) => {
          const value = row[order[language]];
          if (l === language) diagonal += value / row.length;
          else rest += value / (row.length * (row.length - 1));
        });
      });
    }
    return (diagonal - rest) / effects.length;
  };
  return {
    own: mean(effects.map(({ own }) => mean(own))),
    others: mean(effects.map(({ others }) => mean(others))),
    difference,
    low: difference - half,
    high: difference + half,
    p: permutationTest(languageNames.length, statistic, { ...options, alternative: "larger" }).p,
    sentences: count,
    decoders: effects.length,
  };
}
