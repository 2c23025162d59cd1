import { loadInputs } from "../datasets/inputs.js";
import { shapley } from "../engine/shapley.js";
import type { Game } from "../games/game.js";
import { plainLogitWalk } from "../lesion/logit-walk.js";
import { mlpGame } from "../lesion/mlp-game.js";
import { scoreOf } from "../lesion/scores.js";
import { paperInputs, trainedUnits, walkParts } from "./mlp-parts.js";
import { type Answer, medianTimes, type Question, short } from "./question.js";

const units = 200;
const orderings = 1000;
/** The baseline plays this many, and its time is multiplied. */
const fewOrderings = 20;
const usualRepetitions = 7;

/** A whole analysis, estimator included. */
export const mlpRun: Question = {
  name: "run",
  asks: "how long do the Shapley Modes of 200 units take, 1000 orderings on 1024 images, one core?",
  async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
    const mlp = await trainedUnits(units);
    const game = await mlpGame(mlp, loadInputs(paperInputs));
    const plain = await plainGame(game);
    const [ours, theirs] = await Promise.all(
      [game, plain].map((played) => shapley(played, { orderings: fewOrderings, seed: 1, signal })),
    );
    const same = ours.values.every((value, i) => value === theirs.values[i]);
    if (!same) throw new Error("the Shapley Modes on WebAssembly and in plain TypeScript differ");

    const times = await medianTimes(repetitions, {
      wasm: () => shapley(game, { orderings, seed: 1, signal }),
      plain: () => shapley(plain, { orderings: fewOrderings, seed: 1, signal }),
    });
    const figure = times.wasm / 1000;
    const baseline = (times.plain / 1000) * (orderings / fewOrderings);
    const each = (1e6 * figure) / (units * orderings);
    return {
      figure: { value: figure, unit: "s", of: "from game to Shapley Modes with standard errors" },
      baseline: {
        value: baseline,
        unit: "s",
        of: `the same on the plain TypeScript walk (${fewOrderings} orderings, times ${orderings / fewOrderings})`,
      },
      ratio: baseline / figure,
      target: { figure: 1 },
      lines: [
        `so        ${short(each)} us for each of ${units * orderings} coalitions, orderings and accumulators included`,
        `checked   the Shapley Modes of both are equal to the last bit`,
        `repeated  ${repetitions} times in turn, medians`,
      ],
      numbers: { units, orderings, us_per_coalition: each, bits_equal: true, repetitions },
    };
  },
};

/** The same game with the plain walk. */
async function plainGame(game: Game): Promise<Game> {
  const parts = await walkParts(await trainedUnits(units));
  const walk = plainLogitWalk(parts);
  const score = scoreOf("class-precision");
  const value = new Float64Array(parts.classes);
  return {
    ...game,
    walk(ordering, visit) {
      walk.reset();
      ordering.forEach((unit, rank) => {
        walk.add(unit);
        score.write(walk, parts, value);
        visit(rank, value);
      });
    },
  };
}
