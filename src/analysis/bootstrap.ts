import { quantileSorted } from "simple-statistics";
import { uniformIndex } from "../coalitions/random.js";
import type { Random } from "../coalitions/random-streams.js";

/** A number with its interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Ratios of sums over some items, with percentile intervals of 95 % from the bootstrap (Efron 1979): the items are
 * drawn anew, with replacement, and every ratio is formed from the same draws. NaN where a denominator is 0.
 *
 * @param ratios one numerator and one denominator for each item
 * @param resamples how often the items are drawn
 */
export function bootstrapRatios(ratios: readonly Ratio[], resamples: number, random: Random): Interval[] {
  const items = ratios[0].numerators.length;
  const drawn = ratios.map(() => new Float64Array(resamples));
  const draw = new Uint32Array(items);
  for (let sample = 0; sample < resamples; sample++) {
    for (let i = 0; i < items; i++) draw[i] = uniformIndex(random, items);
    ratios.forEach((ratio, r) => {
      drawn[r][sample] = ratioOf(ratio, draw);
    });
  }
  return ratios.map((ratio, r) => {
    const sorted = drawn[r].filter(Number.isFinite).sort();
    const at = (share: number) =>
      sorted.length === 0 ? Number.NaN : quantileSorted(sorted as unknown as number[], share);
    return { value: ratioOf(ratio), low: at(0.025), high: at(0.975) };
  });
}

/** What {@link bootstrapRatios} takes: the sum of the numerators is divided by that of the denominators. */
export interface Ratio {
  readonly numerators: Float64Array;
  readonly denominators: Float64Array;
}

function ratioOf({ numerators, denominators }: Ratio, draw?: Uint32Array): number {
  let [above, below] = [0, 0];
  const count = draw ? draw.length : numerators.length;
  for (let i = 0; i < count; i++) {
    const item = draw ? draw[i] : i;
    above += numerators[item];
    below += denominators[item];
  }
  return below === 0 ? Number.NaN : above / below;
}
