import { randomStream } from "../../coalitions/random-streams.js";
import { subsetsOfSize } from "../../coalitions/subsets.js";
import { invalid } from "../../errors.js";
import { type Draw, type DrawnIndex, derivativeOf, drawDerivatives } from "../../estimators/interactions/draws.js";
import { mostExactNumbers as mostNumbers } from "../../estimators/interactions/exact.js";
import { Moments } from "../../estimators/moments.js";
import { thousands } from "../../words.js";
import { type Played, type Playing, playTasks } from "./playing.js";
import type { InteractionsRequest } from "./settings.js";

/** Draws of orderings and their reverse, one after the other. */
export interface Draws {
  readonly sets: readonly (readonly number[])[];
  readonly first: Draw;
  next(): Draw;
}

/** The first draw, before anything is evaluated. @throws RangeError where the evaluations are too few for two */
export function firstDraw({ units, order, subsets, index, evaluations, seed, outputs }: InteractionsRequest): Draws {
  const sets = subsets ?? [...subsetsOfSize(units.length, order)];
  const random = randomStream(seed);
  const next = () => drawDerivatives(random, units.length, sets, index as DrawnIndex);
  const first = next();
  const each = first.coalitions.count;
  if (each * outputs > mostNumbers) {
    const most = thousands(Math.floor(mostNumbers / each));
    const rule = `at most ${most} for the ${thousands(each)} coalitions of an ordering to be kept; fewer subsets need fewer`;
    throw invalid("outputs", rule, outputs);
  }
  // Another draw may have up to twice as many coalitions as this one, since sets share them by chance.
  if (evaluations !== undefined && evaluations < 4 * each + 2) {
    const rule = `at least ${thousands(4 * each + 2)} for the interactions of ${thousands(sets.length)} subsets, so that there are two draws to have an error of`;
    throw invalid("evaluations", rule, evaluations);
  }
  return { sets, first, next };
}

/**
 * Means of derivatives over random orderings, each with its reverse, until the budget is spent; and how many orderings
 * that were.
 */
export async function playWalks(
  { outputs, orderings, evaluations }: InteractionsRequest,
  { sets, first, next }: Draws,
  playing: Playing,
): Promise<Played & { readonly orderings: number; readonly evaluations: number }> {
  let moments = new Moments(sets.length, outputs);
  const derivative = new Float64Array(outputs);
  /** Draws whose coalitions are being played, in their order. */
  const waiting: Draw[] = [];
  let spent = 0;
  function* tasks() {
    let drawn = 0;
    for (let draw = first; ; draw = next()) {
      const { count } = draw.coalitions;
      if (evaluations === undefined ? 2 * drawn >= orderings : spent + count > evaluations - 2) return;
      spent += count;
      drawn++;
      waiting.push(draw);
      yield draw.coalitions;
    }
  }
  await playTasks(
    playing,
    tasks(),
    (values) => {
      moments.begin();
      (waiting.shift() as Draw).rows.forEach((rows, set) => {
        derivativeOf(rows, values, outputs, derivative);
        moments.add(set, derivative, 0);
      });
    },
    {
      pack: () => [moments.pack()],
      restore: (numbers) => {
        moments = new Moments(sets.length, outputs, numbers);
      },
      skipped: () => waiting.shift(),
    },
  );
  const { values, standardErrors, meanStandardErrors } = moments.estimate(true);
  return {
    subsets: sets,
    values,
    standardErrors,
    meanStandardErrors,
    orderings: 2 * moments.count,
    evaluations: spent,
  };
}
