import { randomOrdering } from "../coalitions/random.js";
import { randomStream } from "../coalitions/random-streams.js";
import { type LogitWalk, plainLogitWalk } from "../lesion/logit-walk.js";
import { scoreOf } from "../lesion/scores.js";
import { wasmLogitWalk } from "../lesion/wasm-logit-walk.js";
import { trainedUnits, walkParts } from "./mlp-parts.js";
import { otherScores } from "./mlp-scores.js";
import { type Answer, medianTimes, type Question } from "./question.js";

const units = 100;
const usualRepetitions = 15;

/** The innermost loop: one unit comes back, logits, predictions and score are those with it. */
export const mlpWalk: Question = {
  name: "walk",
  asks: "how long does one coalition of an ordering take (100 units, 1024 images, 10 classes, class precision)?",
  async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
    const parts = await walkParts(await trainedUnits(units));
    const random = randomStream(1);
    const orderings = Array.from({ length: 40 }, () => randomOrdering(random, units));
    const score = scoreOf("class-precision");
    const value = new Float64Array(parts.classes);
    const play = (walk: LogitWalk, count: number) => () => {
      for (const ordering of orderings.slice(0, count)) {
        walk.reset();
        for (const unit of ordering) {
          walk.add(unit);
          score.write(walk, parts, value);
        }
      }
    };
    const [wasm, plain] = [wasmLogitWalk(parts), plainLogitWalk(parts)];
    for (const ordering of orderings.slice(0, 4)) checkEqual(wasm, plain, ordering);

    const others = otherScores(parts, random, orderings.slice(0, 10));
    const work = { wasm: play(wasm, 40), plain: play(plain, 4), ...others.work };
    const times: Record<string, number> = await medianTimes(repetitions, work, signal);
    const figure = (1000 * times.wasm) / (40 * units);
    const baseline = (1000 * times.plain) / (4 * units);
    const { lines, numbers } = others.report(times, figure);
    return {
      figure: { value: figure, unit: "us", of: "a coalition on WebAssembly, one core" },
      baseline: { value: baseline, unit: "us", of: "the same in plain TypeScript" },
      ratio: baseline / figure,
      target: { figure: 4, ratio: 15 },
      lines: [
        `checked   logits, predicted and correct are equal to the last bit after each of ${4 * units} returns of a unit`,
        `repeated  ${repetitions} times in turn, medians`,
        ...lines,
      ],
      numbers: { ...numbers, units, inputs: parts.inputs, classes: parts.classes, bits_equal: true, repetitions },
    };
  },
};

function checkEqual(wasm: LogitWalk, plain: LogitWalk, ordering: Uint32Array): void {
  wasm.reset();
  plain.reset();
  for (const unit of ordering) {
    wasm.add(unit);
    plain.add(unit);
    const inputs = plain.stride;
    const equal =
      plain.logits.every((logit, i) => {
        const k = Math.floor(i / inputs);
        return Object.is(logit, wasm.logits[k * wasm.stride + (i - k * inputs)]);
      }) &&
      plain.predicted.every((count, k) => count === wasm.predicted[k]) &&
      plain.correct.every((count, k) => count === wasm.correct[k]);
    if (!equal) throw new Error("the WebAssembly walk and the plain one differ");
  }
}
