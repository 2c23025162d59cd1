import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { byFold } from "./folds.js";
import { productsKernel } from "./products.js";

/** Pairs of a word. */
const wordBits = 64;
/** Columns that lie beside each other, word after word. */
const tile = 4;

/**
 * Some pairs, those of one size together, as bits of words: a product of columns of signs is the exclusive or of their
 * bits, and a sum over pairs of such products, weighted by size, is one population count a word.
 */
export interface SignWords {
  readonly words: number;
  /** A bit is 1 where x is -1, the lower half of each word first: `[units, words, 2]`. */
  readonly bits: Uint32Array;
  /** Weight of the pairs of each word; those of a word have the same. */
  readonly weights: Float64Array;
  /** t of the pairs of each word. */
  readonly t: Float64Array;
  /** Pairs of each word: its lowest bits. */
  readonly counts: Uint8Array;
}

/** Columns of signs as bits: `[columns / 4, words, 4, 2]`, columns that there are not being 1 everywhere. */
export interface SignColumns {
  readonly columns: number;
  readonly bits: Uint32Array;
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
    const end = at + wordBits;
    while (at < kept.length && at < end && design.sizes[kept[at]] === size) at++;
  }
  const words = starts.length;
  const result: SignWords = {
    words,
    bits: new Uint32Array(units * words * 2),
    weights: new Float64Array(words),
    t: new Float64Array(words),
    counts: new Uint8Array(words),
  };
  starts.forEach((start, word) => {
    const end = starts[word + 1] ?? kept.length;
    result.weights[word] = design.weights[kept[start]];
    result.t[word] = design.t[kept[start]];
    result.counts[word] = end - start;
    for (let bit = 0; bit < end - start; bit++) {
      const row = kept[start + bit] * units;
      for (let u = 0; u < units; u++) {
        if (x[row + u] < 0) result.bits[(u * words + word) * 2 + (bit >> 5)] |= 1 << (bit & 31);
      }
    }
  });
  return result;
}

/**
 * Products of signs of some units.
 *
 * @param members units of each column, `[columns, factors]`
 * @param factors units of a column; 0 for one that is 1 everywhere
 */
export function signColumns({ words, bits }: SignWords, members: ArrayLike<number>, factors: number): SignColumns {
  const columns = factors === 0 ? 1 : members.length / factors;
  const tiled = new Uint32Array(Math.ceil(columns / tile) * tile * words * 2);
  for (let column = 0; column < columns; column++) {
    const to = (Math.floor(column / tile) * words * tile + (column % tile)) * 2;
    for (let factor = 0; factor < factors; factor++) {
      const from = members[column * factors + factor] * words * 2;
      for (let w = 0; w < words; w++) {
        tiled[to + w * tile * 2] ^= bits[from + 2 * w];
        tiled[to + w * tile * 2 + 1] ^= bits[from + 2 * w + 1];
      }
    }
  }
  return { columns, bits: tiled };
}

/** Columns of a that are multiplied at a time. */
const strip = 64;

/**
 * Weighted sums over the pairs of products of two columns, `to[at + i * row + j]` for the columns i of a and j of b, on
 * WebAssembly: the bits of {@link plainSignProduct}.
 *
 * @param weights of the pairs of each word
 * @param lower whether only what is not above the diagonal is needed: not all of the rest is then computed
 */
export function* addSignProducts(
  words: SignWords,
  a: SignColumns,
  b: SignColumns,
  weights: Float64Array,
  to: { readonly data: Float64Array; readonly at: number; readonly row: number },
  lower = false,
): Steps<void> {
  const total = totalWeight(weights, words);
  const perTile = words.words * tile;
  for (let first = 0; first < a.columns; first += strip) {
    const high = Math.min(strip, a.columns - first);
    const wide = lower ? Math.min(b.columns, first + high) : b.columns;
    const [tilesA, tilesB] = [Math.ceil(high / tile), Math.ceil(wide / tile)];
    const size = (tilesA + tilesB) * perTile;
    const kernel = productsKernel(size + words.words + high * tilesB * tile);
    if (!kernel) {
      for (let i = first; i < first + high; i++) {
        for (let j = 0; j < wide; j++) to.data[to.at + i * to.row + j] = plainSignProduct(words, a, i, b, j, weights);
      }
      yield;
      continue;
    }
    const { buffer } = kernel.memory;
    const start = pageBytes / 8;
    const atB = start + tilesA * perTile;
    const atWeights = atB + tilesB * perTile;
    const atProducts = atWeights + words.words;
    const memory = new Float64Array(buffer);
    const bits = new Uint32Array(buffer);
    const from = (first / tile) * perTile * 2;
    bits.set(a.bits.subarray(from, from + tilesA * perTile * 2), 2 * start);
    bits.set(b.bits.subarray(0, tilesB * perTile * 2), 2 * atB);
    memory.set(weights, atWeights);
    kernel.signProducts(
      ...[8 * start, high, 8 * atB, tilesB * tile],
      ...([words.words, 8 * atWeights, total, 8 * atProducts] as const),
    );
    for (let i = 0; i < high; i++) {
      const row = atProducts + i * tilesB * tile;
      to.data.set(memory.subarray(row, row + wide), to.at + (first + i) * to.row);
    }
    yield;
  }
}

const pageBytes = 65_536;

/** One of the products, in TypeScript. */
export function plainSignProduct(
  words: SignWords,
  a: SignColumns,
  i: number,
  b: SignColumns,
  j: number,
  weights: Float64Array,
): number {
  const start = (column: number) => (Math.floor(column / tile) * words.words * tile + (column % tile)) * 2;
  const [fromA, fromB] = [start(i), start(j)];
  let differing = 0;
  for (let w = 0; w < words.words; w++) {
    const step = w * tile * 2;
    const low = ones(a.bits[fromA + step] ^ b.bits[fromB + step]);
    differing += weights[w] * (low + ones(a.bits[fromA + step + 1] ^ b.bits[fromB + step + 1]));
  }
  return totalWeight(weights, words) - 2 * differing;
}

/** How many bits are 1. */
function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Sum of some weights over all pairs. */
function totalWeight(weights: Float64Array, { counts }: SignWords): number {
  let total = 0;
  for (let w = 0; w < weights.length; w++) total += weights[w] * counts[w];
  return total;
}
