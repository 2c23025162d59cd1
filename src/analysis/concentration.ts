import { wrongKind } from "../errors.js";
import { has } from "../kinds.js";

/**
 * Index of distributed computation: the entropy of squared contributions, 0 where one unit does everything, 1 where all
 * units contribute alike (arXiv 2506.19732, "regularisation"): s = c^2, p = s / sum(s), M = -sum p ln p / ln N. Shares
 * of 0 count as 1e-10, as in the published code; 0 where all contributions are 0. For one unit 0.
 *
 * @param contributions one number per unit, e.g. averaged over the outputs
 */
export function indexOfDistributedComputation(contributions: ArrayLike<number>): number {
  has("contributions", contributions, "an array of numbers");
  const c = finiteNumbers(contributions);
  const sum = c.reduce((total, value) => total + value * value, 0);
  if (sum === 0 || c.length === 1) return 0;
  const entropy = c.reduce((total, value) => {
    const share = (value * value) / sum || 1e-10;
    return total - share * Math.log(share);
  }, 0);
  return entropy / Math.log(c.length);
}

/**
 * msapy's "distribution of processing": 1 - sd(c / sum |c|) / sqrt((N - 1) / N^2) with the population standard
 * deviation; 1 where all units contribute alike, 0 where one does everything. 0 where all contributions are 0 or there
 * is one unit.
 */
export function distributionOfProcessing(contributions: ArrayLike<number>): number {
  has("contributions", contributions, "an array of numbers");
  const c = finiteNumbers(contributions);
  const n = c.length;
  const sum = c.reduce((total, value) => total + Math.abs(value), 0);
  if (sum === 0 || n === 1) return 0;
  const shares = c.map((value) => value / sum);
  const mean = shares.reduce((total, value) => total + value, 0) / n;
  const variance = shares.reduce((total, value) => total + (value - mean) ** 2, 0) / n;
  return 1 - Math.sqrt(variance) / (Math.sqrt(n - 1) / n);
}

/**
 * Gini's coefficient of the absolute contributions (Gini 1912): half of their mean absolute difference over their mean.
 * 0 where all units contribute alike, 1 - 1 / N where one does everything. 0 where all contributions are 0.
 *
 * @param contributions one number per unit
 */
export function gini(contributions: ArrayLike<number>): number {
  has("contributions", contributions, "an array of numbers");
  const sorted = Float64Array.from(finiteNumbers(contributions), Math.abs).sort();
  const sum = sorted.reduce((total, value) => total + value, 0);
  if (sum === 0) return 0;
  const n = sorted.length;
  return sorted.reduce((total, value, rank) => total + (2 * rank + 1 - n) * value, 0) / (n * sum);
}

/**
 * Participation ratio of the squared contributions: how many units take part, 1 / sum p^2 with the shares p = c^2 / sum
 * c^2 of the index of distributed computation (the inverse of Simpson's and Herfindahl's index). 1 where one unit does
 * everything, N where all contribute alike; 0 where all contributions are 0.
 *
 * @param contributions one number per unit
 */
export function participationRatio(contributions: ArrayLike<number>): number {
  has("contributions", contributions, "an array of numbers");
  const c = finiteNumbers(contributions);
  const largest = c.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return 0;
  const squares = c.map((value) => (value / largest) ** 2); // of numbers as small as there are too
  const sum = squares.reduce((total, square) => total + square, 0);
  return (sum * sum) / squares.reduce((total, square) => total + square * square, 0);
}

function finiteNumbers(contributions: ArrayLike<number>): number[] {
  const numbers = Array.from(contributions);
  if (numbers.length === 0 || !numbers.every(Number.isFinite)) {
    throw wrongKind("contributions", "one finite number per unit", contributions);
  }
  return numbers;
}
