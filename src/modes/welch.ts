import { tFactor } from "./confidence.js";

/** Ends of Welch's interval of a difference, of 95 %. */
export function endsOfDifference(
  difference: number,
  errors: readonly (number | undefined)[],
  degrees: readonly number[],
) {
  const variances = errors.map((error = Number.NaN) => error * error);
  const variance = variances[0] + variances[1];
  if (variance === 0) return { low: difference, high: difference };
  const known = variances.reduce((sum, own, i) => sum + (own === 0 ? 0 : (own / variance) ** 2 / degrees[i]), 0);
  const half = Number.isNaN(variance) ? variance : tFactor(1 / known) * Math.sqrt(variance);
  return { low: difference - half, high: difference + half };
}

/** A difference in units of its standard error; 0 where both are rounding, NaN where an error is not known. */
export function inStandardErrors(difference: number, here = Number.NaN, there = Number.NaN, nothing = 0): number {
  const error = Math.sqrt(here * here + there * there);
  if (Number.isNaN(error)) return Number.NaN;
  return Math.abs(difference) <= nothing && error <= nothing ? 0 : difference / error;
}
