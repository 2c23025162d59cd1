import { isIntact } from "../../coalitions/coalition.js";
import type { ComplementPairs } from "../../coalitions/complement-pairs.js";

/**
 * Shapley's formula where every pair is there. A coalition S of s units counts for its members with (s - 1)! (n - s)! /
 * n!, and its complement, which they are not in, counts as much with the other sign; so a pair adds that share of
 * v(S) - v(complement) to the members of S, and takes it from all others with the weight of the complement's members.
 *
 * @param targets `(v(S) - v(complement)) / 2` of each pair, `[pairs, outputs]`
 * @param total v(all) - v(none), `[outputs]`
 * @returns `[units, outputs]`
 */
export function shapleyOfAllPairs(pairs: ComplementPairs, targets: Float64Array, total: Float64Array): Float64Array {
  const { sets, sizes } = pairs;
  const { units } = sets;
  const outputs = total.length;
  // having[s] = (s - 1)! (n - s)! / n! = 1 / (s C(n, s)).
  const having = [0];
  let choose = 1;
  for (let size = 1; size <= units; size++) {
    choose = (choose * (units - size + 1)) / size;
    having.push(1 / (size * choose));
  }
  const values = new Float64Array(units * outputs);
  for (let u = 0; u < units; u++) for (let o = 0; o < outputs; o++) values[u * outputs + o] = total[o] / units;
  for (let s = 0; s < sizes.length; s++) {
    for (let u = 0; u < units; u++) {
      const weight = 2 * (isIntact(sets, s, u) ? having[sizes[s]] : -having[units - sizes[s]]);
      for (let o = 0; o < outputs; o++) values[u * outputs + o] += weight * targets[s * outputs + o];
    }
  }
  return values;
}
