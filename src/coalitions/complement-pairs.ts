import { atOnce, type Steps } from "../pace.js";
import { addUnit, type Coalitions, isIntact, noneIntact, wordsPerCoalition } from "./coalition.js";
import { Drawer, DrawnSets } from "./drawn-sets.js";
import { shuffle, uniformIndex } from "./random.js";
import { type Random, randomStream } from "./random-streams.js";
import { type SetsOfSize, spreadSets } from "./spread-sets.js";

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
 * Draws pairs {S, complement} by leverage scores (Musco and Witter, ICLR 2025): in the weighted regression whose
 * solution are the Shapley values, coalitions of all sizes matter alike, so all sizes are drawn equally often in
 * expectation, but for those that have fewer coalitions, which are taken whole. The number of pairs of a size is its
 * expectation, rounded up or down at random, so that the probability of a pair is what `inclusion` says. No pair comes
 * twice.
 *
 * The pairs are in a random order in which each size is spread evenly: the first few of them, or every tenth, are a
 * smaller sample of the same kind.
 *
 * @param pairs how many; at most all are drawn
 * @param seed an integer from 0 to 2^32 - 1
 */
export function complementPairs(units: number, pairs: number, seed: number): ComplementPairs {
  return atOnce(drawComplementPairs(units, pairs, seed));
}

/** {@link complementPairs} in steps. */
export function* drawComplementPairs(units: number, pairs: number, seed: number): Steps<ComplementPairs> {
  const count = Math.min(pairs, allPairs(units));
  const random = randomStream(seed);
  const counts = pairCounts(units);
  const expected = expectedBySize(units, counts, count);
  const drawn = roundedAtRandom(random, counts, expected);
  const inclusion = expected.map((mean, size) => (mean === 0 ? 0 : mean / counts[size]));
  const drawer = new Drawer(units, random);
  const groups: SetsOfSize[] = [];
  for (const [size, number] of drawn.entries()) {
    const offset = uniformIndex(random, 1 << 20) / (1 << 20);
    const sets = new DrawnSets(drawer, size, counts[size]);
    yield* sets.grow(number);
    const order = shuffle(
      random,
      Uint32Array.from({ length: number }, (_, at) => at),
    );
    groups.push({ sets, from: 0, to: number, order, offset });
  }
  const { words, sizes } = yield* spreadSets(units, groups);
  const sets = { count: sizes.length, units: Math.max(1, units), words };
  return { sets, sizes, expected, inclusion, complete: count === allPairs(units) };
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
 * Expected pairs of each size: as many coalitions of every size, or all that there are. A pair has two sizes, k and n -
 * k, but for the middle one of an even n, which so gets half as many pairs.
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

/**
 * Whole numbers with these expectations and the sum of them, which is whole; sizes that are taken whole stay as they
 * are.
 */
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
