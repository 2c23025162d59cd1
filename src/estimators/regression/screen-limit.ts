import { tripleCount } from "./triple-places.js";

/**
 * Pairs from which on triples are tried, in all and for each unit: of fewer, their errors would be taken for smaller
 * than they are.
 */
const leastPairs = { all: 60, perUnit: 4 };

/** Most processor seconds that the screening of triples takes, of one core as in `screeningSeconds`. */
const mostSeconds = 30;

/** Most triples, whose scores are kept for each fold: 134 MB. */
const mostScored = 1 << 22;

/**
 * Processor seconds of screening all triples, roughly: something for each, and for each with every pair and output.
 * Calibrated on one core of a Xeon; the same number everywhere, since what is used depends on it.
 */
export function screeningSeconds(units: number, pairs: number, outputs: number): number {
  return tripleCount(units) * (1.2e-6 + 2.9e-11 * pairs * outputs);
}

/**
 * Why triples are not tried; undefined where they are: there have to be some, pairs enough to fit them, and not too
 * many to screen.
 */
export function triplesLeftOut(units: number, pairs: number, outputs: number): string | undefined {
  const count = tripleCount(units);
  const least = Math.max(leastPairs.all, leastPairs.perUnit * units);
  if (count > mostScored) return `${count} triples are too many to screen, of at most ${mostScored}`;
  if (count === 0 || pairs < least) return `${pairs} pairs, of at least ${least}`;
  const seconds = screeningSeconds(units, pairs, outputs);
  if (seconds <= mostSeconds) return undefined;
  return `${count} triples on ${pairs} pairs of ${outputs} outputs would take about ${Math.round(seconds)} s to screen, of at most ${mostSeconds}`;
}
