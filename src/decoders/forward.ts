import { invalid } from "../errors.js";
import type { Steps } from "../pace.js";
import { applyAttention, type KeysAndValues, keysAndValues, type Stretch } from "./attention.js";
import type { DecoderConfig, ExpertsConfig } from "./config.js";
import { applyExperts, type ExpertMemory } from "./expert-layer.js";
import { applyFeedForward, rmsNorm } from "./parts.js";
import type { Products } from "./products.js";
import { type TurnRounding, type TurnTable, turns, turnTable } from "./rotation.js";
import { giveBack } from "./spare-arrays.js";
import type { Streaming } from "./streaming.js";
import type { DecoderLesions } from "./units.js";
import type { Layer, Weights } from "./weights.js";

/** A decoder's numbers and what multiplies them. */
export interface DecoderParts {
  readonly config: DecoderConfig;
  readonly weights: Weights;
  readonly products: Products;
  /** Where the weights stay on the disk; undefined where they are in memory. */
  readonly streaming?: Streaming | undefined;
}

/** Some sequences on their way through a decoder: new tokens of each, and what is remembered of those before. */
export interface Passage {
  /** The new tokens, one sequence after the other. */
  readonly tokens: readonly number[];
  /** Where each sequence's new tokens are. */
  readonly stretches: readonly Stretch[];
  /** Keys and values of a layer of each sequence; called once a layer. */
  readonly past: (layer: number) => readonly KeysAndValues[];
}

/** A passage of whole sequences, of which nothing is remembered. */
export function wholePassage(config: DecoderConfig, sequences: readonly (readonly number[])[]): Passage {
  return {
    tokens: sequences.flatMap((sequence) => [...sequence]),
    stretches: stretchesOf(sequences.map(({ length }) => ({ count: length, from: 0 }))),
    past: () => sequences.map(({ length }) => keysAndValues(config, length)),
  };
}

/** Stretches of rows that follow each other. */
export function stretchesOf(parts: readonly Omit<Stretch, "row">[]): Stretch[] {
  let row = 0;
  return parts.map((part) => {
    const stretch = { row, ...part };
    row += part.count;
    return stretch;
  });
}

/** Adds to the vectors of a passage what attention of a layer makes of them; nothing where the layer is skipped. */
export function* addAttention(
  { config, weights, products }: DecoderParts,
  l: number,
  vectors: Float32Array,
  { stretches, past }: Passage,
  table: TurnTable,
  { layers }: DecoderLesions,
): Steps<void> {
  const { whole, heads } = layers[l];
  if (whole) return;
  const { attention, attentionNorm } = weights.layers[l];
  const x = rmsNorm(vectors, attentionNorm, config.epsilon);
  const terms = yield* applyAttention(
    products,
    x,
    config,
    attention,
    stretches,
    past(l),
    table,
    config.windows[l],
    heads,
  );
  add(vectors, terms);
  giveBack(x, terms);
}

/**
 * Adds to some vectors what the experts of a layer, or its dense feed-forward network, make of them; nothing where the
 * layer is skipped.
 */
export function* addFeedForward(
  parts: DecoderParts,
  l: number,
  vectors: Float32Array,
  lesions: DecoderLesions,
  memory?: ExpertMemory,
): Steps<void> {
  const terms = yield* feedForwardTerms(parts, l, vectors, lesions, memory);
  if (terms) add(vectors, terms);
  giveBack(terms);
}

/**
 * What the experts of a layer, or its dense feed-forward network, add to some vectors, `[rows, width]`; undefined where
 * that is nothing.
 *
 * @param memory of what experts made of the same vectors before
 * @param places of the vectors in the memory; default as they are
 */
export function* feedForwardTerms(
  { config, weights, products }: DecoderParts,
  l: number,
  vectors: Float32Array,
  { lesion, layers }: DecoderLesions,
  memory?: ExpertMemory,
  places?: Int32Array,
): Steps<Float32Array | undefined> {
  const lesions = layers[l];
  const { experts, dense, feedForwardNorm } = weights.layers[l];
  if (lesions.whole || (!experts && lesions.always)) return undefined;
  const rows = vectors.length / config.width;
  const x = rmsNorm(vectors, feedForwardNorm, config.epsilon);
  if (experts) {
    const own = config.experts as ExpertsConfig;
    const terms = yield* applyExperts(products, x, rows, own, experts, lesions, lesion, memory, places);
    giveBack(x);
    return terms;
  }
  const terms = applyFeedForward(products, x, rows, dense as NonNullable<Layer["dense"]>);
  giveBack(x);
  yield;
  return terms;
}

/** What all layers make of the new tokens of a passage, `[tokens, width]`. */
export function* through(
  parts: DecoderParts,
  passage: Passage,
  table: TurnTable,
  lesions: DecoderLesions,
): Steps<Float32Array> {
  const vectors = parts.weights.embeddings(passage.tokens);
  for (let l = 0; l < parts.config.layers; l++) {
    yield* addAttention(parts, l, vectors, passage, table, lesions);
    yield* addFeedForward(parts, l, vectors, lesions);
  }
  return vectors;
}

/**
 * Logits of some vectors, `[rows, vocabulary]`.
 *
 * @throws RangeError where they are no finite numbers: the largest would be any
 */
export function logitsOf({ config, weights, products }: DecoderParts, vectors: Float32Array): Float32Array {
  const x = rmsNorm(vectors, weights.norm, config.epsilon);
  const logits = products.multiply(x, vectors.length / config.width, weights.head);
  giveBack(x);
  let zero = 0;
  for (let i = 0; i < logits.length; i++) zero += 0 * logits[i];
  if (zero !== 0) {
    const rule =
      "finite numbers: there are NaN or infinite ones among the weights, or what is computed from them overflows";
    throw invalid(
      "logits",
      rule,
      logits.find((logit) => !Number.isFinite(logit)),
    );
  }
  return logits;
}

/** The vectors of the last rows of each stretch, `[stretches, width]`. */
export function lastRows(vectors: Float32Array, stretches: readonly Stretch[], width: number): Float32Array {
  const last = new Float32Array(stretches.length * width);
  stretches.forEach(({ row, count }, s) => {
    last.set(vectors.subarray((row + count - 1) * width, (row + count) * width), s * width);
  });
  return last;
}

/** A function that gives the turns of so many positions: a table that grows. */
export function growingTable(
  { rotation, headWidth }: DecoderConfig,
  rounding: TurnRounding,
): (positions: number) => TurnTable {
  const turn = turns(rotation, headWidth, rounding);
  let table = turnTable(turn, 0);
  let known = 0;
  return (positions) => {
    if (positions > known) {
      known = Math.max(positions, 2 * known);
      table = turnTable(turn, known);
    }
    return table;
  };
}

function add(vectors: Float32Array, terms: Float32Array): void {
  for (let i = 0; i < vectors.length; i++) vectors[i] += terms[i];
}
