import { allIntact, nestedCoalitions } from "../coalitions/coalition.js";
import { randomOrdering } from "../coalitions/random.js";
import { randomStream } from "../coalitions/random-streams.js";
import { expertsGame } from "../decoders/experts-game.js";
import { byteTasks } from "../experiments/experts/byte-tasks.js";
import type { Values } from "../games/game.js";
import { expertsCase, withDecoder } from "./experts-parts.js";
import { type Answer, medianTimes, type Question, short } from "./question.js";

const usualRepetitions = 5;

/** An ordering of all experts: what it saves that a returning expert leaves all below it as it was. */
export const expertsWalk: Question = {
  name: "walk",
  asks: "how long does one ordering of all experts take when each return computes only what is above it?",
  answer: (signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> =>
    withDecoder(async (decoder) => {
      const tasks = byteTasks({ questions: 15 });
      const game = expertsGame(decoder, tasks, { score: "log-probability" });
      const units = game.units.length;
      const ordering = randomOrdering(randomStream(1), units);
      const nested = nestedCoalitions(ordering);
      const sequences = tasks.flatMap(({ questions }) =>
        questions.map(({ prompt, answer }) => decoder.tokenizer?.encode(`${prompt}${answer}`) ?? []),
      );
      const intact = allIntact(units);
      let walked: number[] = [];
      let whole: Values = new Float64Array();
      const times = await medianTimes(
        repetitions,
        {
          walk() {
            walked = [];
            return game.walk?.(ordering, (_, values) => walked.push(...values));
          },
          async whole() {
            whole = await game.evaluate(nested);
          },
          one: () => game.evaluate(intact),
          plain: () => decoder.logits(sequences, { all: true }),
        },
        signal,
      );
      const largestError = Math.max(...walked.map((value, i) => Math.abs(value - whole[i])));
      if (walked.length !== whole.length || !(largestError <= 1e-5))
        throw new Error(`walk and whole passes differ by ${largestError}`);
      const plain = times.plain * units;
      return {
        figure: { value: times.walk, unit: "ms", of: `an ordering of ${units} experts, ${sequences.length} questions` },
        baseline: { value: times.whole, unit: "ms", of: "the same coalitions, each from the first expert on" },
        ratio: times.whole / times.walk,
        lines: [
          `of        ${expertsCase}`,
          `checked   values are equal after each return (largest difference ${largestError})`,
          `in all    ${units} plain passes of all questions, with all logits, take ${short(plain)} ms, ${short(plain / times.walk)} times as long`,
          `repeated  ${repetitions} times in turn, medians`,
        ],
        numbers: { units, questions: sequences.length, plain_passes_ms: plain, largestError, repetitions },
      };
    }),
};
