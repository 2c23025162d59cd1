import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { validSeed } from "../errors.js";

/**
 * A source of random bits that all sampling takes as an argument: pure-rand's `JumpableRandomGenerator`, said here so
 * that declarations can be read where that package's cannot (TypeScript's resolution `node10`).
 */
export interface Random {
  /** The same source, to be drawn from apart. */
  clone(): Random;
  /** The next 32 bits, as an integer from -2^31 to 2^31 - 1. */
  next(): number;
  /** Goes 2^64 steps on. */
  jump(): void;
  /** What it goes on from. */
  getState(): readonly number[];
}

/** How seeds become streams: part of what tells a run from others, since its numbers follow from it. */
export const streamVersion = "xoroshiro128+ from splitmix64/1";

/**
 * Stream number `index` of a seed: a generator of its own, 2^64 steps away from the streams beside it, so that chunks
 * of work can be done in any order, or by anyone, and give the same numbers. Generator: xoroshiro128+ (Blackman and
 * Vigna 2018). Its steps and jumps are linear in its state, so the state is not the seed itself but two numbers of
 * splitmix64 (Steele, Lea and Flood 2014), which scatter it: streams of any two seeds have nothing to do with each
 * other.
 *
 * @param seed an integer from 0 to 2^32 - 1; 0 is a seed like any other
 * @param index which stream; default 0; reached by that many jumps
 */
export function randomStream(seed: number, index = 0): Random {
  const random = scattered(validSeed(seed));
  for (let jump = 0; jump < index; jump++) random.jump();
  return random;
}

/**
 * All streams of a seed, each by its number as {@link randomStream} gives it: asked for in ascending order, each costs
 * one jump, however many there are.
 */
export function randomStreams(seed: number): (index: number) => Random {
  return jumpsFrom(scattered(validSeed(seed)));
}

/**
 * Streams of a seed as training draws them, and the data that committed networks were trained with: xoroshiro128+ whose
 * state is the seed, stream 0 after one jump. The committed networks were trained with these draws, and have to follow
 * from their script and seed. Nothing else uses it: streams of seeds s and s XOR d are linear images of each other, and
 * seeds beside each other start alike.
 */
export function trainingStreams(seed: number): (index: number) => Random {
  const random = xoroshiro128plus(validSeed(seed));
  random.jump();
  return jumpsFrom(random);
}

/** xoroshiro128+ with two numbers of splitmix64 as its state, which is never 0 for both. */
function scattered(seed: number): Random {
  const next = splitmix64(BigInt(seed));
  const halves = [next(), next()].flatMap((word) => [Number(word >> 32n) | 0, Number(word & 0xffffffffn) | 0]);
  return xoroshiro128plusFromState(halves);
}

/** splitmix64: numbers of 64 bits. */
function splitmix64(state: bigint): () => bigint {
  return () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let word = state;
    word = BigInt.asUintN(64, (word ^ (word >> 30n)) * 0xbf58476d1ce4e5b9n);
    word = BigInt.asUintN(64, (word ^ (word >> 27n)) * 0x94d049bb133111ebn);
    return word ^ (word >> 31n);
  };
}

/** Streams by number: number i is `first` after i jumps. */
function jumpsFrom(first: Random): (index: number) => Random {
  let at = 0;
  let next = first.clone();
  return (index) => {
    if (index < at) {
      at = 0;
      next = first.clone();
    }
    for (; at < index; at++) next.jump();
    return next.clone();
  };
}
