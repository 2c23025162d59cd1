import type { JsonObject } from "../json.js";
import { type Ends, lostIn } from "./lost-digits.js";

/**
 * Samples from which on errors of 0 are believed: where so many were alike, with a confidence of 95 % at most 5 in 100
 * others differ (rule of three, Hanley and Lippman-Hand 1983). Of 16 it may be one in six.
 */
export const tellingSamples = 60;

/**
 * Samples of 100 that may differ from so many which were all alike, with a confidence of 95 %: (1 - p)^samples = 0.05.
 */
export function othersInHundred(samples: number): number {
  return Math.ceil(100 * (1 - 0.05 ** (1 / samples)));
}

/**
 * Whether some contributions to an output that units change were the same in all samples, but for rounding.
 *
 * @param values `[units, outputs]`
 * @param errors their standard errors
 */
export function someAlike(values: Float64Array, errors: Float64Array, ends: Ends): boolean {
  const outputs = ends.all.length;
  for (let o = 0; o < outputs; o++) {
    let [most, least, largest] = [Math.abs(ends.all[o] - ends.none[o]), Number.POSITIVE_INFINITY, 0];
    for (let i = o; i < values.length; i += outputs) {
      largest = Math.max(largest, Math.abs(values[i]));
      most = Math.max(most, errors[i]);
      least = Math.min(least, errors[i]);
    }
    const lost = lostIn(ends, o, largest);
    // What no unit changes is the same in every sample.
    if (least <= lost && Math.max(most, largest) > lost) return true;
  }
  return false;
}

/**
 * Whether no sample saw any unit change any output: the game is constant, or changes where no sample went. (A single
 * output that nothing changes, beside others that units change, is taken for one that none does.)
 *
 * @param values `[units, outputs]`
 * @param errors their standard errors; NaN where nobody knows them, of which nothing is said
 */
export function nothingChanged(values: Float64Array, errors: Float64Array, ends: Ends): boolean {
  const outputs = ends.all.length;
  if (ends.all.some((value, o) => Math.abs(value - ends.none[o]) > lostIn(ends, o))) return false;
  return values.every((value, i) => Math.max(Math.abs(value), errors[i]) <= lostIn(ends, i % outputs));
}

/**
 * What a provenance says of a result of pairs of coalitions, of which fewer than {@link tellingSamples} beyond the
 * unknowns all said that nothing changes; nothing of others.
 *
 * @param pairs of coalitions
 * @param degrees pairs less unknowns
 */
export function nothingInPairs(
  values: Float64Array,
  errors: Float64Array,
  ends: Ends,
  pairs: number,
  degrees: number,
): JsonObject {
  if (!(degrees < tellingSamples) || !nothingChanged(values, errors, ends)) return {};
  const others = `up to ${othersInHundred(Math.max(1, degrees))} in 100 pairs that were not drawn may differ (95 % confidence)`;
  return {
    same_in_all: `all ${pairs} pairs of coalitions say that no unit changes anything, so standard errors are 0; but ${others}, and then the errors are larger`,
  };
}

/**
 * What a provenance says of errors of 0 of fewer than {@link tellingSamples} orderings, or pairs of them; nothing where
 * there are none.
 *
 * @param values `[units, outputs]`, or of sets of units
 * @param errors their standard errors; NaN where nobody knows them
 * @param over what a sample is
 * @param what the values are
 */
export function sameInAll(
  values: Float64Array,
  errors: Float64Array,
  ends: Ends,
  samples: number,
  over: "ordering" | "pair",
  what: "contributions" | "interactions" = "contributions",
): JsonObject {
  if (samples >= tellingSamples) return {};
  if (!someAlike(values, errors, ends) && !nothingChanged(values, errors, ends)) return {};
  const kind = over === "pair" ? "pairs of orderings" : "orderings";
  const others = `up to ${othersInHundred(samples)} in 100 that were not drawn may differ (95 % confidence), and then the errors are larger`;
  return {
    same_in_all: `some ${what} were the same in all ${samples} ${kind}, so their standard errors are 0; but ${others}`,
  };
}
