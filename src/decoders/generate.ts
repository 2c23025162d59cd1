import type { Steps } from "../pace.js";
import { type KeysAndValues, keysAndValues } from "./attention.js";
import { type DecoderParts, lastRows, logitsOf, type Passage, stretchesOf, through } from "./forward.js";
import type { TurnTable } from "./rotation.js";
import type { DecoderLesions } from "./units.js";

/** A sequence that is being continued. */
interface Growing {
  readonly made: number[];
  /** How many of its tokens have keys and values. */
  remembered: number;
  /** Tokens that have none yet. */
  fresh: readonly number[];
  readonly past: readonly KeysAndValues[];
}

/** The most probable tokens one after the other, each sequence until it has enough of them or one that ends it. */
export function* generated(
  parts: DecoderParts,
  sequences: readonly (readonly number[])[],
  newTokens: number,
  stop: ReadonlySet<number>,
  table: (positions: number) => TurnTable,
  lesions: DecoderLesions,
): Steps<number[][]> {
  const { config } = parts;
  const all: Growing[] = sequences.map((sequence) => ({
    made: [],
    remembered: 0,
    fresh: sequence,
    past: Array.from({ length: config.layers }, () => keysAndValues(config, sequence.length + newTokens)),
  }));
  for (let growing = all; growing.length > 0; growing = growing.filter(({ made }) => goesOn(made, newTokens, stop))) {
    const passage: Passage = {
      tokens: growing.flatMap(({ fresh }) => [...fresh]),
      stretches: stretchesOf(growing.map(({ fresh, remembered }) => ({ count: fresh.length, from: remembered }))),
      past: (layer) => growing.map(({ past }) => past[layer]),
    };
    const longest = Math.max(...growing.map(({ fresh, remembered }) => fresh.length + remembered));
    const vectors = yield* through(parts, passage, table(longest), lesions);
    const logits = logitsOf(parts, lastRows(vectors, passage.stretches, config.width));
    yield;
    growing.forEach((sequence, s) => {
      const token = largest(logits, s * config.vocabulary, config.vocabulary);
      sequence.remembered += sequence.fresh.length;
      sequence.fresh = [token];
      sequence.made.push(token);
    });
  }
  return all.map(({ made }) => made);
}

function goesOn(made: readonly number[], newTokens: number, stop: ReadonlySet<number>): boolean {
  return made.length < newTokens && !stop.has(made[made.length - 1]);
}

/** The place of the largest of some numbers, the first of equal ones. */
function largest(numbers: Float32Array, at: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (numbers[at + i] > numbers[at + best]) best = i;
  return best;
}
