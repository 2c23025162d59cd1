import type { Steps } from "../pace.js";
import {
  headsOutput,
  type KeysAndValues,
  keysAndValues,
  limited,
  mixAll,
  normed,
  remember,
  type Stretch,
  turn,
} from "./attention.js";
import type { DecoderConfig } from "./config.js";
import type { DecoderParts } from "./forward.js";
import { applyLinear, rmsNorm } from "./parts.js";
import type { TurnTable } from "./rotation.js";
import { copyNumbers, gatheredRows, rowsIn } from "./rows.js";
import type { SharedPassage } from "./shared-passage.js";
import { giveBack, takeArray } from "./spare-arrays.js";

/** Keys and values of all rows of a passage in one layer, `[rows, keyHeads, headWidth]` each, which outlast a pass. */
export interface KeptKeys {
  readonly keys: Float32Array;
  readonly values: Float32Array;
  /** 1 of each row whose vector has changed since its key and value were computed. */
  readonly stale: Uint8Array;
}

/** Room for them; all are stale. */
export function keptKeys({ keyHeads, headWidth }: DecoderConfig, rows: number): KeptKeys {
  const room = () => new Float32Array(rows * keyHeads * headWidth);
  return { keys: room(), values: room(), stale: new Uint8Array(rows).fill(1) };
}

/**
 * What attention of a layer adds to some rows of a passage, in their order: the numbers that `applyAttention` has for
 * them. Keys and values are computed of the rows that are stale.
 *
 * @param vectors in front of the layer, of all rows
 * @param tails of each stretch the rows that are asked for, from one to its last; none where its count is 0
 */
export function* applyKeptAttention(
  { config, weights, products }: DecoderParts,
  l: number,
  vectors: Float32Array,
  passage: SharedPassage,
  tails: readonly Stretch[],
  kept: KeptKeys,
  table: TurnTable,
  lesioned: readonly boolean[],
): Steps<Float32Array> {
  const { width, heads, keyHeads, headWidth, epsilon } = config;
  const { attention, attentionNorm } = weights.layers[l];
  const rows = rowsIn(tails);
  const own = gatheredRows(vectors, rows, width);
  const normedOwn = rmsNorm(own, attentionNorm, epsilon);
  if (own !== vectors) giveBack(own);
  const fresh = staleRows(kept);
  if (fresh.length > 0) {
    const places = placesOf(fresh, rows, kept.stale.length);
    const x = places ? gatheredRows(normedOwn, places, width) : normedRows(vectors, fresh, attentionNorm, epsilon);
    const keys = normed(applyLinear(products, x, fresh.length, attention.keys), attention.keyNorm, config);
    const values = limited(applyLinear(products, x, fresh.length, attention.values), config.clip);
    const size = keyHeads * headWidth;
    fresh.forEach((row, i) => {
      turn(keys, keyHeads, { row: i, count: 1, from: passage.positions[row] }, table, headWidth);
      copyNumbers(keys, i * size, kept.keys, row * size, size);
      copyNumbers(values, i * size, kept.values, row * size, size);
    });
    kept.stale.fill(0);
    if (x !== normedOwn) giveBack(x);
    giveBack(keys, values);
    yield;
  }
  const queries = normed(applyLinear(products, normedOwn, rows.length, attention.queries), attention.queryNorm, config);
  giveBack(normedOwn);
  yield;
  const mixed = takeArray(rows.length * heads * headWidth);
  const past = pastOf(config, passage, kept);
  let at = 0;
  for (const [s, { from, count }] of tails.entries()) {
    if (count === 0) continue;
    const stretch = { row: at, from, count };
    turn(queries, heads, stretch, table, headWidth);
    mixAll(products, queries, mixed, stretch, past(s), config, config.windows[l]);
    at += count;
    yield;
  }
  const terms = headsOutput(products, mixed, rows.length, config, attention, lesioned);
  giveBack(queries, mixed);
  return terms;
}

function staleRows({ stale }: KeptKeys): Int32Array {
  let count = 0;
  for (let row = 0; row < stale.length; row++) count += stale[row];
  const rows = new Int32Array(count);
  let at = 0;
  for (let row = 0; row < stale.length; row++) if (stale[row] === 1) rows[at++] = row;
  return rows;
}

/** Where some rows stand among others, of so many; undefined where one of them does not. */
function placesOf(some: Int32Array, rows: Int32Array, count: number): Int32Array | undefined {
  if (some.length > rows.length) return undefined;
  const places = new Int32Array(count).fill(-1);
  rows.forEach((row, i) => {
    places[row] = i;
  });
  const found = some.map((row) => places[row]);
  return found.includes(-1) ? undefined : found;
}

function normedRows(vectors: Float32Array, rows: Int32Array, scales: Float32Array, epsilon: number): Float32Array {
  const own = gatheredRows(vectors, rows, scales.length);
  const x = rmsNorm(own, scales, epsilon);
  if (own !== vectors) giveBack(own);
  return x;
}

/**
 * A function that gives the keys and values of a stretch's sequence. What two stretches that follow each other have in
 * common stays where it is.
 */
function pastOf(config: DecoderConfig, { paths }: SharedPassage, kept: KeptKeys): (stretch: number) => KeysAndValues {
  const longest = Math.max(...paths.map(({ length }) => length));
  const past = keysAndValues(config, longest);
  const held = new Int32Array(longest).fill(-1);
  return (stretch) => {
    paths[stretch].forEach((row, position) => {
      if (held[position] === row) return;
      remember(past, kept.keys, kept.values, row, position, config);
      held[position] = row;
    });
    return past;
  };
}
