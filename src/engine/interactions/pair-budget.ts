import { allPairs } from "../../coalitions/complement-pairs.js";
import { evenUnknowns } from "../../estimators/interactions/even-design.js";
import { leastFreedom } from "../../estimators/interactions/even-regression.js";

/** Most units whose pairs are all unknowns of one regression: 4950 of them and 200 MB of sums. */
export const mostPairUnits = 100;
/** Pairs of coalitions for each unknown, unless a number of evaluations is given. */
const usualShare = 4;

/** Evaluations that all pairs of complements and the two ends are. */
export function mostForPairs(units: number): number {
  return 2 * allPairs(units) + 2;
}

/** Fewest evaluations that settle the interactions of all pairs of units, with something left to judge errors by. */
export function fewestForPairs(units: number): number {
  return Math.min(mostForPairs(units), 2 * (units + evenUnknowns(units) + leastFreedom) + 2);
}

/** Evaluations unless a number is given. */
export function usualForPairs(units: number): number {
  return Math.min(mostForPairs(units), 2 * (units + usualShare * evenUnknowns(units)) + 2);
}
