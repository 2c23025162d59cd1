import { allIntact, nestedCoalitions } from "../coalitions/coalition.js";
import { randomOrdering } from "../coalitions/random.js";
import { randomStream } from "../coalitions/random-streams.js";
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
      // An ordering: a walk where answers are scored as they stand, whole passes and decoding where they are not.
      const ordering = randomOrdering(randomStream(1), given.units.length);
      const whole = await medianTimes(
        1,
        {
          walk: () => probable.walk?.(ordering, () => {}),
          decoded: () => decoded.evaluate(nestedCoalitions(ordering)),
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
          `why       decoding with keys and values remembered computes as many tokens, ${lengths.prompt + lengths.answer - 1} a question, and as many products; what it lacks are rows that go together, and a last layer without the prompt`,
          `ordering  of ${given.units.length} experts: ${short(whole.walk)} ms by log-probability, a walk; ${short(whole.decoded)} ms by decoding, which has none: ${short(whole.decoded / whole.walk)} times`,
          `repeated  ${repetitions} times in turn, medians; the ordering once`,
        ],
        numbers: { questions: prompts.length, lengths, accuracy_ms: times.given, ordering: { ...whole }, repetitions },
      };
    }),
};
