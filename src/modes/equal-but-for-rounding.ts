/** Differences up to this share of the largest number are rounding. */
export const roundingOfContributions = 1e-12;

/**
 * The same numbers, those that are equal but for rounding made equal: units that contribute alike are to share their
 * rank, and the last bits of sums in another order are not to say which is first.
 *
 * @param lost differences that are rounding of what the numbers were computed from, where that is more
 */
export function equalButForRounding(values: ArrayLike<number>, lost = 0): Float64Array {
  const equal = Float64Array.from(values);
  const most = equal.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const nothing = Math.max(lost, roundingOfContributions * most);
  const order = Array.from(equal.keys()).sort((a, b) => equal[a] - equal[b]);
  let before = Number.NaN;
  order.forEach((i, at) => {
    const value = equal[i];
    if (value - before <= nothing) equal[i] = equal[order[at - 1]];
    before = value;
  });
  return equal;
}
