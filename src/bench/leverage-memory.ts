import { shapley } from "../engine/shapley.js";
import type { Game } from "../games/game.js";
import { type Answer, type Question, short } from "./question.js";

const size = { units: 100, pairs: 4000, outputs: 50_000 } as const;

/** How much memory leverage takes for many outputs. */
export const leverageMemory: Question = {
  name: "memory",
  asks: `how much memory does leverage take for ${size.pairs} pairs of ${size.outputs} outputs, ${size.units} units?`,
  async answer(signal: AbortSignal): Promise<Answer> {
    const { units, pairs, outputs } = size;
    const remarks: string[] = [];
    const start = performance.now();
    const modes = await shapley(manyOutputs(units, outputs), {
      estimator: "leverage",
      evaluations: 2 * pairs + 2,
      signal,
      onRemark: (remark) => remarks.push(remark),
    });
    const seconds = (performance.now() - start) / 1000;
    const megabytes = process.resourceUsage().maxRSS / 1024; // kB on every system
    const differences = (8 * pairs * outputs) / 2 ** 20;
    return {
      figure: { value: megabytes, unit: "MB", of: "the process at its peak" },
      baseline: {
        value: differences,
        unit: "MB",
        of: "the differences of pairs alone, of which a fit in memory takes five times as much",
      },
      ratio: differences / megabytes,
      target: { ratio: 1 },
      lines: [
        ...remarks,
        `modes and their errors are ${short((16 * units * outputs) / 2 ** 20)} MB; ${short(seconds)} s, evaluations of a function among them; terms: ${(modes.provenance.terms as string[]).join(", ")}`,
      ],
      numbers: { ...size, seconds },
    };
  },
};

/** How many units do anything to an output: memory does not depend on it, and evaluating takes long enough. */
const unitsOfOutput = 10;

/** A game of sums, bent a little; each output has weights of its own, of some units. */
function manyOutputs(units: number, outputs: number): Game {
  const weights = Float64Array.from({ length: units * outputs }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5);
  const apart = units / unitsOfOutput;
  return {
    units: Array.from({ length: units }, (_, unit) => `${unit}`),
    outputShape: [outputs],
    async evaluate({ count, words }) {
      const values = new Float64Array(count * outputs);
      const width = words.length / count;
      for (let c = 0; c < count; c++) {
        const own = values.subarray(c * outputs, (c + 1) * outputs);
        for (let u = 0; u < units; u++) {
          if (((words[c * width + (u >> 5)] >>> (u & 31)) & 1) === 0) continue;
          for (let o = u % apart; o < outputs; o += apart) own[o] += weights[u * outputs + o];
        }
        for (let o = 0; o < outputs; o++) own[o] /= 1 + Math.abs(own[o]) / 3;
      }
      return values;
    },
  };
}
