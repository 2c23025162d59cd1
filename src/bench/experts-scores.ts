import { allIntact } from "../coalitions/coalition.js";
import { expertsGame } from "../decoders/experts-game.js";
import type { TaskScore } from "../decoders/task-scores.js";
import { expertsCase, withDecoder } from "./experts-parts.js";
import { type Answer, medianTimes, type Question, short } from "./question.js";

const usualRepetitions = 5;
/** Bytes of a prompt and of an answer. */
const lengths = { prompt: 64, answer: 32 };

/** Scores without decoding: what they save that an answer is looked at as it stands. */
export const expertsScores: Question = {
  name: "scores",
  asks: "how long does a coalition take when answers are scored as they stand, against decoding as many tokens?",
  answer: (signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> =>
    withDecoder(async (decoder) => {
      const prompts = Array.from({ length: 15 }, (_, q) =>
        Array.from({ length: lengths.prompt }, (_, i) => (97 * q + 31 * i + ((q * i) % 7)) % 256),
      );
      const answers = await decoder.generate(prompts, { newTokens: lengths.answer });
      const game = (score: TaskScore) => {
        const questions = prompts.map((prompt, q) => ({ prompt, answer: answers[q] }));
        return expertsGame(decoder, [{ name: "decoded", questions }], { score });
      };
      const [given, decoded, probable] = [game("accuracy"), game("decoded-accuracy"), game("log-probability")];
      const all = allIntact(given.units.length);
      for (const own of [given, decoded]) {
        const [value] = await own.evaluate(all);
        if (value !== 1) throw new Error(`answers that were decoded have an accuracy of ${value}`);
      }
      const times = await medianTimes(
        repetitions,
        {
          given: () => given.evaluate(all),
          decoded: () => decoded.evaluate(all),
          probable: () => probable.evaluate(all),
        },
        signal,
      );
      return {
        figure: {
          value: times.probable,
          unit: "ms",
          of: `a coalition by log-probability, ${prompts.length} answers of ${lengths.answer} tokens`,
        },
        baseline: { value: times.decoded, unit: "ms", of: "the same with greedy decoding, keys and values remembered" },
        ratio: times.decoded / times.probable,
        lines: [
          `of        ${expertsCase}`,
          `accuracy  as it stands ${short(times.given)} ms; decoded answers have accuracy 1 both ways`,
          `repeated  ${repetitions} times in turn, medians`,
        ],
        numbers: { questions: prompts.length, lengths, accuracy_ms: times.given, repetitions },
      };
    }),
};
