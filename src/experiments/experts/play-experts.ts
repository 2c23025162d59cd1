import type { Decoder } from "../../decoders/decoder.js";
import { expertsGame } from "../../decoders/experts-game.js";
import type { Task } from "../../decoders/tasks.js";
import { shapley } from "../../engine/shapley.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
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

/** The nine tasks of a profile. @param seed of the questions: other seeds have other ones, but of the languages, whose sentences are always the same */
export function experimentTasks(
  { questions, sentences, answerLength }: ExpertsSettings,
  seed: number,
): readonly Task[] {
  const tasks = new Map(
    byteTasks({ seed, questions: Math.max(questions, sentences) }).map((task) => [task.name, task]),
  );
  return taskNames.map((name) => {
    const task = tasks.get(name) as Task;
    const language = (languageNames as readonly string[]).includes(name);
    const chosen = task.questions.slice(0, language ? sentences : questions);
    const cut = (answer: string) => [...answer].slice(0, answerLength).join("");
    return {
      ...task,
      questions: language ? chosen.map(({ prompt, answer }) => ({ prompt, answer: cut(answer as string) })) : chosen,
    };
  });
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

/** What every expert of a decoder contributes to the nine tasks, and to every sentence: one game, since equal questions are computed once. */
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
