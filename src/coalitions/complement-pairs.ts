import { addUnit, type Coalitions, isIntact, noneIntact, wordsPerCoalition } from "./coalition.js";
import { shuffle, uniformIndex } from "./random.js";
import { type Random, randomStream } from "./random-streams.js";

/** Pairs of a coalition and its complement, drawn without replacement: {@link complementPairs}. */
export interface ComplementPairs {
  /** One coalition of each pair, of at most half of the units; unit 0 is in it where it has exactly half. */
  readonly sets: Coalitions;
  /** Units in each of them, `[pairs]`. */
  readonly sizes: Uint32Array;
  /** Expected number of pairs drawn, by the size of the smaller coalition, `[floor(units / 2) + 1]`. */
  readonly expected: Float64Array;
  /** Probability with which a pair is drawn, by that size; 0 where there are more than 2^53 pairs. */
  readonly inclusion: Float64Array;
  /** Whether every pair that there is has been drawn. */
  readonly complete: boolean;
}

/** Pairs that there are: `2^(units - 1) - 1`, without that of nobody and everybody; Infinity beyond 2^53. */
export function allPairs(units: number): number {
  return units <= 53 ? 2 ** (units - 1) - 1 : Number.POSITIVE_INFINITY;
}

/**
 * Draws pairs {S, complement} by leverage scores (Musco and Witter, ICLR 2025): in the weighted regression whose solution are the Shapley
 * values, coalitions of all sizes matter alike, so all sizes are drawn equally often in expectation, but for those that have fewer
 * coalitions, which are taken whole. The number of pairs of a size is its expectation, rounded up or down at random, so that the
 * probability of a pair is what `inclusion` says. No pair comes twice.
 *
 * The pairs are in a random order in which each size is spread evenly: the first few of them, or every tenth, are a smaller sample of the
 * same kind.
 *
 * @param pairs how many; at most all are drawn
 * @param seed an integer from 0 to 2^32 - 1
 */
export function complementPairs(units: number, pairs: number, seed: number): ComplementPairs {
  const count = Math.min(pairs, allPairs(units));
  const random = randomStream(seed);
  const counts = pairCounts(units);
  const expected = expectedBySize(units, counts, count);
  const drawn = roundedAtRandom(random, counts, expected);
  const inclusion = expected.map((mean, size) => (mean === 0 ? 0 : mean / counts[size]));
  const drawer = new Drawer(units, random);
  const places: { place: number; size: number; set: number[] }[] = [];
  drawn.forEach((number, size) => {
    const offset = uniformIndex(random, 1 << 20) / (1 << 20);
    const sets = drawer.draw(size, number, counts[size]);
    shuffle(random, sets);
    sets.forEach((set, at) => places.push({ place: (at + offset) / number, size, set }));
  });
  places.sort((a, b) => a.place - b.place || a.size - b.size);
  const sets = noneIntact(Math.max(1, units), places.length);
  places.forEach(({ set }, pair) => {
    for (const unit of set) addUnit(sets, pair, unit);
  });
  return {
    sets,
    sizes: Uint32Array.from(places, ({ size }) => size),
    expected,
    inclusion,
    complete: count === allPairs(units),
  };
}

/** Both coalitions of some pairs, S before its complement. */
export function coalitionsOfPairs(sets: Coalitions, from: number, to: number): Coalitions {
  const { units } = sets;
  const both = noneIntact(units, 2 * (to - from));
  const width = wordsPerCoalition(units);
  for (let pair = from; pair < to; pair++) {
    const row = 2 * (pair - from);
    both.words.set(sets.words.subarray(pair * width, (pair + 1) * width), row * width);
    for (let unit = 0; unit < units; unit++) if (!isIntact(sets, pair, unit)) addUnit(both, row + 1, unit);
  }
  return both;
}

/** Pairs that there are by the size of the smaller coalition; exact below 2^53, Infinity beyond. */
export function pairCounts(units: number): Float64Array {
  const counts = new Float64Array(Math.floor(units / 2) + 1);
  let choose = 1;
  for (let size = 1; size < counts.length; size++) {
    const product = choose * (units - size + 1);
    choose = product <= Number.MAX_SAFE_INTEGER ? product / size : Number.POSITIVE_INFINITY;
    counts[size] = 2 * size === units ? choose / 2 : choose;
  }
  return counts;
}

/**
 * Expected pairs of each size: as many coalitions of every size, or all that there are. A pair has two sizes, k and n - k, but for the
 * middle one of an even n, which so gets half as many pairs.
 */
export function expectedBySize(units: number, counts: Float64Array, pairs: number): Float64Array {
  const share = counts.map((_, size) => (size === 0 ? 0 : 2 * size === units ? 0.5 : 1));
  const whole = new Uint8Array(counts.length);
  const expected = new Float64Array(counts.length);
  // What one size can not take goes to the others, until none is full that was not before.
  for (;;) {
    let left = pairs;
    let shares = 0;
    for (let size = 1; size < counts.length; size++) {
      if (whole[size]) left -= counts[size];
      else shares += share[size];
    }
    let filled = false;
    for (let size = 1; size < counts.length; size++) {
      expected[size] = whole[size] ? counts[size] : (left * share[size]) / shares;
      if (whole[size] || expected[size] < counts[size]) continue;
      whole[size] = 1;
      filled = true;
    }
    if (!filled) return expected;
  }
}

/** Whole numbers with these expectations and the sum of them, which is whole; sizes that are taken whole stay as they are. */
function roundedAtRandom(random: Random, counts: Float64Array, expected: Float64Array): Uint32Array {
  const part = expected.map((mean, size) => (mean < counts[size] ? mean : 0));
  const total = Math.round(part.reduce((sum, mean) => sum + mean, 0));
  const offset = uniformIndex(random, 1 << 20) / (1 << 20);
  const last = part.findLastIndex((mean) => mean > 0);
  let sum = 0;
  let before = 0;
  return Uint32Array.from(part, (mean, size) => {
    if (mean === 0) return expected[size];
    sum += mean;
    const after = size === last ? total : Math.floor(sum + offset);
    const number = after - before;
    before = after;
    return number;
  });
}

/** Up to so many coalitions of a size are numbered, and numbers drawn; of more, coalitions, until they differ. */
const mostNumbered = 1 << 21;

/** Draws sets of units: of a size, whatever their number, the first ones are the same. */
export class Drawer {
  readonly #order: Uint32Array;

  constructor(
    readonly units: number,
    readonly random: Random,
  ) {
    this.#order = Uint32Array.from({ length: units }, (_, unit) => unit);
  }

  /** Different sets of a size, in random order; of half of all units those with unit 0. */
  draw(size: number, number: number, count: number): number[][] {
    if (number === 0) return [];
    const half = 2 * size === this.units;
    if (count <= mostNumbered) {
      const [from, choose] = half ? [1, size - 1] : [0, size];
      const fixed = half ? [0] : [];
      return this.#numbers(number, count).map((index) => [...fixed, ...setOfNumber(index, from, this.units, choose)]);
    }
    const sets = new Map<string, number[]>();
    while (sets.size < number) {
      let set = this.#set(size);
      if (half && !set.includes(0)) set = this.#rest(set);
      const sorted = set.sort((a, b) => a - b);
      sets.set(sorted.join(), sorted);
    }
    return [...sets.values()];
  }

  /** Different numbers below `count`. */
  #numbers(number: number, count: number): number[] {
    const all = Uint32Array.from({ length: count }, (_, index) => index);
    for (let at = 0; at < number; at++) swap(all, at, at + uniformIndex(this.random, count - at));
    return [...all.subarray(0, number)];
  }

  #set(size: number): number[] {
    const order = this.#order;
    for (let at = 0; at < size; at++) swap(order, at, at + uniformIndex(this.random, order.length - at));
    return [...order.subarray(0, size)];
  }

  #rest(set: readonly number[]): number[] {
    const inside = new Set(set);
    return [...this.#order].filter((unit) => !inside.has(unit));
  }
}

function swap(items: Uint32Array, a: number, b: number): void {
  const item = items[a];
  items[a] = items[b];
  items[b] = item;
}

/** Set number `index`, in lexicographic order, of those with `size` of the units `from` to `units - 1`. */
function setOfNumber(index: number, from: number, units: number, size: number): number[] {
  const set: number[] = [];
  let left = index;
  for (let unit = from; set.length < size; unit++) {
    // Sets that go on with this unit.
    const having = choose(units - unit - 1, size - set.length - 1);
    if (left < having) set.push(unit);
    else left -= having;
  }
  return set;
}

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return Math.round(result);
}
