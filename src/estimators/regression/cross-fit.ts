import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { type Fit, weightedRows } from "./fit.js";
import { importancesOf, type PairSums } from "./importances.js";
import { backwards, factorise, forwards, gramOf } from "./linear.js";
import { addProduct, matrix, transposed, type View } from "./products.js";
import { bestTriples, screenTriples, type Triples } from "./screen-triples.js";
import { addSignProducts, signColumns, signWords } from "./sign-products.js";
import type { SizeTerms } from "./size-terms.js";
import { tripleCount } from "./triple-places.js";

/** Folds of the pairs: a fold's triples and their coefficients come from the others. */
export const folds = 4;

/** How many triples, and how they are held back. */
export interface TripleAmount {
  /** Triples for each pair that they are fitted on. */
  readonly share: number;
  /** Added to the diagonal of the triples' equations, in shares of its mean. */
  readonly ridge: number;
}

/** Most triples of a fold: solving for them takes the cube of it. */
export const mostTriples = 1800;

/** What is tried; the first is exact for a game of a few triples. */
export const tripleAmounts: readonly TripleAmount[] = [
  { share: 0.05, ridge: 0 },
  { share: 0.2, ridge: 0.01 },
  { share: 0.3, ridge: 0.01 },
  { share: 0.05, ridge: 0.1 },
  { share: 0.2, ridge: 0.1 },
];

/** Pairs from which on triples are tried. */
const leastPairs = 60;

/** Most triples x pairs that are screened: half a minute on one core. */
const mostScreened = 2e9;

/** What triples that were chosen and fitted in other folds say of each pair, and what that is in Shapley values. */
export interface CrossFit {
  readonly amount: TripleAmount;
  /** Triples in each fold. */
  readonly triples: readonly number[];
  /** Of the targets, `[pairs, outputs]`: what the mean of the folds' fits says of each pair. */
  readonly explained: Float64Array;
  /** The same, of each pair what was fitted in the folds that it is not in. */
  readonly explainedByOthers: Float64Array;
  /** Shapley values of the triples, the mean over the folds, `[units, outputs]`. */
  readonly values: Float64Array;
}

/**
 * Fits odd triples x_i x_j x_k beside the terms of size. Each fold of the pairs has triples of its own: screened, and fitted together with the
 * terms of size, on the pairs of the other folds, so what they say of the fold's pairs owes nothing to these pairs' targets.
 *
 * @param fit of the terms of size that the triples are fitted with
 * @returns one for each of {@link tripleAmounts}
 */
export function* crossFitTriples(design: Design, terms: SizeTerms, fit: Fit, outputs: number): Steps<CrossFit[]> {
  const { units, pairs, weights } = design;
  const { kind, residuals } = fit;
  const scores = yield* screenTriples(design, residuals, outputs, folds);
  const columns = terms.upTo[kind];
  const results = tripleAmounts.map((amount) => ({
    amount,
    triples: [] as number[],
    explained: new Float64Array(pairs * outputs),
    explainedByOthers: new Float64Array(pairs * outputs),
    values: new Float64Array(units * outputs),
  }));
  const most = Math.max(...tripleAmounts.map(({ share }) => share));
  const ridges = [...new Set(tripleAmounts.map(({ ridge }) => ridge))];
  const weighted = weightedRows(residuals, weights, outputs);
  const scales = new Float64Array(outputs);
  for (let i = 0; i < weighted.length; i++) scales[i % outputs] += weighted[i] * residuals[i];
  const parts = yield* foldParts(design, terms, columns, weighted, outputs);
  for (let fold = 0; fold < folds; fold++) {
    const own = pairsIn(fold, pairs);
    const others = pairs - own;
    const ofOthers = { gram: sumOfOthers(parts, fold, "gram"), right: sumOfOthers(parts, fold, "right") };
    const importances = yield* importancesOf(fit, ofOthers, units, scales);
    const triples = bestTriples(scores[fold], importances, amountOf(most, others));
    const count = triples.length / 3;
    const size = columns + count;
    const gram = yield* withTriples(ofOthers.gram, design, terms, columns, fold, triples);
    const right = new Float64Array(size * outputs);
    right.set(ofOthers.right);
    yield* addTripleProducts(right.subarray(columns * outputs), design, fold, triples, weighted, outputs);
    const solutions: {
      readonly result: (typeof results)[number];
      readonly used: number;
      readonly ofTriples: Float64Array;
    }[] = [];
    for (const ridge of ridges) {
      const alike = results.filter(({ amount }) => amount.ridge === ridge);
      const wanted = Math.max(...alike.map(({ amount }) => amountOf(amount.share, others)));
      const unknowns = columns + Math.min(count, wanted);
      const held = new Float64Array(unknowns);
      held.fill((ridge * totalOf(gram, size)) / size, columns);
      const factor = yield* factorise(leading(gram, size, unknowns), unknowns, held);
      const solved = yield* forwards(factor, right.slice(0, unknowns * outputs), outputs);
      for (const result of alike) {
        const used = Math.min(count, amountOf(result.amount.share, others));
        const first = solved.slice(0, (columns + used) * outputs);
        const coefficients = yield* backwards(factor, first, outputs, columns + used);
        const ofTriples = coefficients.slice(columns * outputs);
        addShapley(triples.subarray(0, 3 * used), ofTriples, outputs, own / pairs, result.values);
        result.triples.push(used);
        solutions.push({ result, used, ofTriples });
      }
    }
    const room = new Float64Array(count * signBlock);
    for (let first = 0; first < pairs; first += signBlock) {
      const height = Math.min(signBlock, pairs - first);
      const signs = tripleSigns(design, triples, first, height, room);
      for (const { result, used, ofTriples } of solutions) {
        const said = new Float64Array(height * outputs);
        yield* addProduct([height, used, outputs], signs, matrix(ofTriples, outputs), matrix(said, outputs));
        const to = first * outputs;
        for (let i = 0; i < said.length; i++) result.explained[to + i] += (own / pairs) * said[i];
        for (let s = 0; s < height; s++) {
          if ((first + s) % folds !== fold) continue;
          result.explainedByOthers.set(said.subarray(s * outputs, (s + 1) * outputs), to + s * outputs);
        }
      }
    }
  }
  return results;
}

/** Pairs whose products of three signs are written out at a time. */
const signBlock = 128;

function pairsIn(fold: number, pairs: number): number {
  return Math.floor((pairs - fold + folds - 1) / folds);
}

function* foldParts(
  design: Design,
  terms: SizeTerms,
  columns: number,
  weighted: Float64Array,
  outputs: number,
): Steps<PairSums[]> {
  const parts: PairSums[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const count = pairsIn(fold, design.pairs);
    const rows: View = { data: terms.rows, at: fold * terms.columns, row: folds * terms.columns, column: 1 };
    const targets: View = { data: weighted, at: fold * outputs, row: folds * outputs, column: 1 };
    const gram = yield* gramOf(rows, count, columns, design.weights, fold, folds);
    const right = new Float64Array(columns * outputs);
    yield* addProduct([columns, count, outputs], transposed(rows), targets, matrix(right, outputs));
    parts.push({ gram, right });
  }
  return parts;
}

function sumOfOthers(parts: readonly PairSums[], fold: number, what: keyof PairSums): Float64Array {
  const sum = new Float64Array(parts[0][what].length);
  parts.forEach((part, other) => {
    if (other === fold) return;
    const numbers = part[what];
    for (let i = 0; i < sum.length; i++) sum[i] += numbers[i];
  });
  return sum;
}

/**
 * x_i x_j x_k of some pairs that follow each other, a matrix `[pairs, triples]`.
 *
 * @param signs room for it: fresh memory would take longer than the products
 */
function tripleSigns({ units, x }: Design, triples: Triples, first: number, pairs: number, signs: Float64Array): View {
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

/** Why triples are not tried; undefined where they are: there have to be some, pairs enough to fit them, and not too many to screen. */
export function triplesLeftOut(units: number, pairs: number): string | undefined {
  const count = tripleCount(units);
  if (count === 0 || pairs < leastPairs) return `${pairs} pairs, of at least ${leastPairs}`;
  if (count * pairs > mostScreened) return `${count} triples on ${pairs} pairs are too many to screen`;
  return undefined;
}

function amountOf(share: number, pairs: number): number {
  return Math.min(mostTriples, Math.floor(share * pairs));
}

/** The first rows and columns of a square matrix. */
function leading(matrix: Float64Array, size: number, first: number): Float64Array {
  if (first === size) return matrix;
  const block = new Float64Array(first * first);
  for (let r = 0; r < first; r++) block.set(matrix.subarray(r * size, r * size + first), r * first);
  return block;
}

function totalOf(gram: Float64Array, size: number): number {
  let trace = 0;
  for (let c = 0; c < size; c++) trace += gram[c * size + c];
  return trace;
}

/** Gram matrix of the terms of size and the triples, its lower half, of the pairs that are not in a fold. */
function* withTriples(
  gram: Float64Array,
  design: Design,
  { factors }: SizeTerms,
  columns: number,
  fold: number,
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
function* addTripleProducts(
  to: Float64Array,
  design: Design,
  fold: number,
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
function addShapley(
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
