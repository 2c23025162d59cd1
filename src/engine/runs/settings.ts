import { invalid, positiveInteger, validSeed, wrongKind } from "../../errors.js";
import { chosenEstimator, planOf } from "../../estimators/chosen-estimator.js";
import type { Estimator, Plan, Request } from "../../estimators/estimator.js";
import type { EstimatorName } from "../../estimators/registry.js";
import { allGated, type Game, outputSize, unitNames } from "../../games/game.js";

/** What is to be computed, as it is asked for: see `ShapleyOptions`. "auto" is nothing to compute yet: `withEstimator` puts another in its place. */
export interface Wanted {
  readonly estimator?: EstimatorName | "auto" | Estimator;
  readonly orderings?: number;
  readonly evaluations?: number;
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
  const estimator = chosenEstimator(options.estimator ?? "permutation");
  const seed = validSeed(options.seed ?? 1);
  const workers = positiveInteger("workers", options.workers ?? 1);
  const units = unitNames(game.units);
  const outputs = outputSize(game.outputShape);
  const { orderings, evaluations } = budgetOf(options);
  const whole = { wholeOutputs: game.wholeOutputs, allGated: allGated(game) };
  const request = { units: units.length, outputs, ...whole, orderings, evaluations, seed };
  const played = evaluations === undefined ? request : withinEvaluations(estimator, request, evaluations, game);
  return { estimator, request: played, workers, units, plan: planOf(estimator, played, game) };
}

function budgetOf({ orderings, evaluations }: Wanted): Pick<Request, "orderings" | "evaluations"> {
  if (evaluations === undefined) return { orderings: positiveInteger("orderings", orderings ?? 1000) };
  if (orderings !== undefined) throw invalid("evaluations", "orderings or evaluations, not both", evaluations);
  return { orderings: 1, evaluations: positiveInteger("evaluations", evaluations) };
}

/**
 * A request with as many orderings as so many evaluations are enough for, where orderings are the estimator's budget.
 *
 * @throws RangeError where they are enough for none
 */
function withinEvaluations(estimator: Estimator, request: Request, evaluations: number, game: Game): Request {
  if (estimator.budget !== "orderings") return request;
  const together = estimator.unitOfIndependence === "pair" ? 2 : 1;
  const least = planOf(estimator, { ...request, orderings: together }, game).evaluations;
  const times = Math.floor((evaluations - 2) / Math.max(1, least));
  const rule = `at least ${least + 2} for the ${estimator.name} estimator`;
  if (times < 1) throw invalid("evaluations", rule, evaluations);
  return { ...request, orderings: together * times };
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
export function memoryOf(estimator: Estimator, request: Request, workers: number): number {
  const { sums, chunk, beside } = estimator.held(request);
  const arrays = sums + workers * (chunk + beside) + (workers > 1 ? workers * chunk : 0);
  return arrays * request.units * request.outputs * Float64Array.BYTES_PER_ELEMENT;
}
