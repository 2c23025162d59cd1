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
 * Measures `leverage` on parts of a game's outputs against a long run of antithetic orderings, whose own variance is
 * taken out. The variances of orderings follow from their standard errors.
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
  const all = outputSize(game.outputShape);
  const sums = views.map(() => ({ squares: 0, covered: 0, evaluating: 0, fitting: 0 }));
  for (let seed = 1; seed <= seeds; seed++) {
    const recorded: Recorded = { batches: [], seconds: 0 };
    for (const [v, { outputs = everyOutput(game) }] of views.entries()) {
      const start = performance.now();
      const before = recorded.seconds;
      const modes = await shapley(viewOf(game, outputs, recorded), {
        estimator: "leverage",
        evaluations,
        seed,
        signal,
      });
      const seconds = (performance.now() - start) / 1000 - (recorded.seconds - before);
      sums[v].fitting += seconds / seeds;
      sums[v].evaluating += recorded.seconds / seeds;
      modes.values.forEach((value, i) => {
        const place = Math.floor(i / outputs.length) * all + outputs[i % outputs.length];
        const error = value - reference.modes.values[place];
        const [own, others] = [modes, reference.modes].map(({ standardErrors }) => standardErrors as Float64Array);
        sums[v].squares += error ** 2 / seeds;
        // Rounding for values that both know without error.
        const bound = 2 * Math.hypot(own[i], others[place]) + 1e-12;
        sums[v].covered += Math.abs(error) <= bound ? 1 / (seeds * modes.values.length) : 0;
      });
    }
  }
  return views.map((view, v): Convergence => {
    const chosen = new Set(view.outputs ?? everyOutput(game));
    const squaresOf = ({ standardErrors }: ShapleyModes) =>
      (standardErrors as Float64Array).reduce((sum, error, i) => sum + (chosen.has(i % all) ? error ** 2 : 0), 0);
    const { squares, covered, evaluating, fitting } = sums[v];
    const ofReference = squaresOf(reference.modes);
    const ofPlain = (squaresOf(plain.modes) * plain.played) / count;
    const ofAntithetic = (ofReference * orderings) / count;
    const ofLeverage = squares - ofReference;
    return {
      name: view.name,
      evaluations,
      antithetic: ofPlain / ofAntithetic,
      leverage: ofPlain / ofLeverage,
      aim: view.aim ?? null,
      antitheticBySecond: (ofPlain * plain.seconds) / (ofAntithetic * reference.seconds),
      leverageBySecond: (ofPlain * plain.seconds) / (ofLeverage * (evaluating + fitting)),
      coverage: covered,
      evaluating,
      fitting,
    };
  });
}

function everyOutput(game: Game): number[] {
  return Array.from({ length: outputSize(game.outputShape) }, (_, o) => o);
}

/** What a game said to the coalitions of one run, which are the same for all parts of its outputs. */
interface Recorded {
  readonly batches: Float64Array[];
  /** Seconds that it took. */
  seconds: number;
}

/** Some outputs of a game, evaluated without its walk, with its gates where they are all of them. */
function viewOf(game: Game, outputs: readonly number[], recorded: Recorded): Game {
  const all = outputSize(game.outputShape);
  const whole = outputs.length === all;
  let batch = 0;
  return {
    units: game.units,
    outputShape: [outputs.length],
    ...(whole && game.gates ? { gates: game.gates } : {}),
    async evaluate(coalitions: Coalitions, signal?: AbortSignal) {
      let values = recorded.batches[batch];
      if (!values) {
        const start = performance.now();
        values = Float64Array.from(await game.evaluate(coalitions, signal));
        recorded.seconds += (performance.now() - start) / 1000;
        if (whole) return values;
        recorded.batches[batch] = values;
      }
      batch++;
      const own = new Float64Array(coalitions.count * outputs.length);
      for (let c = 0; c < coalitions.count; c++) {
        for (let i = 0; i < outputs.length; i++) own[c * outputs.length + i] = values[c * all + outputs[i]];
      }
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
