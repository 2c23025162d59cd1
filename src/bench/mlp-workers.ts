import { loadInputs } from "../datasets/inputs.js";
import { shapley } from "../engine/shapley.js";
import { sha256 } from "../files.js";
import { mlpGame } from "../lesion/mlp-game.js";
import { toNpz } from "../modes/to-npz.js";
import { paperInputs, trainedUnits } from "./mlp-parts.js";
import { type Answer, medianTimes, type Question, short } from "./question.js";

const units = 200;
const orderings = 10_000;
const workers = 2;
const usualRepetitions = 5;

/** What worker threads bring. */
export const mlpWorkers: Question = {
  name: "workers",
  asks: "how much sooner are 10,000 orderings of 200 units played by two workers, threads included?",
  async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
    const game = await mlpGame(await trainedUnits(units), loadInputs(paperInputs));
    const checksums = new Set<string>();
    const play = async (count: number) => {
      const modes = await shapley(game, { orderings, workers: count, signal });
      checksums.add(sha256(toNpz(modes)));
    };
    const times = await medianTimes(repetitions, { several: () => play(workers), one: () => play(1) }, signal);
    if (checksums.size !== 1) throw new Error("one worker and several give other bytes");
    return {
      figure: { value: times.several / 1000, unit: "s", of: `with ${workers} workers` },
      baseline: { value: times.one / 1000, unit: "s", of: "with one" },
      ratio: times.one / times.several,
      lines: [
        `so        ${short((100 * times.one) / (times.several * workers))} % of each thread's time`,
        "checked   the bytes of the results are equal",
        `repeated  ${repetitions} times in turn, medians`,
      ],
      numbers: { units, orderings, workers, same_bytes: true, repetitions },
    };
  },
};
