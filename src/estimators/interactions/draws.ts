import {
  addUnit,
  allIntact,
  type Coalitions,
  coalitionKey,
  nestedCoalitions,
  noneIntact,
  wordsPerCoalition,
} from "../../coalitions/coalition.js";
import { randomOrdering } from "../../coalitions/random.js";
import type { Random } from "../../coalitions/random-streams.js";
import type { InteractionIndex } from "../../modes/interaction-index.js";

/**
 * Indices whose interactions of the highest order are means of discrete derivatives, and so can be drawn without bias.
 */
export type DrawnIndex = Exclude<InteractionIndex, "k-sii" | "fsii">;

/** The coalitions of one draw: of an ordering, or a coalition, and its reverse. */
export interface Draw {
  /** Different coalitions, each once. */
  readonly coalitions: Coalitions;
  /**
   * For each set, the two times 2^size coalitions of its derivatives: their rows, `[sets][2 * 2^size]`, subset by
   * subset of the set.
   */
  readonly rows: readonly Uint32Array[];
}

/**
 * Draws what the interactions of some sets are estimated from without bias: the derivative v(T + S) - ... of each set S
 * at the other units T that come before it. SII: before the place of S in a random ordering in which S is one (the
 * place of its first unit by index is taken, and the others left out); STII: before the first of its units that comes;
 * Banzhaf: every other unit with probability 1/2. Of each draw there is the reverse, in which the other units come
 * before: what is odd cancels, so that a game of triples has no spread at all. Sets share the coalitions that they have
 * in common.
 */
export function drawDerivatives(
  random: Random,
  units: number,
  sets: readonly (readonly number[])[],
  index: DrawnIndex,
): Draw {
  const width = wordsPerCoalition(units);
  const all = allIntact(units).words;
  const half = index === "banzhaf" ? randomHalf(random, units) : undefined;
  const place = new Uint32Array(units);
  const ordering = half ? undefined : randomOrdering(random, units);
  ordering?.forEach((unit, at) => (place[unit] = at));
  const nested = ordering ? nestedCoalitions(ordering).words : new Uint32Array(0);
  /** Bits of the first units of the ordering. */
  const first = (count: number, w: number) => (count === 0 ? 0 : nested[(count - 1) * width + w]);

  const known = new Map<string, number>();
  let words = new Uint32Array(64 * width);
  const scratch = noneIntact(units);
  const base = noneIntact(units);
  const rowOf = (): number => {
    const key = coalitionKey(scratch, 0);
    const found = known.get(key);
    if (found !== undefined) return found;
    const row = known.size;
    known.set(key, row);
    if ((row + 1) * width > words.length) {
      const longer = new Uint32Array(2 * words.length);
      longer.set(words);
      words = longer;
    }
    words.set(scratch.words, row * width);
    return row;
  };

  const rows = sets.map((set) => {
    const places = set.map((unit) => place[unit]);
    /** How many units of the ordering come before: of the reversed one all but these. */
    const counts = index === "stii" ? [Math.min(...places), Math.max(...places) + 1] : [places[0], places[0]];
    const found = new Uint32Array(2 << set.length);
    for (const turn of [0, 1]) {
      for (let w = 0; w < width; w++) {
        const before = half ? half[w] : first(counts[turn], w);
        base.words[w] = turn === 0 ? before : all[w] & ~before;
      }
      for (const unit of set) base.words[unit >>> 5] &= ~(1 << (unit & 31));
      for (let some = 0; some < 1 << set.length; some++) {
        scratch.words.set(base.words);
        set.forEach((unit, at) => {
          if ((some >>> at) & 1) addUnit(scratch, 0, unit);
        });
        found[(turn << set.length) + some] = rowOf();
      }
    }
    return found;
  });
  return { coalitions: { count: known.size, units, words: words.slice(0, known.size * width) }, rows };
}

/** Bits of a coalition in which every unit is with probability 1/2. */
function randomHalf(random: Random, units: number): Uint32Array {
  const half = noneIntact(units);
  for (let u = 0; u < units; u++) if ((random.next() >>> 31) & 1) addUnit(half, 0, u);
  return half.words;
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
