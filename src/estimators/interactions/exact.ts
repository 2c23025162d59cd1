import { choose } from "../../coalitions/subsets.js";
import type { InteractionIndex } from "../../modes/interaction-index.js";
import type { Steps } from "../../pace.js";
import { sharesOfDividends } from "./indices.js";

/** Most units whose 2^n coalitions are all played. */
export const mostUnitsOfExactInteractions = 16;
/** Most numbers of all coalitions' values that are kept: 1 GB. */
export const mostExactNumbers = 2 ** 27;
/** Coalitions between two turns for the event loop, in numbers. */
const turn = 1 << 22;

/**
 * Harsanyi's dividends of v in place of its values: m(T) = sum over U within T of (-1)^(|T| - |U|) v(U), by Yates'
 * algorithm, n 2^(n-1) subtractions for each output.
 *
 * @param values v of all coalitions, `[2^units, outputs]`: unit u is intact in coalition c where bit u of c is set
 */
export function* dividends(values: Float64Array, units: number, outputs: number): Steps<void> {
  for (let unit = 0; unit < units; unit++) {
    const bit = 1 << unit;
    let since = 0;
    for (let c = 0; c < 1 << units; c++) {
      if ((c & bit) === 0) continue;
      const to = c * outputs;
      const from = (c ^ bit) * outputs;
      for (let o = 0; o < outputs; o++) values[to + o] -= values[from + o];
      since += outputs;
      if (since < turn) continue;
      since = 0;
      yield;
    }
  }
}

/**
 * Interactions of all sets of 1 to `order` units from the dividends: each m(T) is shared out among the sets within T.
 *
 * @param moebius `[2^units, outputs]`, what {@link dividends} left
 * @returns `[sets, outputs]`, in the order of `subsetsUpTo`
 */
export function* interactionsOfDividends(
  moebius: Float64Array,
  units: number,
  outputs: number,
  index: InteractionIndex,
  order: number,
): Steps<Float64Array> {
  const shares = Array.from({ length: order + 1 }, (_, s) => sharesOfDividends(index, order, s, units));
  const place = places(units, order);
  const values = new Float64Array(place.count * outputs);
  const members = new Int32Array(units);
  let since = 0;
  for (let c = 1; c < 1 << units; c++) {
    let size = 0;
    for (let unit = 0; unit < units; unit++) if ((c >>> unit) & 1) members[size++] = unit;
    for (let s = 1; s <= Math.min(order, size); s++) {
      const share = shares[s][size];
      if (share === 0) continue;
      // All sets of s members, by their places among the members.
      const chosen = Array.from({ length: s }, (_, i) => i);
      for (;;) {
        const to = place.of(chosen, members) * outputs;
        for (let o = 0, from = c * outputs; o < outputs; o++) values[to + o] += share * moebius[from + o];
        since += outputs;
        let at = s - 1;
        while (at >= 0 && chosen[at] === size - s + at) at--;
        if (at < 0) break;
        chosen[at]++;
        for (let next = at + 1; next < s; next++) chosen[next] = chosen[next - 1] + 1;
      }
    }
    if (since < turn) continue;
    since = 0;
    yield;
  }
  return values;
}

/** Where sets stand in the order of `subsetsUpTo`: sizes one after the other, each in lexicographic order. */
function places(units: number, order: number) {
  // With of[a][b] = C(a, b), the sets of s units before one are counted unit by unit.
  const table = Array.from({ length: units + 1 }, (_, n) => Array.from({ length: order + 1 }, (_, k) => choose(n, k)));
  const starts = [0, 0];
  for (let s = 1; s <= order; s++) starts.push(starts[s] + table[units][s]);
  return {
    count: starts[order + 1],
    of(chosen: readonly number[], members: Int32Array): number {
      const s = chosen.length;
      // Lexicographic rank = C(n, s) - 1 - sum of C(n - 1 - unit, s - place).
      let rank = table[units][s] - 1;
      for (let i = 0; i < s; i++) rank -= table[units - 1 - members[chosen[i]]][s - i];
      return starts[s] + rank;
    },
  };
}
