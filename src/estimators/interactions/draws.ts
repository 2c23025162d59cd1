import { addUnit, type Coalitions, coalitionKey, coalitionsOf, noneIntact } from "../../coalitions/coalition.js";
import { randomOrdering } from "../../coalitions/random.js";
import type { Random } from "../../coalitions/random-streams.js";
import type { InteractionIndex } from "../../modes/interaction-index.js";

/** Indices whose interactions of the highest order are means of discrete derivatives, and so can be drawn without bias. */
export type DrawnIndex = Exclude<InteractionIndex, "k-sii" | "fsii">;

/** The coalitions of one draw: of an ordering, or a coalition, and its reverse. */
export interface Draw {
  /** Different coalitions, each once. */
  readonly coalitions: Coalitions;
  /** For each set, the two times 2^size coalitions of its derivatives: their rows, `[sets][2 * 2^size]`, subset by subset of the set. */
  readonly rows: readonly Uint32Array[];
}

/**
 * Draws what the interactions of some sets are estimated from without bias: the derivative v(T + S) - ... of each set S at the other units T that
 * come before it. SII: before the place of S in a random ordering in which S is one (the place of its first unit by index is taken, and the
 * others left out); STII: before the first of its units that comes; Banzhaf: every other unit with probability 1/2. Of each draw
 * there is the reverse, in which the other units come before: what is odd cancels, so that a game of triples has no spread at all. Sets share the
 * coalitions that they have in common.
 */
export function drawDerivatives(
  random: Random,
  units: number,
  sets: readonly (readonly number[])[],
  index: DrawnIndex,
): Draw {
  const place = new Uint32Array(units);
  const half = new Uint8Array(units);
  if (index === "banzhaf") for (let u = 0; u < units; u++) half[u] = (random.next() >>> 31) & 1;
  else randomOrdering(random, units).forEach((unit, at) => (place[unit] = at));

  const known = new Map<string, number>();
  const members: number[][] = [];
  const scratch = noneIntact(units);
  const rowOf = (intact: readonly number[]): number => {
    scratch.words.fill(0);
    for (const unit of intact) addUnit(scratch, 0, unit);
    const key = coalitionKey(scratch, 0);
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, members.length);
    members.push([...intact]);
    return members.length - 1;
  };

  const rows = sets.map((set) => {
    const own = new Set(set);
    const places = set.map((unit) => place[unit]);
    const comesBefore = (unit: number, reversed: boolean) => {
      if (index === "banzhaf") return (half[unit] === 1) !== reversed;
      if (index === "sii") return place[unit] < places[0] !== reversed;
      return reversed ? place[unit] > Math.max(...places) : place[unit] < Math.min(...places);
    };
    const found = new Uint32Array(2 << set.length);
    for (const [turn, reversed] of [false, true].entries()) {
      const before: number[] = [];
      for (let unit = 0; unit < units; unit++) if (!own.has(unit) && comesBefore(unit, reversed)) before.push(unit);
      for (let some = 0; some < 1 << set.length; some++) {
        const inside = set.filter((_, at) => (some >>> at) & 1);
        found[(turn << set.length) + some] = rowOf([...before, ...inside]);
      }
    }
    return found;
  });
  return { coalitions: coalitionsOf(units, members), rows };
}

/**
 * The mean of a set's two derivatives in a draw, to `target`.
 *
 * @param values of the draw's coalitions, `[coalitions, outputs]`
 */
export function derivativeOf(
  rows: Uint32Array,
  values: ArrayLike<number>,
  outputs: number,
  target: Float64Array,
): void {
  target.fill(0);
  const each = rows.length / 2;
  const size = 31 - Math.clz32(each);
  rows.forEach((row, at) => {
    const missing = size - bits(at % each);
    const sign = missing % 2 === 0 ? 0.5 : -0.5;
    // Signs add up to 0: less one of the values, what all have in common costs no digits.
    for (let o = 0; o < outputs; o++) target[o] += sign * (values[row * outputs + o] - values[rows[0] * outputs + o]);
  });
}

function bits(number: number): number {
  let count = 0;
  for (let left = number; left > 0; left &= left - 1) count++;
  return count;
}
