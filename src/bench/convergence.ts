import type { Coalitions } from "../coalitions/coalition.js";
import { shapley } from "../engine/shapley.js";
import { type Game, outputSize } from "../games/game.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { short } from "./question.js";

/** Some outputs of a game, as a game of their own. */
export interface View {
  readonly name: string;
  /** Which outputs; default all. */
  readonly outputs?: readonly number[];
  /** Least ratio that is aimed at. */
  readonly aim?: number | undefined;
}

/** How near `leverage` comes, how sure it is, and how long it takes. */
export interface Convergence {
  readonly name: string;
  readonly evaluations: number;
  /** Variance of plain orderings, divided by that of the estimator, at as many evaluations. */
  readonly antithetic: number;
  readonly leverage: number;
  readonly aim: number | null;
  /** The same in as many seconds. */
  readonly antitheticBySecond: number;
  readonly leverageBySecond: number;
  /** Share of the values within two standard errors of the reference. */
  readonly coverage: number;
  /** Seconds that the evaluations took, and the fit after them. */
  readonly evaluating: number;
  readonly fitting: number;
}

/** How much work it is to be. */
export interface ConvergenceOptions {
  readonly evaluations: number;
  readonly seeds: number;
  /** Antithetic orderings of the reference. */
  readonly orderings: number;
  /** Evaluations that an ordering takes; default as many as there are units. */
  readonly perOrdering?: number;
  /** A game with the same values that orderings are played on; default the game. */
  readonly walked?: Game;
  readonly signal: AbortSignal;
}

/**
 * Measures `leverage` on parts of a game's outputs against a long run of antithetic orderings, whose own variance is taken out. The variances of
 * orderings follow from their standard errors.
 */
export async function convergence(
  game: Game,
  views: readonly View[],
  options: ConvergenceOptions,
): Promise<Convergence[]> {
  const { evaluations, seeds, orderings, perOrdering = game.units.length, walked = game, signal } = options;
  const count = evaluations / perOrdering;
  const timed = async (estimator: "antithetic" | "permutation", played: number, seed: number) => {
    const start = performance.now();
    const modes = await shapley(walked, { estimator, orderings: played, seed, signal });
    return { modes, seconds: ((performance.now() - start) / 1000) * (count / played), played };
  };
  const reference = await timed("antithetic", orderings, 4_000_001);
  const plain = await timed("permutation", Math.ceil(orderings / 4), 4_000_002);
  const rows: Convergence[] = [];
  for (const view of views) {
    const outputs = view.outputs ?? Array.from({ length: outputSize(game.outputShape) }, (_, o) => o);
    const squaresOf = ({ standardErrors }: ShapleyModes) => {
      const errors = standardErrors as Float64Array;
      return errors.reduce((sum, error, i) => sum + (within(i) ? error ** 2 : 0), 0);
    };
    const chosen = new Set(outputs);
    const all = outputSize(game.outputShape);
    const within = (place: number) => chosen.has(place % all);
    const ofReference = squaresOf(reference.modes);
    const ofPlain = (squaresOf(plain.modes) * plain.played) / count;
    const sums = { squares: 0, covered: 0, evaluating: 0, fitting: 0 };
    for (let seed = 1; seed <= seeds; seed++) {
      const start = performance.now();
      let last = start;
      const part = viewOf(game, outputs, () => {
        last = performance.now();
      });
      const modes = await shapley(part, { estimator: "leverage", evaluations, seed, signal });
      sums.fitting += (performance.now() - last) / 1000 / seeds;
      sums.evaluating += (last - start) / 1000 / seeds;
      modes.values.forEach((value, i) => {
        const place = Math.floor(i / outputs.length) * all + outputs[i % outputs.length];
        const error = value - reference.modes.values[place];
        const [own, others] = [modes, reference.modes].map(({ standardErrors }) => standardErrors as Float64Array);
        sums.squares += error ** 2 / seeds;
        // Rounding for values that both know without error.
        const bound = 2 * Math.hypot(own[i], others[place]) + 1e-12;
        sums.covered += Math.abs(error) <= bound ? 1 / (seeds * modes.values.length) : 0;
      });
    }
    const ofAntithetic = (ofReference * orderings) / count;
    const ofLeverage = sums.squares - ofReference;
    rows.push({
      name: view.name,
      evaluations,
      antithetic: ofPlain / ofAntithetic,
      leverage: ofPlain / ofLeverage,
      aim: view.aim ?? null,
      antitheticBySecond: (ofPlain * plain.seconds) / (ofAntithetic * reference.seconds),
      leverageBySecond: (ofPlain * plain.seconds) / (ofLeverage * (sums.evaluating + sums.fitting)),
      coverage: sums.covered,
      evaluating: sums.evaluating,
      fitting: sums.fitting,
    });
  }
  return rows;
}

/** Some outputs of a game, evaluated without its walk, with its gates. */
function viewOf(game: Game, outputs: readonly number[], evaluated: () => void): Game {
  const all = outputSize(game.outputShape);
  const whole = outputs.length === all;
  return {
    units: game.units,
    outputShape: [outputs.length],
    ...(whole && game.gates ? { gates: game.gates } : {}),
    async evaluate(coalitions: Coalitions, signal?: AbortSignal) {
      const values = await game.evaluate(coalitions, signal);
      const own = new Float64Array(coalitions.count * outputs.length);
      for (let c = 0; c < coalitions.count; c++) {
        for (let i = 0; i < outputs.length; i++) own[c * outputs.length + i] = values[c * all + outputs[i]];
      }
      evaluated();
      return own;
    },
  };
}

/** Heads of the columns of {@link convergenceRow}. */
export const convergenceHead =
  "network, score                evaluations  antithetic  leverage  aim  by second: antithetic  leverage  within 2 errors  evaluating  fitting";

/** A line of a table. */
export function convergenceRow(row: Convergence): string {
  return [
    row.name.padEnd(30) + String(row.evaluations).padEnd(13),
    row.antithetic.toFixed(1).padEnd(12) + row.leverage.toFixed(1).padEnd(10) + String(row.aim ?? "-").padEnd(5),
    short(row.antitheticBySecond).padEnd(23) + short(row.leverageBySecond).padEnd(10),
    `${row.coverage.toFixed(3).padEnd(17)}${`${short(row.evaluating)} s`.padEnd(12)}${short(row.fitting)} s`,
  ].join("");
}
