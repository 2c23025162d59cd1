import { coalitionsOf } from "../../coalitions/coalition.js";
import { randomOrdering, randomStream } from "../../coalitions/random.js";
import { duration } from "../../engine/progress-text.js";
import { sizeText } from "../../engine/settings.js";
import { planToDisk } from "../../engine/shapley-to-disk.js";
import type { Game } from "../../games/game.js";
import { partOf } from "../../games/part.js";
import type { GanSettings } from "./settings.js";

/** What playing the game of the experiment costs. */
export interface GanCost {
  readonly units: number;
  readonly evaluations: number;
  /** Seconds with one thread here, at most: measured on a few coalitions, without what walking an ordering saves. */
  readonly seconds: number;
  /** Bytes that the sums take, beside the network. */
  readonly memory: number;
  readonly disk: number;
}

/** Shares of the units that are intact in the coalitions that are timed: the midpoints of three equal parts. */
const shares = [1 / 6, 1 / 2, 5 / 6];

/**
 * What playing the game of a profile costs on this machine: three coalitions of one image are timed.
 *
 * @param game see `ganGame`
 */
export async function ganCost(game: Game, { faces, orderings }: GanSettings): Promise<GanCost> {
  const one = partOf(game, 0, 1);
  const { units } = game;
  const ordering = randomOrdering(randomStream(1), units.length);
  const coalitions = shares.map((share) =>
    coalitionsOf(units.length, [ordering.subarray(0, Math.round(share * units.length))]),
  );
  await one.evaluate(coalitions[0]);
  const start = performance.now();
  for (const coalition of coalitions) await one.evaluate(coalition);
  const perEvaluation = (performance.now() - start) / 1000 / coalitions.length;
  const { evaluations, parts, memory, disk } = planToDisk(game, { estimator: "antithetic", orderings });
  return {
    units: units.length,
    evaluations: evaluations * parts,
    seconds: perEvaluation * faces * units.length * orderings,
    memory,
    disk,
  };
}

/** The cost in words. */
export function ganCostText(cost: GanCost, { faces, orderings }: GanSettings): string {
  const { units, seconds, memory, disk } = cost;
  return (
    `${orderings} orderings of ${units} filters for ${faces} images: at most ${duration(seconds)} of one thread here, ` +
    `${sizeText(memory)} of memory beside the network, ${sizeText(disk)} on disk. ` +
    "It can be stopped, and goes on where it was."
  );
}
