import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { JumpableRandomGenerator } from "pure-rand/types/JumpableRandomGenerator";
import { validSeed } from "../errors.js";

/** A source of random bits that all sampling takes as an argument. */
export type Random = JumpableRandomGenerator;

/**
 * Stream number `index` of a seed: a generator of its own, 2^64 steps away from the streams beside it, so that chunks
 * of work can be done in any order, or by anyone, and give the same numbers. Generator: xoroshiro128+ (Blackman and
 * Vigna 2018). Stream 0 has already jumped once, because the first raw numbers of small seeds look alike.
 *
 * @param seed an integer from 0 to 2^32 - 1; 0 is a seed like any other
 * @param index which stream; default 0; reached by that many jumps
 */
export function randomStream(seed: number, index = 0): Random {
  const random = xoroshiro128plus(validSeed(seed));
  for (let jump = 0; jump <= index; jump++) random.jump();
  return random;
}

/**
 * All streams of a seed, each by its number as {@link randomStream} gives it: asked for in ascending order, each costs one
 * jump, however many there are.
 */
export function randomStreams(seed: number): (index: number) => Random {
  let at = 0;
  let next = randomStream(seed);
  return (index) => {
    if (index < at) {
      at = 0;
      next = randomStream(seed);
    }
    for (; at < index; at++) next.jump();
    return next.clone();
  };
}

/**
 * A uniformly random integer from 0 to `range - 1`. Takes it from the generator's high bits (Lemire 2019), since the low
 * bits of xoroshiro128+, which a remainder would use, are the weaker ones. `range` is at most 2^21.
 */
export function uniformIndex(random: Random, range: number): number {
  const reject = 2 ** 32 % range;
  for (;;) {
    const product = (random.next() >>> 0) * range; // exact: below 2^53
    const index = Math.floor(product / 2 ** 32);
    if (product - index * 2 ** 32 >= reject) return index;
  }
}

/** Puts the items of an array in a uniformly random order, in place (Fisher and Yates), and returns it. */
export function shuffle<T extends { [index: number]: number; readonly length: number }>(random: Random, items: T): T {
  for (let last = items.length - 1; last > 0; last--) {
    const other = uniformIndex(random, last + 1);
    const item = items[last];
    items[last] = items[other];
    items[other] = item;
  }
  return items;
}

/** A uniformly random ordering of n units. */
export function randomOrdering(random: Random, units: number): Uint32Array {
  return shuffle(
    random,
    Uint32Array.from({ length: units }, (_, unit) => unit),
  );
}
