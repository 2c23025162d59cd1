import type { Ends, Plan, Request } from "../../estimators/estimator.js";
import type { EstimatorName } from "../../estimators/registry.js";
import type { Game } from "../../games/game.js";
import { type ChunksOptions, chunksHere } from "../runs/chunks-here.js";
import type { ChunkWork, GameWork } from "./chunk-worker.js";
import { chunksInThreads } from "./chunks.js";

/** What is said where a game stays in the first thread. */
export const closureRemark =
  "one worker is used: this game is a closure, or of a model in memory, which can not be sent to worker threads " +
  "(gameFromSpec makes a game that can, from a function in a module)";

/** What is said where evaluations of a game can not be under way together. */
export const concurrencyRemark =
  "evaluations are made one after another: concurrency is for games of functions that return promises, and this one computes by itself";

/** What is played: a game, by an estimator. */
export interface Playing {
  readonly game: Game;
  readonly units: readonly string[];
  /** Undefined for an estimator of one's own, which no thread can be given. */
  readonly estimator: EstimatorName | undefined;
  readonly request: Request;
  readonly ends: Ends;
}

/**
 * Plays chunks of a plan, in this thread or in several: what runs do, whether their sums are merged at once (`shapley`)
 * or kept in files (jobs). The sums have the same bits for any number of workers; a game or an estimator that can not
 * be sent stays in this thread.
 */
export async function playInThreads(
  plan: Plan,
  { game, units, estimator, request, ends }: Playing,
  workers: number,
  options: ChunksOptions,
): Promise<void> {
  const again = workers > 1 ? gameWork(game, units, request, ends) : undefined;
  if (!again || !estimator) return chunksHere(plan, game, ends, options);
  const work: ChunkWork = { ...again, estimator, request };
  return chunksInThreads(plan, work, game.forThreads && game, workers, options);
}

/** What makes a game again in other threads, once it has been played; undefined for one that can not be sent. */
export function gameWork(
  game: Game,
  units: readonly string[],
  request: GameWork["request"],
  ends: Ends,
): GameWork | undefined {
  // Only once it has been played does a game know for certain what computes it.
  const spec = game.forThreads?.() ?? game.spec;
  if (!spec) return undefined;
  return {
    request,
    ends,
    game: spec,
    units,
    outputShape: game.outputShape,
    walks: game.walk !== undefined,
    backend: game.provenance?.tensor_backend,
  };
}
