import { allIntact, type Coalitions, noneIntact } from "../coalitions/coalition.js";
import { GameError, oneOf, positiveInteger, validSeed, wrongKind } from "../errors.js";
import type { Accumulator, Ends, Plan } from "../estimators/estimator.js";
import { type EstimatorName, estimators } from "../estimators/estimators.js";
import { evaluateFinite } from "../estimators/walk.js";
import { type Game, outputSize, unitNames } from "../games/game.js";
import { ShapleyModes } from "../modes/shapley-modes.js";
import { packageVersion } from "../package.js";
import { interruption } from "./interruption.js";
import { Meter, type Progress } from "./progress.js";

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
  /** Stops the computation within a moment once aborted. In a notebook, interrupting the cell does the same. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second and once at the end. */
  readonly onProgress?: (progress: Progress) => void;
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
  const estimator =
    estimators[oneOf("estimator", Object.keys(estimators) as EstimatorName[], options.estimator ?? "permutation")];
  const orderings = positiveInteger("orderings", options.orderings ?? 1000);
  const seed = validSeed(options.seed ?? 1);
  const units = unitNames(game.units);
  const outputs = outputSize(game.outputShape);
  const plan = estimator.plan({ units: units.length, outputs, orderings, seed }, game);
  const signal = interruption(options.signal);
  const meter = new Meter(plan.evaluations + 2, options.onProgress);

  try {
    const ends: Ends = {
      none: await endOf(game, noneIntact(units.length), outputs, signal),
      all: await endOf(game, allIntact(units.length), outputs, signal),
    };
    meter.evaluated(2);
    const sums = await runChunks(plan, game, ends, signal, meter);
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

async function endOf(game: Game, coalition: Coalitions, outputs: number, signal: AbortSignal | undefined) {
  const values = await evaluateFinite(game, coalition, outputs, signal);
  return Float64Array.from(values);
}

async function runChunks(
  plan: Plan,
  game: Game,
  ends: Ends,
  signal: AbortSignal | undefined,
  meter: Meter,
): Promise<Accumulator> {
  let sums: Accumulator | undefined;
  for (let chunk = 0; chunk < plan.chunks; chunk++) {
    signal?.throwIfAborted();
    const part = await plan.runChunk(chunk, game, ends, {
      signal,
      evaluated: (count) => meter.evaluated(count, sums),
    });
    if (sums) sums.merge(part);
    else sums = part;
  }
  return sums as Accumulator;
}
