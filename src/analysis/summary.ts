import { mean, sampleStandardDeviation, standardDeviation } from "simple-statistics";
import { wrongKind } from "../errors.js";
import { isNumbers } from "../kinds.js";

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
  isNumbers("numbers", numbers);
  const list = Array.from(numbers);
  if (list.length === 0) throw wrongKind("numbers", "at least one number", numbers);
  return {
    count: list.length,
    mean: mean(list),
    populationSd: standardDeviation(list),
    sd: list.length > 1 ? sampleStandardDeviation(list) : Number.NaN,
  };
}
