import { GameError } from "../errors.js";
import type { Game } from "../games/game.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import { remarkOnce } from "../remark.js";
import { Meter } from "./progress/progress.js";
import { withEstimator } from "./runs/auto.js";
import { chunksHere } from "./runs/chunks-here.js";
import { InterruptedError } from "./runs/interruption.js";
import { Run } from "./runs/run.js";
import { settingsOf } from "./runs/settings.js";
import { Stopping } from "./runs/stopping.js";
import type { ShapleyOptions } from "./shapley.js";

/**
 * Options of the `shapley` of "shapley-modes/core": those of {@link ShapleyOptions} that need no threads, files or
 * terminal.
 */
export type ShapleyHereOptions = Pick<
  ShapleyOptions,
  "estimator" | "orderings" | "evaluations" | "until" | "seed" | "blocks" | "signal" | "onProgress" | "onRemark"
>;

const shapleyHereOptionNames: OptionNames<ShapleyHereOptions> = {
  estimator: true,
  orderings: true,
  evaluations: true,
  until: true,
  seed: true,
  blocks: true,
  signal: true,
  onProgress: true,
  onRemark: true,
};

/**
 * The Shapley Modes of a game, played in this thread with nothing of Node, so in a browser as well: the same numbers as
 * those of the package's own `shapley`, which adds worker threads, resuming and progress bars. The page has its turn
 * every 40 ms.
 *
 * @throws RangeError or TypeError for options out of range, before any evaluation
 * @throws GameError where the game throws or returns NaN, infinity or another shape; names the coalition and the seed
 * @throws InterruptedError where the signal stopped it; its `partial` has the modes so far
 * @example
 * import { gameFrom, shapley } from "shapley-modes/core";
 * const modes = await shapley(await gameFrom(["a", "b", "c"], (intact) => intact.size ** 2), { orderings: 100 });
 */
export async function shapleyHere(game: Game, given: ShapleyHereOptions = {}): Promise<ShapleyModes> {
  knownOptions("shapley", given, shapleyHereOptionNames);
  const { options, provenance: said } = await withEstimator(game, given, () => given.signal);
  const { estimator, request, units, plan, until } = settingsOf(game, options);
  const { signal } = options;
  const run = new Run(game, units, estimator, request, plan, said);
  const { tally } = run;
  const meter = new Meter(plan.evaluations + 2, request, options.onProgress, undefined);
  const remark = options.onRemark ?? remarkOnce;
  const stopping = until && new Stopping(run, { until, remark, rate: () => meter.rate() });
  if (stopping) {
    run.stopping = stopping;
    meter.goals = () => stopping.goals();
  }
  try {
    signal?.throwIfAborted();
    const ends = await run.measureEnds(signal);
    meter.evaluated(2);
    await chunksHere(plan, game, ends, {
      from: 0,
      signal,
      evaluated: (count) => meter.evaluated(count, tally.sums),
      async done(sums) {
        stopping?.take(sums);
        const spare = tally.add(sums);
        await stopping?.look(signal);
        return spare;
      },
      enough: () => stopping?.enough ?? false,
    });
    await run.settle(signal);
    meter.finish(plan.extent(tally.chunks).evaluations + 2);
    return run.modes(remark);
  } catch (error) {
    if (signal?.aborted) {
      const partial = run.partial();
      const advice = partial ? "its partial has the modes so far" : "nothing of it can be used yet";
      throw new InterruptedError(run.progress(), advice, { partial, cause: error });
    }
    throw error instanceof GameError ? error.withSeed(request.seed) : error;
  } finally {
    run.release();
  }
}
