import type { Steps } from "../pace.js";
import type { GivenAnswers } from "./answers.js";
import type { Stretch } from "./attention.js";
import type { ExpertsConfig } from "./config.js";
import { type ExpertMemory, expertMemory } from "./expert-layer.js";
import { type DecoderParts, feedForwardTerms } from "./forward.js";
import { applyKeptAttention, type KeptKeys, keptKeys } from "./kept-attention.js";
import type { TurnTable } from "./rotation.js";
import { gatheredRows, rowsIn, tailOf } from "./rows.js";
import type { SharedPassage } from "./shared-passage.js";
import { giveBack } from "./spare-arrays.js";
import type { DecoderLesions } from "./units.js";

/** Where a pass begins. */
export interface Start {
  readonly layer: number;
  /** Behind the layer's attention, or in front of it. */
  readonly behind: boolean;
}

/**
 * The vectors of a passage in every layer, `[rows, width]` each, as the last pass left them; of layers below the start
 * of all passes there are none.
 */
export interface Kept {
  /** In front of every layer; the last one behind the last layer, where only rows are right that are asked for. */
  readonly before: readonly Float32Array[];
  /** Behind its attention; in the last layer only rows are right that are asked for. */
  readonly between: readonly Float32Array[];
  readonly keys: readonly KeptKeys[];
  /** What experts made of the vectors behind attention; undefined where that is not kept. */
  readonly made: readonly (ExpertMemory | undefined)[];
  /**
   * Whether the layers have arrays of their own; otherwise they share one, and passes begin at the first player, with
   * everything.
   */
  readonly layered: boolean;
  /** Of the rows behind the last layer those that the last pass has changed. */
  readonly changed: Uint8Array;
}

/**
 * Room for the vectors of a passage.
 *
 * @param beginning the vectors where all passes begin, which none of them changes
 * @param first what experts made of them, where the start is behind an attention
 * @param layered whether all layers are kept, for passes that begin higher up; otherwise it takes the memory of one
 */
export function keptFrom(
  { config }: DecoderParts,
  start: Start,
  beginning: Float32Array,
  first: ExpertMemory | undefined,
  layered: boolean,
): Kept {
  const { layers, width } = config;
  const rows = beginning.length / width;
  const room = layered ? () => new Float32Array(beginning.length) : () => shared;
  const shared = new Float32Array(layered ? 0 : beginning.length);
  const none = new Float32Array(0);
  const from = (layer: number, behind: boolean, l: number) => {
    if (l === layer && behind === start.behind) return beginning;
    return l < layer || (l === layer && start.behind && !behind) ? none : room();
  };
  const keys = layered ? undefined : keptKeys(config, rows);
  return {
    before: Array.from({ length: layers + 1 }, (_, l) => from(start.layer, false, l)),
    between: Array.from({ length: layers }, (_, l) => from(start.layer, true, l)),
    keys: Array.from({ length: layers }, (_, l) => keys ?? keptKeys(config, l < start.layer ? 0 : rows)),
    made: Array.from({ length: layers }, (_, l) => {
      if (l === start.layer && first) return first;
      return layered && l >= start.layer && config.sparse[l]
        ? expertMemory(config.experts as ExpertsConfig, rows, width)
        : undefined;
    }),
    layered,
    changed: new Uint8Array(rows),
  };
}

/**
 * Goes through the layers from the place of a unit that returns, and computes of each only the rows that may be others
 * than in the pass before: those that follow a changed one in their sequence, and in the last layer those alone that
 * are asked for. The vectors are the same bits as those of a whole pass.
 *
 * @param everything whether lesions of layers above differ from those of the pass before, too, so that rows may be
 *   others without a changed one before them
 */
export function* passFrom(
  parts: DecoderParts,
  { passage, asked }: GivenAnswers,
  kept: Kept,
  { layer, behind }: Start,
  everything: boolean,
  lesions: DecoderLesions,
  table: TurnTable,
): Steps<void> {
  const { layers, width } = parts.config;
  const { before, between, keys, made, layered } = kept;
  kept.changed.fill(0);
  let changed: Uint8Array | undefined;
  for (let l = layer; l < layers; l++) {
    const wanted = l === layers - 1 ? asked : passage.stretches;
    const tails = changed ? behindChanged(passage, wanted, changed) : wanted;
    const rows = rowsIn(tails);
    if (rows.length === 0) return;
    if (l > layer || !behind) {
      const { whole, heads } = lesions.layers[l];
      if (!layered) keys[l].stale.fill(1);
      const terms = whole
        ? undefined
        : yield* applyKeptAttention(parts, l, before[l], passage, tails, keys[l], table, heads);
      const own = gatheredRows(before[l], rows, width);
      const other = replaceRows(between[l], rows, own, terms, width);
      giveBack(terms);
      if (own !== before[l]) giveBack(own);
      forget(made[l], rows, other);
    }
    const own = gatheredRows(between[l], rows, width);
    const terms = yield* feedForwardTerms(parts, l, own, lesions, made[l], rows);
    const other = replaceRows(before[l + 1], rows, own, terms, width);
    giveBack(terms);
    if (own !== between[l]) giveBack(own);
    const flags = l === layers - 1 ? kept.changed : keys[l + 1].stale;
    const next = everything ? undefined : new Uint8Array(passage.tokens.length);
    for (const [i, row] of rows.entries()) {
      if (other[i] === 0) continue;
      flags[row] = 1;
      if (next) next[row] = 1;
    }
    if (next && !next.includes(1)) return;
    changed = next;
  }
}

/** Of each stretch the rows that are wanted from the first changed one of its sequence on. */
function behindChanged({ paths }: SharedPassage, wanted: readonly Stretch[], changed: Uint8Array): Stretch[] {
  return wanted.map((stretch, s) => {
    const first = paths[s].findIndex((row) => changed[row] === 1);
    return tailOf(stretch, first < 0 ? stretch.from + stretch.count : first);
  });
}

/**
 * Writes some vectors, and what is added to them, in the place of rows. @returns 1 of each row that is another one than
 * before
 */
function replaceRows(
  vectors: Float32Array,
  rows: Int32Array,
  own: Float32Array,
  terms: Float32Array | undefined,
  width: number,
): Uint8Array {
  const changed = new Uint8Array(rows.length);
  for (let r = 0; r < rows.length; r++) {
    const [at, to] = [r * width, rows[r] * width];
    let other = 0;
    for (let i = 0; i < width; i++) {
      const value = terms ? Math.fround(own[at + i] + terms[at + i]) : own[at + i];
      if (value !== vectors[to + i]) other = 1;
      vectors[to + i] = value;
    }
    changed[r] = other;
  }
  return changed;
}

/** Forgets what experts made of rows that are others now. */
function forget(memory: ExpertMemory | undefined, rows: Int32Array, changed: Uint8Array): void {
  if (!memory) return;
  rows.forEach((row, i) => {
    if (changed[i] === 1) memory.experts.fill(-1, row * memory.perToken, (row + 1) * memory.perToken);
  });
}
