import { choose } from "../../coalitions/subsets.js";
import type { InteractionIndex } from "../../modes/interaction-index.js";

/**
 * What a dividend m(T) of Harsanyi counts in the interaction of a set S within T, by |T|: every index is
 * I_S = sum over T containing S of share(|T|) m(T), where v(U) - v(none) is the sum of m(T) over T within U.
 *
 * | index | share, s = abs(S), t = abs(T), k the order |
 * |---|---|
 * | SII | 1 / (t - s + 1) |
 * | k-SII | sum over j = 0 ... min(k, t) - s of B_j C(t - s, j) / (t - s - j + 1), B_j Bernoulli's numbers, B_1 = -1/2 |
 * | STII | s < k: 1 where T = S, else 0; s = k: 1 / C(t, k) |
 * | FSII | T = S: 1; t > k: (-1)^(k-s) s / (k + s) C(k, s) C(t - 1, k) / C(t + k - 1, k + s); else 0 |
 * | Banzhaf | 2^-(t - s) |
 *
 * @param size s
 * @returns a number for each t from 0 to `units`; 0 where t < s
 */
export function sharesOfDividends(index: InteractionIndex, order: number, size: number, units: number): Float64Array {
  const shares = new Float64Array(units + 1);
  for (let t = size; t <= units; t++) shares[t] = shareOf(index, order, size, t);
  return shares;
}

function shareOf(index: InteractionIndex, k: number, s: number, t: number): number {
  switch (index) {
    case "sii":
      return 1 / (t - s + 1);
    case "banzhaf":
      return 2 ** (s - t);
    case "stii":
      return s < k ? (t === s ? 1 : 0) : 1 / choose(t, k);
    case "k-sii": {
      let share = 0;
      for (let j = 0; j <= Math.min(k, t) - s; j++) share += (bernoulli(j) * choose(t - s, j)) / (t - s - j + 1);
      return share;
    }
    case "fsii": {
      if (t <= k) return t === s ? 1 : 0;
      const sign = (k - s) % 2 === 0 ? 1 : -1;
      return (((sign * s) / (k + s)) * choose(k, s) * choose(t - 1, k)) / choose(t + k - 1, k + s);
    }
  }
}

/** Bernoulli's number B_n, with B_1 = -1/2. */
function bernoulli(n: number): number {
  const numbers = [1];
  for (let m = 1; m <= n; m++) {
    let sum = 0;
    for (let j = 0; j < m; j++) sum += choose(m + 1, j) * numbers[j];
    numbers.push(-sum / (m + 1));
  }
  return numbers[n];
}
