import { has } from "../kinds.js";
import type { Random } from "./random-streams.js";

/**
 * A uniformly random integer from 0 to `range - 1`. Takes it from the generator's high bits (Lemire 2019), since the
 * low bits of xoroshiro128+, which a remainder would use, are the weaker ones. `range` is at most 2^21.
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
export function shuffle<T extends { [index: number]: unknown; readonly length: number }>(random: Random, items: T): T {
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
  has("random", random, "a Random", "next");
  return shuffle(
    random,
    Uint32Array.from({ length: units }, (_, unit) => unit),
  );
}
