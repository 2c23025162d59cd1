import { shuffle, uniformIndex } from "../../coalitions/random.js";
import { randomStream } from "../../coalitions/random-streams.js";
import { invalid, positiveInteger } from "../../errors.js";

/** Random numbers that a seed decides: the same seed, the same numbers, on every machine. */
export interface Seeded {
  /** A number from `low` to below `high`; default from 0 to 1. */
  uniform(low?: number, high?: number): number;
  /** A number from the normal distribution; default mean 0, standard deviation 1. */
  normal(mean?: number, sd?: number): number;
  /** An integer from 0 to `below - 1`. */
  integer(below: number): number;
  /** So many numbers as `uniform` gives them. */
  uniforms(count: number, low?: number, high?: number): Float64Array;
  /** So many numbers as `normal` gives them. */
  normals(count: number, mean?: number, sd?: number): Float64Array;
  /** The items in random order; the list given stays as it is. */
  shuffled<T>(items: Iterable<T>): T[];
  /** So many different items, in random order. Throws RangeError where there are fewer. */
  sample<T>(items: Iterable<T>, count: number): T[];
}

/**
 * A source of random numbers for a notebook, where `Math.random` would give other numbers in every run.
 *
 * @param seed an integer from 0 to 2^32 - 1; 0 is a seed like any other
 * @param stream number of the stream: streams of one seed are independent; default 0
 * @example
 * const random = seeded(seed);
 * const inputs = random.normals(784);
 * const some = random.sample(modes.units, 3);
 */
export function seeded(seed: number, stream = 0): Seeded {
  if (!Number.isSafeInteger(stream) || stream < 0) throw invalid("stream", "an integer from 0", stream);
  const random = randomStream(seed, stream);
  // 53 bits: 27 and 26 high ones of two numbers.
  const unit = (): number => ((random.next() >>> 5) * 2 ** 26 + (random.next() >>> 6)) / 2 ** 53;

  const uniform = (low = 0, high = 1): number => low + (high - low) * unit();
  // Box and Muller 1958; 1 - u is never 0.
  const normal = (mean = 0, sd = 1): number =>
    mean + sd * Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
  const integer = (below: number): number =>
    positiveInteger("below", below) <= 2 ** 21 ? uniformIndex(random, below) : Math.floor(unit() * below);
  const many = (count: number, draw: () => number): Float64Array =>
    Float64Array.from({ length: positiveInteger("count", count) }, draw);
  const shuffled = <T>(items: Iterable<T>): T[] => {
    const list = [...items];
    const order = shuffle(random, Array.from(list.keys()));
    return order.map((index) => list[index]);
  };
  return {
    uniform,
    normal,
    integer,
    shuffled,
    uniforms: (count, low, high) => many(count, () => uniform(low, high)),
    normals: (count, mean, sd) => many(count, () => normal(mean, sd)),
    sample(items, count) {
      const list = shuffled(items);
      if (positiveInteger("count", count) > list.length) throw invalid("count", `at most ${list.length}`, count);
      return list.slice(0, count);
    },
  };
}
