/** v with all units intact and with none, computed once for a whole run. */
export interface Ends {
  readonly all: Float64Array;
  readonly none: Float64Array;
  /** Whether the game answered in single precision: digits beyond it say nothing. Default false. */
  readonly single?: boolean;
}

/** Of v itself: what single precision rounds away. */
export const rounding = 2 ** -23;
/** The same of double precision, in sums of many. */
export const roundingOfDoubles = 2 ** -46;

/**
 * What rounding may make of contributions to an output, by the size of v of all and of nobody, or of `others` where
 * they are larger.
 */
export function lostIn({ all, none, single = false }: Ends, output: number, others = 0): number {
  return (single ? rounding : roundingOfDoubles) * Math.max(Math.abs(all[output]), Math.abs(none[output]), others);
}

/** What contributions do for which {@link meansCancel} holds, and what to do. */
export const cancelling =
  "cancel in the mean over the outputs, as those to probabilities do, which add up to 1: these are rounding, look at outputs each (modes.slice(k))";

/**
 * Whether contributions cancel in their means over several outputs, as those to probabilities do, which add up to 1:
 * rounding is all that is left of every mean.
 *
 * @param values `[units, outputs]`
 * @param means `[units]`
 */
export function meansCancel(values: Float64Array, means: Float64Array): boolean {
  const largest = (numbers: Float64Array) => numbers.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const most = largest(values);
  return values.length > means.length && most > 0 && largest(means) <= rounding * most;
}
