import { wrongKind } from "../errors.js";

/** Mean and standard deviation of some numbers. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** Standard deviation of the sample itself (divided by n), as published tables have it. */
  readonly populationSd: number;
  /** Estimate of the standard deviation of what was sampled (divided by n - 1); NaN for one number. */
  readonly sd: number;
}

/** Mean and standard deviations of at least one number. */
export function summarise(numbers: ArrayLike<number>): Summary {
  const list = Array.from(numbers);
  const count = list.length;
  if (count === 0) throw wrongKind("numbers", "at least one number", numbers);
  const mean = list.reduce((sum, value) => sum + value, 0) / count;
  const squares = list.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    count,
    mean,
    populationSd: Math.sqrt(squares / count),
    sd: count > 1 ? Math.sqrt(squares / (count - 1)) : Number.NaN,
  };
}
