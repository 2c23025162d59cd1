import { jackknife } from "../../modes/jackknife.js";
import { studentFactor } from "../../quantiles.js";
import type { Interval } from "../bootstrap.js";
import type { IndependentBlocks } from "./contribution-table.js";

/** A statistic of sampled contributions with its interval, which is about `corrected` and need not hold `value`. */
export interface CorrectedInterval extends Interval {
  /** `value` less the bias of sampling error, as far as the jackknife finds it; NaN where there is no interval. */
  readonly corrected: number;
}

/** Contributions that a statistic is of. */
export interface SampledContributions {
  /** `[rows]` */
  readonly values: Float64Array;
  readonly blocks: IndependentBlocks | undefined;
  /** Whether nothing of them is sampled. */
  readonly exact: boolean;
}

/** Intervals narrower than this share of the statistic are rounding. */
const rounding = 1e-9;

/**
 * A statistic of all contributions, with its jackknife interval over their blocks; NaN where there are fewer than two.
 *
 * @param bounds what the statistic can not leave
 */
export function statisticInterval(
  { values, blocks, exact }: SampledContributions,
  statistic: (contributions: Float64Array) => number,
  [least, most]: readonly [number, number],
  confidence: number,
): CorrectedInterval {
  const value = statistic(values);
  if (exact) return { value, corrected: value, low: value, high: value };
  if (!blocks || blocks.count < 2) return { value, corrected: Number.NaN, low: Number.NaN, high: Number.NaN };
  const { count, weights } = blocks;
  const without = (b: number) => {
    const left = values.map((mean, row) => (mean - weights[b] * blocks.values[row * count + b]) / (1 - weights[b]));
    return statistic(left);
  };
  const { estimate, variance } = jackknife(weights, value, without);
  const half = studentFactor(1 - confidence, count - 1) * Math.sqrt(variance);
  if (half <= rounding * Math.abs(value)) return { value, corrected: value, low: value, high: value };
  // Bias falls with 1 / n or, where absolute values are of contributions near 0, with 1 / sqrt(n): it is then about
  // twice as large.
  const further = estimate + (estimate - value);
  const within = (end: number) => Math.min(most, Math.max(least, end));
  return {
    value,
    corrected: within(estimate),
    low: within(Math.min(estimate, further) - half),
    high: within(Math.max(estimate, further) + half),
  };
}
