import type { Steps } from "../pace.js";
import type { DecoderConfig } from "./config.js";
import { applyLinear, rmsNorm } from "./parts.js";
import type { Products } from "./products.js";
import { rotate, type TurnTable } from "./rotation.js";
import type { Attention } from "./weights.js";

/** Keys and values of one layer and one sequence. */
export interface KeysAndValues {
  /** How many tokens there is room for: a multiple of four. */
  readonly room: number;
  /** `[keyHeads, room, headWidth]` */
  readonly keys: Float32Array;
  /** `[keyHeads, headWidth, room]`: a product adds up over tokens. */
  readonly values: Float32Array;
}

/** Room for the keys and values of some tokens. */
export function keysAndValues({ keyHeads, headWidth }: DecoderConfig, tokens: number): KeysAndValues {
  const room = Math.ceil(tokens / 4) * 4;
  const size = keyHeads * room * headWidth;
  return { room, keys: new Float32Array(size), values: new Float32Array(size) };
}

/** New tokens of a sequence: rows of a batch, and where they stand in their sequence. */
export interface Stretch {
  /** Its first row. */
  readonly row: number;
  /** How many rows. */
  readonly count: number;
  /** The position of the first one in its sequence: so many tokens are in its keys and values. */
  readonly from: number;
}

/** Queries of a head that are looked at together. */
const queriesAtOnce = 64;

/**
 * What attention adds to some rows, `[rows, width]`, and the rows' keys and values to those of their sequences. Every
 * row sees what is before it in its sequence; no sequence sees another, and none is filled up.
 *
 * @param x normalised, `[rows, width]`
 * @param stretches all rows, one stretch a sequence
 * @param past keys and values of each stretch's sequence
 * @param window tokens that a query sees, its own included; undefined: all
 */
export function* applyAttention(
  products: Products,
  x: Float32Array,
  config: DecoderConfig,
  weights: Attention,
  stretches: readonly Stretch[],
  past: readonly KeysAndValues[],
  table: TurnTable,
  window: number | undefined,
  lesioned: readonly boolean[],
): Steps<Float32Array> {
  const { width, heads, keyHeads, headWidth } = config;
  const rows = x.length / width;
  const queries = normed(applyLinear(products, x, rows, weights.queries), weights.queryNorm, config);
  const keys = normed(applyLinear(products, x, rows, weights.keys), weights.keyNorm, config);
  const values = limited(applyLinear(products, x, rows, weights.values), config.clip);
  yield;
  const mixed = new Float32Array(rows * heads * headWidth);
  for (const [s, stretch] of stretches.entries()) {
    turn(queries, heads, stretch, table, headWidth);
    turn(keys, keyHeads, stretch, table, headWidth);
    for (let i = 0; i < stretch.count; i++) remember(past[s], keys, values, stretch.row + i, stretch.from + i, config);
    mixAll(products, queries, mixed, stretch, past[s], config, window);
    yield;
  }
  return headsOutput(products, mixed, rows, config, weights, lesioned);
}

/** What the heads that are not lesioned add to some rows, from what each has mixed. */
export function headsOutput(
  products: Products,
  mixed: Float32Array,
  rows: number,
  { heads, headWidth }: DecoderConfig,
  weights: Attention,
  lesioned: readonly boolean[],
): Float32Array {
  lesioned.forEach((out, head) => {
    if (!out) return;
    for (let row = 0; row < rows; row++)
      mixed.fill(0, (row * heads + head) * headWidth, (row * heads + head + 1) * headWidth);
  });
  return applyLinear(products, mixed, rows, weights.output);
}

/** What all heads mix for some rows of a sequence, whose keys and values are remembered up to their last one. */
export function mixAll(
  products: Products,
  queries: Float32Array,
  mixed: Float32Array,
  { row, from, count }: Stretch,
  past: KeysAndValues,
  config: DecoderConfig,
  window: number | undefined,
): void {
  for (let head = 0; head < config.keyHeads; head++) {
    for (let first = 0; first < count; first += queriesAtOnce) {
      const part = { row: row + first, from: from + first, count: Math.min(queriesAtOnce, count - first) };
      look(products, queries, mixed, part, past, head, config, window);
    }
  }
}

/** Queries, or keys, behind their norm and limit. */
export function normed(
  vectors: Float32Array,
  scales: Float32Array | undefined,
  { epsilon, clip }: DecoderConfig,
): Float32Array {
  return limited(scales ? rmsNorm(vectors, scales, epsilon) : vectors, clip);
}

/** Values behind their limit. */
export function limited(vectors: Float32Array, clip: number | undefined): Float32Array {
  return clip === undefined ? vectors : vectors.map((value) => Math.min(clip, Math.max(-clip, value)));
}

/** Turns the vectors of some rows by their positions, in place. */
export function turn(
  vectors: Float32Array,
  heads: number,
  { row, count, from }: Stretch,
  table: TurnTable,
  headWidth: number,
): void {
  for (let i = 0; i < count; i++) {
    for (let head = 0; head < heads; head++) {
      rotate(vectors, ((row + i) * heads + head) * headWidth, from + i, table, headWidth / 2);
    }
  }
}

/** Writes the keys and values of a row to their position. */
export function remember(
  past: KeysAndValues,
  keys: Float32Array,
  values: Float32Array,
  row: number,
  position: number,
  { keyHeads, headWidth }: DecoderConfig,
): void {
  for (let head = 0; head < keyHeads; head++) {
    const at = (row * keyHeads + head) * headWidth;
    const to = (head * past.room + position) * headWidth;
    for (let d = 0; d < headWidth; d++) {
      past.keys[to + d] = keys[at + d];
      past.values[(head * headWidth + d) * past.room + position] = values[at + d];
    }
  }
}

/** What the query heads of one head of keys and values see, for some rows of a sequence. */
function look(
  products: Products,
  queries: Float32Array,
  mixed: Float32Array,
  { row, count, from }: Stretch,
  { room: places, keys, values }: KeysAndValues,
  head: number,
  { heads, keyHeads, headWidth }: DecoderConfig,
  window: number | undefined,
): void {
  const group = heads / keyHeads;
  const until = from + count;
  // Sums over tokens are of those whose places leave the same rest by four: so they begin at a multiple of four.
  const begin = window === undefined ? 0 : 4 * Math.floor(Math.max(0, from + 1 - window) / 4);
  const seen = until - begin;
  const scale = 1 / Math.sqrt(headWidth);
  // The group's heads one after the other: they share keys and values.
  const own = room(0, group * count * headWidth);
  copyHeads(own, queries, row, count, heads, head * group, group, headWidth);
  const shares = room(1, group * count * seen);
  const x = { data: own, at: 0, row: headWidth };
  const scores = { data: shares, at: 0, row: seen };
  const keysFrom = { data: keys, at: (head * places + begin) * headWidth, row: headWidth };
  products.multiplyRows([group * count, headWidth, seen], x, keysFrom, scores);
  for (let g = 0; g < group; g++) {
    for (let i = 0; i < count; i++) {
      const position = from + i;
      const first = window === undefined ? 0 : Math.max(0, position + 1 - window);
      softmax(shares, (g * count + i) * seen, first - begin, position + 1 - begin, seen, scale);
    }
  }
  const valuesFrom = { data: values, at: head * headWidth * places + begin, row: places };
  products.multiplyRows([group * count, seen, headWidth], scores, valuesFrom, x);
  for (let g = 0; g < group; g++) {
    for (let i = 0; i < count; i++) {
      const to = ((row + i) * heads + head * group + g) * headWidth;
      const at = (g * count + i) * headWidth;
      for (let d = 0; d < headWidth; d++) mixed[to + d] = own[at + d];
    }
  }
}

/** Arrays that are used again: attention is looked at in many small parts. */
const rooms = [new Float32Array(0), new Float32Array(0)];

/** Room for so many numbers, whatever they were before; good until the same one is asked for again. */
function room(which: 0 | 1, count: number): Float32Array {
  if (rooms[which].length < count) rooms[which] = new Float32Array(2 * count);
  return rooms[which];
}

/** Copies the vectors of some heads in some rows, `[heads, rows, headWidth]`, from `[rows, all heads, headWidth]`. */
function copyHeads(
  some: Float32Array,
  vectors: Float32Array,
  row: number,
  count: number,
  all: number,
  first: number,
  heads: number,
  headWidth: number,
): void {
  let to = 0;
  for (let head = first; head < first + heads; head++) {
    for (let i = 0; i < count; i++) {
      const at = ((row + i) * all + head) * headWidth;
      for (let d = 0; d < headWidth; d++) some[to++] = vectors[at + d];
    }
  }
}

/** Softmax of scores times a scale over a part of a row, in place; 0 beside it. */
function softmax(scores: Float32Array, at: number, first: number, end: number, length: number, scale: number): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = first; j < end; j++) if (scores[at + j] > largest) largest = scores[at + j];
  let sum = 0;
  for (let j = first; j < end; j++) {
    const term = Math.exp((scores[at + j] - largest) * scale);
    scores[at + j] = term;
    sum += term;
  }
  for (let j = first; j < end; j++) scores[at + j] /= sum;
  scores.fill(0, at, at + first);
  scores.fill(0, at + end, at + length);
}
