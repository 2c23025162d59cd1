import { oneOf, positiveInteger, validSeed, wrongKind } from "../errors.js";
import type { Estimator, Plan, Request } from "../estimators/estimator.js";
import { type EstimatorName, estimators } from "../estimators/estimators.js";
import { type Game, outputSize, unitNames } from "../games/game.js";

/** What is to be computed, as it is asked for: see `ShapleyOptions`. */
export interface Wanted {
  readonly estimator?: EstimatorName;
  readonly orderings?: number;
  readonly seed?: number;
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly progress?: unknown;
  readonly onProgress?: unknown;
  readonly onRemark?: unknown;
}

/** What is to be computed, checked. */
export interface Settings {
  readonly estimator: Estimator;
  readonly request: Request;
  readonly workers: number;
  readonly units: readonly string[];
  readonly plan: Plan;
}

/** @throws RangeError, TypeError for a game that is none, options out of range, and what the estimator can not do */
export function settingsOf(game: Game, options: Wanted): Settings {
  if (typeof game?.evaluate !== "function") throw wrongKind("game", "a game, as gameFrom makes one", game);
  checkKinds(options);
  const name = oneOf("estimator", Object.keys(estimators) as EstimatorName[], options.estimator ?? "permutation");
  const estimator = estimators[name];
  const orderings = positiveInteger("orderings", options.orderings ?? 1000);
  const seed = validSeed(options.seed ?? 1);
  const workers = positiveInteger("workers", options.workers ?? 1);
  const units = unitNames(game.units);
  const outputs = outputSize(game.outputShape);
  const request = { units: units.length, outputs, wholeOutputs: game.wholeOutputs, orderings, seed };
  return { estimator, request, workers, units, plan: estimator.plan(request, game) };
}

/** Options that are no numbers are of their kind, before anything is computed. */
function checkKinds({ signal, progress, onProgress, onRemark }: Wanted): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongKind("signal", "an AbortSignal", signal);
  for (const [name, value] of Object.entries({ onProgress, onRemark })) {
    if (value !== undefined && typeof value !== "function") throw wrongKind(name, "a function", value);
  }
  if (progress !== undefined && typeof progress !== "boolean" && (progress === null || typeof progress !== "object")) {
    throw wrongKind("progress", "true, false or an object", progress);
  }
}

/**
 * Bytes that the sums of a run take at its peak: those of all chunks so far, of the chunk that each worker plays, and, with several
 * workers, of as many that wait to be added. What the game itself needs comes on top.
 */
export function memoryOf({ held }: Estimator, { units, outputs }: Request, workers: number): number {
  const arrays = held.sums + workers * (held.sums + held.beside) + (workers > 1 ? workers * held.sums : 0);
  return arrays * units * outputs * Float64Array.BYTES_PER_ELEMENT;
}

/** `1.4 GB`, `210 MB`. */
export function sizeText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}
