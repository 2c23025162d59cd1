import type { JsonObject } from "../json.js";
import { normalQuantile, studentFactor } from "../quantiles.js";

/** Orderings in one independent sample, by what standard errors are over. */
const orderingsPerSample: Readonly<Record<string, number>> = { ordering: 1, pair: 2 };

/**
 * Degrees of freedom of a result's standard errors: its independent samples less one, or of a regression (`leverage`)
 * its pairs less the unknowns, which it says as `degrees_of_freedom`, which is also what intervals of a tidy CSV file
 * say. Infinite where their number is not known: intervals are then of a normal distribution.
 */
export function degreesOfFreedom(provenance: JsonObject): number {
  const { orderings, runs, patients, standard_error_over: over, degrees_of_freedom: said } = provenance;
  if (over === "run" && typeof runs === "number") return runs - 1;
  if (over === "patient" && typeof patients === "number") return patients - 1;
  if ((over === undefined || (over === "pair" && orderings === null)) && typeof said === "number") return said;
  const each = typeof over === "string" ? orderingsPerSample[over] : undefined;
  return each !== undefined && typeof orderings === "number" ? orderings / each - 1 : Number.POSITIVE_INFINITY;
}

/**
 * How many standard errors a confidence interval of a result is long, on either side: Student's t.
 *
 * @param outside what intervals leave out: 0.05 for 95 %
 */
export function intervalFactor(provenance: JsonObject, outside = 0.05): number {
  return tFactor(degreesOfFreedom(provenance), outside);
}

/** The same for so many degrees of freedom: NaN for fewer than one. */
export function tFactor(degrees: number, outside = 0.05): number {
  if (degrees === Number.POSITIVE_INFINITY) return normalQuantile(1 - outside / 2);
  return degrees >= 1 ? studentFactor(outside, degrees) : Number.NaN;
}

/**
 * The degrees of freedom of an interval that is so many standard errors long on either side; undefined for that of a
 * normal distribution, and for what is none.
 *
 * @param factor as {@link tFactor} gives it
 */
export function degreesOfFactor(factor: number, outside = 0.05): number | undefined {
  const [least, normal] = [tFactor(1, outside), tFactor(Number.POSITIVE_INFINITY, outside)];
  if (!(factor > normal * (1 + 1e-9) && factor <= least * (1 + 1e-9))) return undefined;
  let [low, high] = [1, 2];
  while (tFactor(high, outside) > factor) [low, high] = [high, 2 * high];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (tFactor(middle, outside) > factor) low = middle;
    else high = middle;
  }
  const whole = Math.round(high);
  return Math.abs(tFactor(whole, outside) - factor) <= 1e-9 * factor ? whole : high;
}
