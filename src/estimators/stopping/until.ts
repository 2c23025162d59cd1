import { invalid, positiveInteger, wrongKind } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";

/**
 * When a run is to stop: once all rules of accuracy hold, or a budget is used up, whichever comes first. They are
 * looked at after numbers of orderings, or of pairs of coalitions, that grow by a quarter or a half and depend on
 * nothing but the request, so that the same seed stops at the same place whatever the number of workers, and after an
 * interruption. At least one rule or budget; `orderings` or `evaluations` beside `until` are a budget too.
 */
export interface Until {
  /** Largest standard error of any number of any mode, in the unit of v. A positive number. */
  readonly standardError?: number;
  /**
   * Largest standard error of a unit's contribution averaged over the outputs: of what bars and rankings show. A
   * positive number.
   */
  readonly meanStandardError?: number;
  /**
   * Largest, over the outputs, of the ratio of the largest standard error of an output to the largest absolute
   * contribution to it. It is not taken value by value: a contribution of exactly 0 blocks nothing. A positive number.
   */
  readonly relativeError?: number;
  /**
   * Rank correlation (Spearman) to be expected between this ranking of the units, by absolute contribution averaged
   * over the outputs, and that of another run of the same size: the correlation r of the rankings of two halves of the
   * run, stepped up to its whole, 2r / (1 + r) (Spearman and Brown 1910). Above 0, below 1.
   */
  readonly rankStability?: number;
  /**
   * How many units, those of largest absolute contribution averaged over the outputs, are to be told apart from the
   * rest: the intervals of all of them lie above those of all others. A positive integer below the number of units.
   */
  readonly top?: number;
  /**
   * Confidence of `top`: that none of the first units belongs to the rest, whenever the run stops. Default 0.95; above
   * 0.5, below 1.
   */
  readonly confidence?: number;
  /**
   * For `top`: a difference of contributions, in the unit of v, that does not matter, so that equal units need not be
   * told apart. Default 0.
   */
  readonly indifference?: number;
  /** Seconds that this call may take; the chunk that is being played is ended. A positive number. */
  readonly seconds?: number;
  /** Evaluations of v, as the option `evaluations`. A positive integer. */
  readonly evaluations?: number;
}

/** Rules of accuracy: what has to hold. */
export const accuracyRules: readonly AccuracyRule[] = [
  "standardError",
  "meanStandardError",
  "relativeError",
  "rankStability",
  "top",
];

/** Name of a rule of accuracy. */
export type AccuracyRule = "standardError" | "meanStandardError" | "relativeError" | "rankStability" | "top";

/** The names of `Until`. */
export const untilNames: OptionNames<Until> = {
  standardError: true,
  meanStandardError: true,
  relativeError: true,
  rankStability: true,
  top: true,
  confidence: true,
  indifference: true,
  seconds: true,
  evaluations: true,
};

/** The rules of accuracy that were asked for. */
export function rulesOf(until: Until): AccuracyRule[] {
  return accuracyRules.filter((rule) => until[rule] !== undefined);
}

/**
 * @param units of the game
 * @throws TypeError for what is no object; RangeError for a rule that there is not, one that can not hold, and for none
 *   at all
 */
export function checkedUntil(until: Until, units: number): Until {
  knownOptions("until", until, untilNames);
  const given = Object.entries(until).filter(([, value]) => value !== undefined);
  const wanted: Until = Object.fromEntries(given);
  for (const name of ["standardError", "meanStandardError", "relativeError", "seconds"] as const) {
    within(name, wanted[name], "a positive number", (value) => value > 0 && value < Number.POSITIVE_INFINITY);
  }
  within("rankStability", wanted.rankStability, "a number above 0 and below 1", (value) => value > 0 && value < 1);
  within("confidence", wanted.confidence, "a number above 0.5 and below 1", (value) => value > 0.5 && value < 1);
  within("indifference", wanted.indifference, "a number of 0 or more", (value) => value >= 0 && value < Infinity);
  if (wanted.top !== undefined) {
    const top = positiveInteger("top of until", wanted.top);
    if (top >= units) throw invalid("top of until", `fewer than the ${units} units of the game`, top);
  }
  if (wanted.evaluations !== undefined) positiveInteger("evaluations of until", wanted.evaluations);
  for (const name of ["confidence", "indifference"] as const) {
    if (wanted[name] !== undefined && wanted.top === undefined) {
      throw invalid(`${name} of until`, "none without top, which it belongs to", wanted[name]);
    }
  }
  if (given.length === 0) {
    throw invalid("until", `at least one of ${[...accuracyRules, "seconds", "evaluations"].join(", ")}`, until);
  }
  return wanted;
}

function within(name: string, value: unknown, rule: string, holds: (value: number) => boolean): void {
  if (value === undefined) return;
  if (typeof value !== "number") throw wrongKind(`${name} of until`, rule, value);
  if (!holds(value)) throw invalid(`${name} of until`, rule, value);
}
