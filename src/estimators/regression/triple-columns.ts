import type { Design } from "./design.js";
import { byFold, type Triples } from "./screen-triples.js";

/**
 * The signs of the units in some pairs as bits, 32 pairs of one size in a word: a product of columns is the exclusive or of their bits, and a sum
 * over pairs of products of signs, weighted by size, is one population count a word.
 */
export interface SignWords {
  readonly words: number;
  /** A bit is 1 where x is -1: `[units, words]`. */
  readonly bits: Uint32Array;
  /** Weight of the pairs of each word; those of a word have the same. */
  readonly weights: Float64Array;
  /** t of the pairs of each word. */
  readonly t: Float64Array;
  /** Pairs of each word: its lowest bits. */
  readonly counts: Uint8Array;
  /** Number of each word's pairs, `[words, 32]`. */
  readonly pairs: Uint32Array;
}

/** The pairs that are not in a fold. */
export function signWords(design: Design, fold: number, folds: number): SignWords {
  const { units, x } = design;
  const order = byFold(design.pairs, folds);
  const kept = [...order.pairs.subarray(0, order.start[fold]), ...order.pairs.subarray(order.start[fold + 1])];
  kept.sort((a, b) => design.sizes[a] - design.sizes[b] || a - b);
  const starts: number[] = [];
  for (let at = 0; at < kept.length; ) {
    starts.push(at);
    const size = design.sizes[kept[at]];
    const end = at + 32;
    while (at < kept.length && at < end && design.sizes[kept[at]] === size) at++;
  }
  const words = starts.length;
  const result: SignWords = {
    words,
    bits: new Uint32Array(units * words),
    weights: new Float64Array(words),
    t: new Float64Array(words),
    counts: new Uint8Array(words),
    pairs: new Uint32Array(words * 32),
  };
  starts.forEach((start, word) => {
    const end = starts[word + 1] ?? kept.length;
    result.weights[word] = design.weights[kept[start]];
    result.t[word] = design.t[kept[start]];
    result.counts[word] = end - start;
    for (let bit = 0; bit < end - start; bit++) {
      const s = kept[start + bit];
      result.pairs[word * 32 + bit] = s;
      for (let u = 0; u < units; u++) if (x[s * units + u] < 0) result.bits[u * words + word] |= 1 << bit;
    }
  });
  return result;
}

/** Columns x_i x_j x_k as bits: `[triples, words]`. */
export function tripleBits({ words, bits }: SignWords, triples: Triples): Uint32Array {
  const columns = new Uint32Array((triples.length / 3) * words);
  for (let triple = 0; triple < triples.length / 3; triple++) {
    const [i, j, k] = [0, 1, 2].map((place) => triples[3 * triple + place] * words);
    const to = triple * words;
    for (let w = 0; w < words; w++) columns[to + w] = bits[i + w] ^ bits[j + w] ^ bits[k + w];
  }
  return columns;
}

/** Sum over pairs of weight x a x b of two columns of signs. */
export function weightedProduct(
  a: Uint32Array,
  fromA: number,
  b: Uint32Array,
  fromB: number,
  weights: Float64Array,
  total: number,
): number {
  let differing = 0;
  for (let w = 0; w < weights.length; w++) {
    let bits = a[fromA + w] ^ b[fromB + w];
    bits -= (bits >>> 1) & 0x55555555;
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    differing += weights[w] * (Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24);
  }
  return total - 2 * differing;
}

/** Sum of some weights over all pairs. */
export function totalWeight(weights: Float64Array, { counts }: SignWords): number {
  let total = 0;
  for (let w = 0; w < weights.length; w++) total += weights[w] * counts[w];
  return total;
}
