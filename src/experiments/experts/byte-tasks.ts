import { randomStreams } from "../../coalitions/random-streams.js";
import type { Task } from "../../decoders/tasks.js";
import { positiveInteger, validSeed } from "../../errors.js";
import { knownOptions, type OptionNames, type SeedOption } from "../../options.js";
import { arithmeticKinds, arithmeticParts, arithmeticQuestions, isHeldOut } from "./arithmetic.js";
import { capitalQuestions } from "./capitals.js";
import { languageNames } from "./languages.js";
import { drawn } from "./paper-tasks.js";
import { sentences } from "./sentences.js";

/** Options of {@link byteTasks}. */
export interface ByteTasksOptions extends SeedOption {
  /** Most questions of a task; default 30. Of languages there are 15. */
  readonly questions?: number;
}

/** The names of `ByteTasksOptions`. */
export const byteTasksOptionNames: OptionNames<ByteTasksOptions> = { seed: true, questions: true };

/** Characters of a sentence that are given; the rest is to follow. */
const given = 20;

/**
 * Nine tasks for the small decoders of bytes that are trained here: sums and differences that they were not trained on,
 * products that they were (these are learnt by heart), and capitals, scored by exact match, the line's end included;
 * and sentences in five languages, by the log-probability of what follows their first 20 characters.
 *
 * @throws TypeError, RangeError for options that are none
 * @example
 * const decoder = await decoderCheckpoint("experts-1");
 * const game = expertsGame(decoder, byteTasks({ seed: 1 }));
 */
export function byteTasks(options: ByteTasksOptions = {}): Task[] {
  knownOptions("byteTasks", options, byteTasksOptionNames);
  const most = positiveInteger("questions", options.questions ?? 30);
  const streams = randomStreams(validSeed(options.seed ?? 1));
  const lines = (questions: readonly { readonly prompt: string; readonly answer: string }[], stream: number) =>
    drawn(questions, Math.min(most, questions.length), streams(stream)).map(({ prompt, answer }) => ({
      prompt,
      answer: `${answer}\n`,
    }));
  return [
    ...arithmeticKinds.map((name, k): Task => {
      const wanted = arithmeticQuestions(name).filter(
        ({ prompt }) => isHeldOut(prompt, arithmeticParts) === (name !== "multiplication"),
      );
      return { name, score: "accuracy", questions: lines(wanted, k) };
    }),
    ...languageNames.map(
      (name): Task => ({
        name,
        score: "log-probability",
        questions: sentences[name].slice(0, most).map((sentence) => {
          const characters = [...sentence];
          return { prompt: characters.slice(0, given).join(""), answer: characters.slice(given).join("") };
        }),
      }),
    ),
    { name: "capitals", score: "accuracy", questions: lines(capitalQuestions(), arithmeticKinds.length) },
  ];
}
