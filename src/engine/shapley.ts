import { allIntact, type Coalitions, noneIntact } from "../coalitions/coalition.js";
import { GameError, oneOf, positiveInteger, validSeed, wrongKind } from "../errors.js";
import type { Ends } from "../estimators/estimator.js";
import { type EstimatorName, estimators } from "../estimators/estimators.js";
import { evaluateFinite } from "../estimators/walk.js";
import { type Game, outputSize, unitNames } from "../games/game.js";
import { ShapleyModes } from "../modes/shapley-modes.js";
import { packageVersion } from "../package.js";
import { chunksHere, chunksInThreads } from "./chunks.js";
import { interruption } from "./interruption.js";
import { Meter, type Progress } from "./progress.js";
import { remarkOnce } from "./remark.js";

/** Options of {@link shapley}. */
export interface ShapleyOptions {
  /**
   * How Shapley values are computed; default "permutation", the paper's. "antithetic" plays each ordering forwards and
   * backwards; "exact" plays all 2^n coalitions, to 20 units.
   */
  readonly estimator?: EstimatorName;
  /** Orderings to play; default 1000, as in the paper; not used by "exact". A positive integer, even for "antithetic". */
  readonly orderings?: number;
  /** An integer from 0 to 2^32 - 1; default 1. Same seed, same bytes. */
  readonly seed?: number;
  /**
   * Threads that share the work, this one included where the game gives it regular pauses, as `mlpGame`'s does; default 1. The
   * result's bytes do not depend on it. A thread makes the game again, so the game must be one that can be sent: those of
   * MLPs and of networks from files can, and {@link gameFromSpec}'s; a closure is played here, and `onRemark` says so.
   */
  readonly workers?: number;
  /** Stops the computation within a moment once aborted. In a notebook, interrupting the cell does the same. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second and once at the end. */
  readonly onProgress?: (progress: Progress) => void;
  /** Gets what you should know but need not act on; default: stderr, each remark once in a process. */
  readonly onRemark?: (remark: string) => void;
}

/**
 * The Shapley Modes of a game: what each unit contributes to every number that the game returns.
 *
 * @throws RangeError or TypeError for options out of range, before any evaluation
 * @throws GameError where the game throws or returns NaN, infinity or another shape; names the coalition and the seed
 * @example
 * const game = await gameFrom(["a", "b", "c"], (intact) => intact.size ** 2);
 * const modes = await shapley(game, { orderings: 100, seed: 1 });
 * modes.unit("a").values[0]; // 3 on average
 */
export async function shapley(game: Game, options: ShapleyOptions = {}): Promise<ShapleyModes> {
  if (typeof game?.evaluate !== "function") throw wrongKind("game", "a game, as gameFrom makes one", game);
  const name = oneOf("estimator", Object.keys(estimators) as EstimatorName[], options.estimator ?? "permutation");
  const estimator = estimators[name];
  const orderings = positiveInteger("orderings", options.orderings ?? 1000);
  const seed = validSeed(options.seed ?? 1);
  const workers = positiveInteger("workers", options.workers ?? 1);
  const units = unitNames(game.units);
  const outputs = outputSize(game.outputShape);
  const request = { units: units.length, outputs, orderings, seed };
  const plan = estimator.plan(request, game);
  const spec = workers > 1 ? (game.forThreads?.() ?? game.spec) : undefined;
  if (workers > 1 && !spec) (options.onRemark ?? remarkOnce)(closureRemark);
  const signal = interruption(options.signal);
  const meter = new Meter(plan.evaluations + 2, options.onProgress);

  try {
    const ends: Ends = {
      none: await endOf(game, noneIntact(units.length), outputs, signal),
      all: await endOf(game, allIntact(units.length), outputs, signal),
    };
    meter.evaluated(2);
    const reporting = { signal, evaluated: meter.evaluated.bind(meter) };
    const walks = game.walk !== undefined;
    const work = spec && { estimator: name, request, ends, game: spec, units, outputShape: game.outputShape, walks };
    const sums = work
      ? await chunksInThreads(plan, work, game.forThreads && game, workers, reporting)
      : await chunksHere(plan, game, ends, reporting);
    meter.finish();
    const estimate = sums.estimate();
    return new ShapleyModes({
      ...estimate,
      units,
      outputShape: game.outputShape,
      vAll: ends.all,
      vNone: ends.none,
      provenance: {
        estimator: estimator.name,
        evaluations: meter.evaluations,
        game: game.provenance ?? null,
        orderings: estimator.unitOfIndependence === "none" ? null : orderings,
        seed: estimator.unitOfIndependence === "none" ? null : seed,
        standard_error_over: estimator.unitOfIndependence,
        version: packageVersion,
      },
    });
  } catch (error) {
    throw error instanceof GameError ? error.withSeed(seed) : error;
  }
}

const closureRemark =
  "one worker is used: this game is a closure, or of a model in memory, which can not be sent to worker threads " +
  "(gameFromSpec makes a game that can, from a function in a module)";

async function endOf(game: Game, coalition: Coalitions, outputs: number, signal: AbortSignal | undefined) {
  const values = await evaluateFinite(game, coalition, outputs, signal);
  return Float64Array.from(values);
}
