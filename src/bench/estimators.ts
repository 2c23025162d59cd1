import { loadInputs } from "../datasets/inputs.js";
import { shapley } from "../engine/shapley.js";
import { type EstimatorName, estimators } from "../estimators/registry.js";
import type { Game } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { mlpGame } from "../lesion/mlp-game.js";
import type { ScoreName } from "../lesion/scores.js";
import { checkpoint } from "../networks/mlp/checkpoints.js";
import { type Answer, median, type Question, short } from "./question.js";

const budgets = [32, 128, 512] as const;
const seeds = 16;
/** Few, as the cross-entropy of many takes long, and errors do not depend on how many there are. */
const inputs = "mnist-test:0-255";
const scores: readonly ScoreName[] = ["class-precision", "cross-entropy"];
const sampling = Object.values(estimators).filter(({ unitOfIndependence }) => unitOfIndependence !== "none");

interface Row {
  readonly score: ScoreName;
  readonly estimator: EstimatorName;
  readonly orderings: number;
  readonly evaluations: number;
  /** Root of the mean squared error over units, outputs and seeds. */
  readonly error: number;
  /** Median over the seeds. */
  readonly seconds: number;
}

/** Which estimator gets nearer the truth for the same work. */
export const estimatorErrors: Question = {
  name: "errors",
  asks: "how near do the estimators come to exact Shapley values, for how many evaluations and seconds (10 units, 256 images)?",
  async answer(signal: AbortSignal): Promise<Answer> {
    const network = await checkpoint({ width: 10, regulariser: "none", trial: 0 });
    const rows: Row[] = [];
    for (const score of scores) {
      rows.push(...(await compare(await mlpGame(network, loadInputs(inputs), { score }), score, signal)));
    }
    const last = budgets[budgets.length - 1];
    const errorOf = (estimator: EstimatorName) =>
      rows.find((row) => row.score === scores[0] && row.estimator === estimator && row.orderings === last)!.error;
    const [figure, baseline] = [errorOf("antithetic"), errorOf("permutation")];
    return {
      figure: { value: figure, unit: "root mean squared error", of: `antithetic, ${last} orderings, ${scores[0]}` },
      baseline: { value: baseline, unit: "root mean squared error", of: "permutation, as many orderings" },
      ratio: baseline / figure,
      lines: [
        `over      ${seeds} seeds, all units and outputs; seconds are medians of single runs`,
        "score            estimator    orderings  evaluations  error    seconds",
        ...rows.map(rowText),
      ],
      numbers: { inputs, seeds, rows: rows.map((row) => ({ ...row }) as JsonObject) },
    };
  },
};

/** Every estimator at every budget; in turn, so that whatever else the machine does falls on all alike. */
async function compare(game: Game, score: ScoreName, signal: AbortSignal): Promise<Row[]> {
  const truth = (await shapley(game, { estimator: "exact" })).values;
  const rows: Row[] = [];
  for (const orderings of budgets) {
    const runs = sampling.map(({ name }) => ({
      name: name as EstimatorName,
      squares: 0,
      times: [] as number[],
      evaluations: 0,
    }));
    for (let seed = 0; seed < seeds; seed++) {
      for (const run of runs) {
        const start = performance.now();
        const modes = await shapley(game, { estimator: run.name, orderings, seed, signal });
        run.times.push((performance.now() - start) / 1000);
        run.evaluations = modes.provenance.evaluations as number;
        run.squares += modes.values.reduce((sum, value, i) => sum + (value - truth[i]) ** 2, 0) / truth.length / seeds;
      }
    }
    for (const { name: estimator, squares, times, evaluations } of runs) {
      rows.push({ score, estimator, orderings, evaluations, error: Math.sqrt(squares), seconds: median(times) });
    }
  }
  return rows;
}

function rowText({ score, estimator, orderings, evaluations, error, seconds }: Row): string {
  const numbers = [String(orderings).padEnd(11), String(evaluations).padEnd(13), error.toFixed(5).padEnd(9)];
  return `${score.padEnd(17)}${estimator.padEnd(13)}${numbers.join("")}${short(seconds)}`;
}
