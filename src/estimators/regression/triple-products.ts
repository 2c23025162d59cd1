import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { addProduct, matrix, transposed, type View } from "./products.js";
import type { Triples } from "./screen-triples.js";
import { addSignProducts, signColumns, signWords } from "./sign-products.js";
import type { SizeTerms } from "./size-terms.js";

/** Pairs whose products of three signs are written out at a time. */
export const signBlock = 128;

/**
 * x_i x_j x_k of some pairs that follow each other, a matrix `[pairs, triples]`.
 *
 * @param signs room for it: fresh memory would take longer than the products
 */
export function tripleSigns(
  { units, x }: Design,
  triples: Triples,
  first: number,
  pairs: number,
  signs: Float64Array,
): View {
  const count = triples.length / 3;
  const byUnit = new Float64Array(units * pairs);
  for (let s = 0; s < pairs; s++) for (let u = 0; u < units; u++) byUnit[u * pairs + s] = x[(first + s) * units + u];
  for (let triple = 0; triple < count; triple++) {
    const to = triple * pairs;
    const i = triples[3 * triple] * pairs;
    const j = triples[3 * triple + 1] * pairs;
    const k = triples[3 * triple + 2] * pairs;
    for (let s = 0; s < pairs; s++) signs[to + s] = byUnit[i + s] * byUnit[j + s] * byUnit[k + s];
  }
  return transposed(matrix(signs, pairs));
}

/**
 * Gram matrix of the terms of size and the triples, its lower half, of the pairs that are not in a fold.
 *
 * @param gram of the terms of size
 */
export function* gramWithTriples(
  gram: Float64Array,
  design: Design,
  { factors }: SizeTerms,
  columns: number,
  fold: number,
  folds: number,
  triples: Triples,
): Steps<Float64Array> {
  const size = columns + triples.length / 3;
  const joined = new Float64Array(size * size);
  for (let a = 0; a < columns; a++) joined.set(gram.subarray(a * columns, (a + 1) * columns), a * size);
  const words = signWords(design, fold, folds);
  const ofTriples = signColumns(words, triples, 3);
  const each = Array.from({ length: design.units }, (_, unit) => unit);
  for (let column = 0; column < columns; ) {
    const { unit, power } = factors[column];
    const members = unit === undefined ? [] : each;
    const beside = signColumns(words, members, unit === undefined ? 0 : 1);
    const weights = words.weights.map((weight, w) => weight * words.t[w] ** power);
    const to = { data: joined, at: columns * size + column, row: size };
    yield* addSignProducts(words, ofTriples, beside, weights, to);
    column += beside.columns;
  }
  const to = { data: joined, at: columns * size + columns, row: size };
  yield* addSignProducts(words, ofTriples, ofTriples, words.weights, to, true);
  return joined;
}

/** Sums over the pairs that are not in a fold of triple x weighted residual: `[triples, outputs]`. */
export function* addTripleProducts(
  to: Float64Array,
  design: Design,
  fold: number,
  folds: number,
  triples: Triples,
  weighted: Float64Array,
  outputs: number,
): Steps<void> {
  const count = triples.length / 3;
  const room = new Float64Array(count * signBlock);
  for (let first = 0; first < design.pairs; first += signBlock) {
    const height = Math.min(signBlock, design.pairs - first);
    const signs = tripleSigns(design, triples, first, height, room);
    const targets = weighted.slice(first * outputs, (first + height) * outputs);
    for (let s = 0; s < height; s++) {
      if ((first + s) % folds === fold) targets.fill(0, s * outputs, (s + 1) * outputs);
    }
    yield* addProduct([count, height, outputs], transposed(signs), matrix(targets, outputs), matrix(to, outputs));
  }
}

/** The Shapley values of x_i x_j x_k are -2/3 for i, j and k, and 0 for all others. */
export function addShapleyOfTriples(
  triples: Triples,
  coefficients: Float64Array,
  outputs: number,
  share: number,
  values: Float64Array,
): void {
  for (let at = 0; at < triples.length; at++) {
    const from = Math.floor(at / 3) * outputs;
    for (let o = 0; o < outputs; o++) values[triples[at] * outputs + o] -= ((2 * share) / 3) * coefficients[from + o];
  }
}
