import { invalid, notNegative, positiveInteger, validSeed, wrongKind } from "../../errors.js";
import { chosenEstimator, nameOf, planOf } from "../../estimators/chosen-estimator.js";
import type { Estimator, Plan, Request } from "../../estimators/estimator.js";
import { gatesOf } from "../../estimators/gates.js";
import type { EstimatorName } from "../../estimators/registry.js";
import { checkedUntil, type Until } from "../../estimators/stopping/until.js";
import { allGated, type Game, outputSize, unitNames } from "../../games/game.js";
import type { RunOptions } from "./run-options.js";

/**
 * What is to be computed, as it is asked for: see `ShapleyOptions`. "auto" is nothing to compute yet: `withEstimator`
 * puts another in its place.
 */
export interface Wanted {
  readonly estimator?: EstimatorName | "auto" | Estimator;
  readonly orderings?: number | undefined;
  readonly evaluations?: number;
  readonly until?: Until;
  readonly seed?: number;
  readonly blocks?: number;
  readonly memory?: number;
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
  /** Rules that may end it before its plan does, checked. */
  readonly until: Until | undefined;
}

/** Orderings at most, where a stopping rule is given and no budget. */
const mostOrderings = 10_000;
/** The same for an estimator of evaluations, for each unit: it needs several times fewer. */
const mostEvaluationsPerUnit = 1000;

/** @throws TypeError for a game that is none */
export function checkGame(game: Game): void {
  if (typeof game?.evaluate !== "function") throw wrongKind("game", "a game, as gameFrom makes one", game);
}

/** @throws RangeError, TypeError for a game that is none, options out of range, and what the estimator can not do */
export function settingsOf(game: Game, options: Wanted): Settings {
  checkGame(game);
  checkKinds(options);
  const estimator = chosenEstimator(options.estimator === undefined ? "permutation" : options.estimator);
  const seed = validSeed(options.seed ?? 1);
  const workers = positiveInteger("workers", options.workers ?? 1);
  const units = unitNames(game.units);
  const outputs = outputSize(game.outputShape);
  if (outputs === 0) throw invalid("output shape", "at least one number", [...game.outputShape]);
  gatesOf(game);
  const until = options.until === undefined ? undefined : checkedUntil(options.until, units.length);
  if (until) checkEstimator(until, estimator);
  const { orderings, evaluations } = budgetOf(options, until, estimator, units.length);
  const request: Request = {
    units: units.length,
    outputs,
    wholeOutputs: game.wholeOutputs,
    coalitionsAtOnce: game.coalitionsAtOnce,
    // Where pairs are drawn in stages, gates are played as any other unit.
    allGated: until === undefined && allGated(game),
    orderings: orderings ?? 1,
    evaluations,
    seed,
    staged: until !== undefined,
    ...(options.memory !== undefined && { memory: positiveBytes("memory", options.memory) }),
    blocks: options.blocks === undefined ? undefined : checkedBlocks(options.blocks, estimator),
  };
  const played =
    evaluations === undefined ? request : withinEvaluations(estimator, request, evaluations, orderings, game);
  const plan = planOf(estimator, played, game);
  if (played.blocks !== undefined && played.blocks > plan.chunks) {
    throw invalid(
      "blocks",
      `at most one for each chunk of orderings, ${plan.chunks} (more orderings are more)`,
      played.blocks,
    );
  }
  return { estimator, request: played, workers, units, plan, until };
}

/**
 * How many evaluations may be under way at once, and for how long nothing is saved, in seconds.
 *
 * @throws RangeError, TypeError for options that are out of range, and that do not go with others
 */
export function pacesOf(given: Pick<RunOptions, "concurrency" | "workers" | "checkpointSeconds">): {
  readonly concurrency: number;
  readonly checkpointSeconds: number;
} {
  const { workers = 1, checkpointSeconds: seconds } = given;
  const concurrency = positiveInteger("concurrency", given.concurrency ?? 1);
  if (concurrency > 1 && workers > 1) throw invalid("concurrency", "1 where there are several workers", concurrency);
  const checkpointSeconds = notNegative("checkpointSeconds", seconds ?? 5);
  return { concurrency, checkpointSeconds };
}

/** @throws RangeError, TypeError for what is no positive number */
export function positiveBytes(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongKind(name, "a positive number of bytes", value);
  if (!(value > 0)) throw invalid(name, "a positive number of bytes", value);
  return value;
}

/**
 * @throws RangeError for fewer than two blocks, and for an estimator whose estimate is no mean of independent samples
 */
function checkedBlocks(blocks: unknown, { name, budget }: Estimator): number {
  if (budget !== "orderings") {
    throw invalid("blocks", `none for ${name}, which plays no orderings (permutation and antithetic do)`, blocks);
  }
  if (positiveInteger("blocks", blocks) < 2) throw invalid("blocks", "at least 2", blocks);
  return blocks as number;
}

/** @throws RangeError for a rule that an estimator can not tell of */
function checkEstimator(until: Until, estimator: Estimator): void {
  const { unitOfIndependence, name } = estimator;
  if (until.seconds !== undefined && unitOfIndependence === "none") {
    throw invalid("seconds of until", `none for ${name}, whose sums mean nothing before the end`, until.seconds);
  }
  if (until.rankStability !== undefined && !nameOf(estimator)) {
    throw invalid(
      "rankStability of until",
      `none for ${name}: it takes an estimator of this package`,
      until.rankStability,
    );
  }
}

/** What is said of orderings that are asked for beside an estimator that plays none; undefined where there are none. */
export function orderingsRemark({ estimator, orderings }: Wanted): string | undefined {
  if (orderings === undefined || estimator === undefined || estimator === "auto") return undefined;
  const { budget, name } = chosenEstimator(estimator);
  return budget === "none" ? `orderings say nothing beside ${name}, which plays all coalitions` : undefined;
}

/** How much is to be done at most: orderings, evaluations, or the fewer of both. */
function budgetOf(
  { orderings, evaluations }: Wanted,
  until: Until | undefined,
  estimator: Estimator,
  units: number,
): { readonly orderings?: number; readonly evaluations?: number } {
  if (evaluations !== undefined) {
    if (orderings !== undefined) throw invalid("evaluations", "orderings or evaluations, not both", evaluations);
    if (until?.evaluations !== undefined) {
      throw invalid("evaluations", "one number of them, in until or beside it", evaluations);
    }
    return { evaluations: positiveInteger("evaluations", evaluations) };
  }
  const wanted = orderings === undefined ? undefined : positiveInteger("orderings", orderings);
  if (until?.evaluations !== undefined) return { evaluations: until.evaluations, ...(wanted && { orderings: wanted }) };
  if (wanted !== undefined) return { orderings: wanted };
  if (until === undefined) return { orderings: 1000 };
  return estimator.budget === "evaluations"
    ? { evaluations: mostEvaluationsPerUnit * units + 2 }
    : { orderings: mostOrderings };
}

/**
 * A request with as many orderings as so many evaluations are enough for, where orderings are the estimator's budget.
 *
 * @param most orderings, where their number is limited too
 * @throws RangeError where they are enough for none
 */
function withinEvaluations(
  estimator: Estimator,
  request: Request,
  evaluations: number,
  most: number | undefined,
  game: Game,
): Request {
  if (estimator.budget === "none") {
    const all = planOf(estimator, request, game).evaluations + 2;
    if (evaluations >= all) return request;
    throw invalid(
      "evaluations",
      `at least ${all} for the ${estimator.name} estimator, which plays all coalitions`,
      evaluations,
    );
  }
  if (estimator.budget !== "orderings") {
    const limit = most === undefined ? evaluations : Math.min(evaluations, most * request.units + 2);
    return { ...request, evaluations: limit };
  }
  const together = estimator.unitOfIndependence === "pair" ? 2 : 1;
  const least = planOf(estimator, { ...request, orderings: together }, game).evaluations;
  // A game of one unit, or of gates alone, has nothing between its ends: all orderings are alike, and two say that.
  const times =
    least > 0 ? Math.floor((evaluations - 2) / least) : evaluations < 2 ? 0 : Math.min(2, Math.max(1, evaluations - 2));
  const rule = `at least ${least + 2} for the ${estimator.name} estimator`;
  if (times < 1) throw invalid("evaluations", rule, evaluations);
  if (most !== undefined && most <= together * times) return { ...request, orderings: most, evaluations: undefined };
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
 * Bytes that the sums of a run take at its peak: those of all chunks so far, of the chunk that each worker plays, and,
 * with several workers, of as many that wait to be added. What the game itself needs comes on top.
 */
export function memoryOf(estimator: Estimator, request: Request, workers: number): number {
  const { sums, chunk, beside } = estimator.held(request);
  const arrays = sums + workers * (chunk + beside) + (workers > 1 ? workers * chunk : 0) + (request.blocks ?? 0);
  return arrays * request.units * request.outputs * Float64Array.BYTES_PER_ELEMENT;
}

/** Bytes that the sums of a run take in a temporary file. */
export function diskOf(estimator: Estimator, request: Request): number {
  const { disk = 0 } = estimator.held(request);
  return Math.round(disk * request.units * request.outputs) * Float64Array.BYTES_PER_ELEMENT;
}
