import { normalQuantile } from "../quantiles.js";

/**
 * Wilson's interval of a share (E. B. Wilson, J. Am. Stat. Assoc. 1927): the shares of which so many draws would not be
 * improbable. It lies within 0 and 1, and has a length where all, or none, of the draws were right.
 *
 * @param share between 0 and 1
 * @param count of draws, a positive number; not whole where draws depend on each other, and count for less
 * @param outside the probability that the interval leaves out; default .05
 */
export function wilsonInterval(share: number, count: number, outside = 0.05): { low: number; high: number } {
  const z2 = normalQuantile(1 - outside / 2) ** 2;
  const centre = (share + z2 / (2 * count)) / (1 + z2 / count);
  const half = Math.sqrt(z2 * ((share * (1 - share)) / count + z2 / (4 * count * count))) / (1 + z2 / count);
  // By rounding an end may lie on the wrong side of a share of 0 or 1.
  return { low: Math.max(0, Math.min(share, centre - half)), high: Math.min(1, Math.max(share, centre + half)) };
}

/**
 * The same of the mean share of several groups of as many draws: of the draws of all of them, and of fewer where groups
 * differ by more than draws do by chance (their design effect).
 *
 * @param shares one a group
 * @param count draws of each group
 */
export function pooledWilsonInterval(
  shares: ArrayLike<number>,
  count: number,
  outside = 0.05,
): { low: number; high: number } {
  const groups = shares.length;
  const mean = Array.from(shares).reduce((sum, share) => sum + share, 0) / groups;
  const squares = Array.from(shares).reduce((sum, share) => sum + (share - mean) ** 2, 0);
  const byChance = (mean * (1 - mean)) / count;
  const effect = groups > 1 && byChance > 0 ? squares / (groups - 1) / byChance : 1;
  return wilsonInterval(mean, (groups * count) / Math.max(1, effect), outside);
}
