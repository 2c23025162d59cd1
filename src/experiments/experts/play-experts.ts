import type { Decoder } from "../../decoders/decoder.js";
import { expertsGame } from "../../decoders/experts-game.js";
import type { Task } from "../../decoders/tasks.js";
import { shapley } from "../../engine/shapley.js";
import { ShapleyModes } from "../../modes/shapley-modes.js";
import { byteTasks } from "./byte-tasks.js";
import { type ExpertContributions, outputsOf, taskNames } from "./contributions.js";
import { type Language, languageNames } from "./languages.js";
import type { ExpertsSettings } from "./settings.js";

/** What a decoder's experts contribute, to the tasks and to single sentences. */
export interface PlayedExperts {
  readonly contributions: ExpertContributions;
  /** `[experts, sentences]` of each language: contributions to the log-probability of single sentences. */
  readonly sentences: Readonly<Record<Language, ShapleyModes>>;
}

/**
 * The nine tasks of a profile, on which contributions are computed. @param seed of the questions; the sentences are
 * always the same
 */
export function experimentTasks(
  { questions, sentences, answerLength }: ExpertsSettings,
  seed: number,
): readonly Task[] {
  const most = Math.max(questions, sentences);
  return byteTasks({ seed, questions: most }).map((task) => {
    if (!isLanguage(task.name)) return { ...task, questions: task.questions.slice(0, questions) };
    const cut = (answer: string) => [...answer].slice(0, answerLength).join("");
    const own = task.questions.slice(0, sentences);
    return { ...task, questions: own.map(({ prompt, answer }) => ({ prompt, answer: cut(answer as string) })) };
  });
}

/**
 * The same tasks with as many other questions: none of them is one of the first. Sentences are the same ones, for want
 * of others: see {@link sentenceHalves}.
 */
export function otherTasks(tasks: readonly Task[], seed: number): readonly Task[] {
  const most = 3 * Math.max(...tasks.map(({ questions }) => questions.length));
  const drawn = new Map(byteTasks({ seed, questions: most }).map((task) => [task.name, task.questions]));
  return tasks.map((task) => {
    if (isLanguage(task.name)) return task;
    const asked = new Set(task.questions.map(({ prompt }) => prompt));
    const others = (drawn.get(task.name) as Task["questions"]).filter(({ prompt }) => !asked.has(prompt));
    const count = Math.min(task.questions.length, others.length);
    return {
      ...task,
      questions: Array.from({ length: count }, (_, q) => others[Math.floor((q * others.length) / count)]),
    };
  });
}

function isLanguage(name: string): boolean {
  return (languageNames as readonly string[]).includes(name);
}

/** Indices of sentences of which one half picks, or ranks, and the other tests. */
export function sentenceHalves(count: number): readonly [readonly number[], readonly number[]] {
  const all = Array.from({ length: count }, (_, s) => s);
  return [all.filter((s) => s % 2 === 0), all.filter((s) => s % 2 === 1)];
}

/** Tasks whose languages have some of their sentences alone. */
export function tasksOnSentences(tasks: readonly Task[], some: readonly number[]): readonly Task[] {
  return tasks.map((task) =>
    isLanguage(task.name) ? { ...task, questions: some.map((s) => task.questions[s]) } : task,
  );
}

/** Contributions whose languages are those to some of their sentences alone. */
export function contributionsOnSentences(
  { contributions: { name, tasks, modes }, sentences }: PlayedExperts,
  some: readonly number[],
): ExpertContributions {
  const values = modes.values.slice();
  for (const language of languageNames) {
    const task = tasks.indexOf(language);
    outputsOf(sentences[language], some)
      .meanOverOutputs()
      .values.forEach((value, u) => {
        values[u * tasks.length + task] = value;
      });
  }
  const { units, outputShape, provenance } = modes;
  return { name, tasks, modes: new ShapleyModes({ units, outputShape, values, provenance }) };
}

/** Sentences of a language, each as a task of its own. */
export function sentenceTasks(tasks: readonly Task[], language: Language): Task[] {
  const { questions, score } = tasks.find(({ name }) => name === language) as Task;
  return questions.map((question, q) => ({
    name: `${language} ${q + 1}`,
    ...(score && { score }),
    questions: [question],
  }));
}

/**
 * What every expert of a decoder contributes to the nine tasks, and to every sentence: one game, since equal questions
 * are computed once.
 */
export async function playExperts(
  name: string,
  decoder: Decoder,
  settings: ExpertsSettings,
  options: {
    readonly seed: number;
    readonly workers: number;
    readonly signal?: AbortSignal;
    readonly progress?: boolean;
  },
): Promise<PlayedExperts> {
  const tasks = experimentTasks(settings, options.seed);
  const single = languageNames.flatMap((language) => sentenceTasks(tasks, language));
  const modes = await shapley(expertsGame(decoder, [...tasks, ...single]), {
    estimator: "antithetic",
    orderings: settings.orderings,
    ...options,
  });
  const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
  return {
    contributions: { name, tasks: taskNames, modes: outputsOf(modes, range(0, tasks.length)) },
    sentences: Object.fromEntries(
      languageNames.map((language, l) => [
        language,
        outputsOf(modes, range(tasks.length + l * settings.sentences, settings.sentences)),
      ]),
    ) as Record<Language, ShapleyModes>,
  };
}
