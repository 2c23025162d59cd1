import type { ModeBlocks } from "./mode-blocks.js";

/** A statistic with its jackknife over blocks. */
export interface Jackknifed {
  /** The statistic of everything. */
  readonly value: number;
  /** The same less its bias, as far as that falls with 1 / blocks. */
  readonly estimate: number;
  /** Variance of the estimate. */
  readonly variance: number;
}

/**
 * The jackknife over blocks that need not weigh alike (Busing, Meijer and van der Leeden 1999): the statistic of all
 * and of all but each one.
 *
 * @param weights shares of the blocks, which add up to 1; at least two
 * @param without the statistic without a block
 */
export function jackknife(weights: ArrayLike<number>, value: number, without: (block: number) => number): Jackknifed {
  const { length } = weights;
  const parts = Float64Array.from({ length }, (_, b) => without(b));
  const estimate = parts.reduce((sum, part, b) => sum + value - (1 - weights[b]) * part, 0);
  const squares = parts.reduce((sum, part, b) => {
    const times = 1 / weights[b];
    const pseudo = times * value - (times - 1) * part;
    return sum + (pseudo - estimate) ** 2 / (times - 1);
  }, 0);
  return { value, estimate, variance: squares / length };
}

/** Shares of the samples that the blocks have. */
export function blockWeights({ samples }: ModeBlocks): Float64Array {
  const all = samples.reduce((sum, own) => sum + own, 0);
  return samples.map((own) => own / all);
}
