import { uniformInt } from "pure-rand/distribution/uniformInt";
import { type Random, randomStreams } from "../../coalitions/random-streams.js";
import type { Question, Task } from "../../decoders/tasks.js";
import { type SeedOption, seedOf } from "../../options.js";
import { capitals } from "./capitals.js";
import { type Language, languageNames } from "./languages.js";
import { sentences } from "./sentences.js";

/** How each language asks for the language of a sentence, and what it calls itself. */
const identification: Readonly<
  Record<Language, { readonly ask: (sentence: string) => string; readonly name: string }>
> = {
  English: { ask: (s) => `In which language is this sentence? Answer with one word. "${s}"`, name: "English" },
  German: { ask: (s) => `In welcher Sprache ist dieser Satz? Antworte mit einem Wort. "${s}"`, name: "Deutsch" },
  French: { ask: (s) => `Dans quelle langue est cette phrase ? Réponds par un seul mot. "${s}"`, name: "Français" },
  Spanish: { ask: (s) => `¿En qué idioma está esta frase? Responde con una sola palabra. "${s}"`, name: "Español" },
  Italian: { ask: (s) => `In che lingua è questa frase? Rispondi con una sola parola. "${s}"`, name: "Italiano" },
};

/** Questions of each kind of arithmetic, and capitals. */
const counts = { arithmetic: 30, capitals: 20 } as const;

/**
 * Nine tasks for a decoder that follows instructions, as the paper asked Mixtral-8x7B (arXiv 2506.19732, experiment C):
 * sums and differences of numbers of seven digits and products of numbers of four, scored by likeness after 9 tokens;
 * the language of a sentence, asked in that language, in five of them, and capitals, scored by exact match after 3. The
 * published questions are not known word for word: these are a seeded generator's, and sentences of our own.
 *
 * @throws TypeError, RangeError for a seed that is none
 * @example
 * const game = expertsGame(await loadDecoder("mixtral-8x7b-instruct"), paperTasks({ seed: 1 }));
 */
export function paperTasks(options: SeedOption = {}): Task[] {
  const streams = randomStreams(seedOf("paperTasks", options));
  const arithmetic = (name: string, stream: number, digits: number, ask: (a: number, b: number) => Question): Task => {
    const random = streams(stream);
    const number = () => uniformInt(random, 10 ** (digits - 1), 10 ** digits - 1);
    const questions = Array.from({ length: counts.arithmetic }, () => ask(number(), number()));
    return { name, chat: true, score: "decoded-likeness", newTokens: 9, questions };
  };
  const asked = (sum: string, answer: number): Question => ({
    prompt: `What is ${sum}? Answer with the number alone.`,
    answer: String(answer),
  });
  return [
    arithmetic("addition", 0, 7, (a, b) => asked(`${a} + ${b}`, a + b)),
    arithmetic("subtraction", 1, 7, (a, b) => asked(`${Math.max(a, b)} - ${Math.min(a, b)}`, Math.abs(a - b))),
    arithmetic("multiplication", 2, 4, (a, b) => asked(`${a} * ${b}`, a * b)),
    ...languageNames.map((language): Task => {
      const { ask, name } = identification[language];
      const questions = sentences[language].map((sentence) => ({ prompt: ask(sentence), answer: name }));
      return { name: language, chat: true, score: "decoded-accuracy", newTokens: 3, questions };
    }),
    {
      name: "capitals",
      chat: true,
      score: "decoded-accuracy",
      newTokens: 3,
      questions: drawn(Object.entries(capitals), counts.capitals, streams(3)).map(([country, capital]) => ({
        prompt: `What is the capital of ${country}? Answer with the name alone.`,
        answer: capital,
      })),
    },
  ];
}

/** Some of a list, none twice, in the order of the list. */
export function drawn<T>(all: readonly T[], count: number, random: Random): T[] {
  const left = all.map((_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = uniformInt(random, i, left.length - 1);
    [left[i], left[j]] = [left[j], left[i]];
  }
  return left
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((i) => all[i]);
}
