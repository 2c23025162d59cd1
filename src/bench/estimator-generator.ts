import type { Coalitions, Ordering } from "../coalitions/coalition.js";
import { type Game, type Gate, outputSize, type Values } from "../games/game.js";
import type { Json } from "../json.js";
import { generatorGame } from "../lesion/generator-game.js";
import { generatorCheckpoint } from "../networks/dcgan/checkpoints.js";
import { convergence, convergenceHead, convergenceRow } from "./convergence.js";
import type { Answer, Question } from "./question.js";

const faces = 2;
/** Every so many numbers of the images. */
const step = 23;
const evaluations = 7760;
/** Of the reference, for each seed. */
const orderingsPerSeed = 100;
/** Against antithetic orderings with gates. */
const aim = 2.5;

/** How far leverage comes on images, whose colours are gates. */
export const estimatorGenerator: Question = {
  name: "generator",
  asks: "how many times less variance than antithetic orderings has leverage on a generator of images, for as many evaluations and seconds?",
  async answer(signal: AbortSignal, seeds = 2): Promise<Answer> {
    const orderings = orderingsPerSeed * seeds;
    const images = generatorGame(await generatorCheckpoint("faces-16"), { faces, seed: 1 });
    const game = thinned(images, step);
    const perOrdering = game.units.length - (game.gates?.length ?? 0);
    const [row] = await convergence(game, [{ name: "generator faces-16, images" }], {
      ...{ evaluations, seeds, orderings, perOrdering, signal },
    });
    images.dispose();
    const ratio = row.leverage / row.antithetic;
    return {
      figure: { value: 1 / row.leverage, unit: "of the variance", of: `leverage, ${evaluations} evaluations` },
      baseline: { value: 1 / row.antithetic, unit: "of the variance", of: "antithetic orderings, as many evaluations" },
      ratio,
      target: { ratio: aim },
      lines: [
        `over      ${game.units.length} filters, ${faces} images, every ${step}rd of their numbers; both estimators integrate the three colours out`,
        "variance  of plain orderings, divided by the estimator's; against antithetic orderings, whose own variance is taken out",
        convergenceHead,
        convergenceRow(row),
        `by second leverage has ${(row.leverageBySecond / row.antitheticBySecond).toFixed(2)} times less variance than antithetic orderings`,
      ],
      numbers: { faces, step, seeds, orderings, row: { ...row } as unknown as Json },
    };
  },
};

/** Every so many outputs of a game, with what is left of its gates. */
function thinned(game: Game, step: number): Game {
  const all = outputSize(game.outputShape);
  const outputs = Math.ceil(all / step);
  const kept = (values: Values, at: number, to: Float64Array, row: number) => {
    for (let o = 0; o < outputs; o++) to[row * outputs + o] = values[at + o * step];
  };
  const walk = game.walk?.bind(game);
  return {
    units: game.units,
    outputShape: [outputs],
    gates: (game.gates ?? []).map(
      ({ outputs, ...gate }): Gate => ({
        ...gate,
        outputs: outputs
          .map(([from, to]) => [Math.ceil(from / step), Math.ceil(to / step)] as const)
          .filter(([from, to]) => from < to),
      }),
    ),
    async evaluate(coalitions: Coalitions, signal?: AbortSignal) {
      const to = new Float64Array(coalitions.count * outputs);
      const values = await game.evaluate(coalitions, signal);
      for (let c = 0; c < coalitions.count; c++) kept(values, c * all, to, c);
      return to;
    },
    ...(walk && {
      walk(ordering: Ordering, visit: (rank: number, values: Values) => void, signal?: AbortSignal) {
        const to = new Float64Array(outputs);
        const thin = (rank: number, values: Values) => {
          kept(values, 0, to, 0);
          visit(rank, to);
        };
        return walk(ordering, thin, signal);
      },
    }),
  };
}
