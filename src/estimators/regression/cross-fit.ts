import type { Design } from "./design.js";
import { backwards, crossProduct, factorise, forwards, gramOf } from "./linear.js";
import { bestTriples, byFold, screenTriples, type Triples, tripleCount } from "./screen-triples.js";
import type { SizeTermKind, SizeTerms } from "./size-terms.js";
import { type SignWords, signWords, totalWeight, tripleBits, weightedProduct } from "./triple-columns.js";

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
const mostTriples = 1500;

/** What is tried. */
export const tripleAmounts: readonly TripleAmount[] = [
  { share: 0.05, ridge: 0 },
  { share: 0.2, ridge: 0 },
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
 * @param residuals what the terms of size leave of the targets, `[pairs, outputs]`
 * @param kind of the terms of size that the triples are fitted with
 * @returns one for each of {@link tripleAmounts}
 */
export function crossFitTriples(
  design: Design,
  terms: SizeTerms,
  kind: SizeTermKind,
  residuals: Float64Array,
  outputs: number,
): CrossFit[] {
  const { units, pairs, weights } = design;
  const scores = screenTriples(design, residuals, outputs, folds);
  const order = byFold(pairs, folds);
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
  for (let fold = 0; fold < folds; fold++) {
    const own = order.pairs.subarray(order.start[fold], order.start[fold + 1]);
    const others = Uint32Array.from(order.pairs.filter((s) => s % folds !== fold));
    const triples = bestTriples(scores[fold], units, amountOf(most, others.length));
    const count = triples.length / 3;
    const words = signWords(design, fold, folds);
    const bits = tripleBits(words, triples);
    const size = columns + count;
    const gram = withTriples(gramOf(terms.rows, terms.columns, weights, others), terms, columns, words, bits, count);
    const right = new Float64Array(size * outputs);
    right.set(
      crossProduct(terms.rows, terms.columns, weights, others, residuals, outputs).subarray(0, columns * outputs),
    );
    addTripleProducts(right.subarray(columns * outputs), words, bits, residuals, outputs);
    for (const ridge of ridges) {
      const held = new Float64Array(size);
      held.fill((ridge * totalOf(gram, size)) / size, columns);
      const factor = factorise(gram, size, held);
      const solved = forwards(factor, right.slice(), outputs);
      for (const result of results) {
        if (result.amount.ridge !== ridge) continue;
        const used = Math.min(count, amountOf(result.amount.share, others.length));
        const coefficients = backwards(factor, solved.slice(0, (columns + used) * outputs), outputs, columns + used);
        const ofTriples = coefficients.subarray(columns * outputs);
        const taken = triples.subarray(0, 3 * used);
        const said = explain(design, taken, ofTriples, outputs);
        const part = own.length / pairs;
        for (let i = 0; i < said.length; i++) result.explained[i] += part * said[i];
        for (const s of own) {
          result.explainedByOthers.set(said.subarray(s * outputs, (s + 1) * outputs), s * outputs);
        }
        addShapley(taken, ofTriples, outputs, own.length / pairs, result.values);
        result.triples.push(used);
      }
    }
  }
  return results;
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

function totalOf(gram: Float64Array, size: number): number {
  let trace = 0;
  for (let c = 0; c < size; c++) trace += gram[c * size + c];
  return trace;
}

/** Gram matrix of the terms of size and the triples, its lower half. */
function withTriples(
  gram: Float64Array,
  { columns: all, factors }: SizeTerms,
  columns: number,
  words: SignWords,
  bits: Uint32Array,
  count: number,
): Float64Array {
  const size = columns + count;
  const joined = new Float64Array(size * size);
  for (let a = 0; a < columns; a++) joined.set(gram.subarray(a * all, a * all + a + 1), a * size);
  const { weights, t } = words;
  const total = totalWeight(weights, words);
  const none = new Uint32Array(words.words);
  const powers = new Map<number, Float64Array>();
  for (const { power } of factors)
    if (!powers.has(power))
      powers.set(
        power,
        weights.map((each, w) => each * t[w] ** power),
      );
  const beside = factors.slice(0, columns).map(({ unit, power }) => {
    const own = powers.get(power) as Float64Array;
    const signs = unit === undefined ? none : words.bits;
    return { own, sum: totalWeight(own, words), signs, start: (unit ?? 0) * words.words };
  });
  for (let a = 0; a < count; a++) {
    const row = (columns + a) * size;
    const from = a * words.words;
    for (let c = 0; c < columns; c++) {
      const { own, sum, signs, start } = beside[c];
      joined[row + c] = weightedProduct(bits, from, signs, start, own, sum);
    }
    for (let b = 0; b < a; b++) {
      joined[row + columns + b] = weightedProduct(bits, from, bits, b * words.words, weights, total);
    }
    joined[row + columns + a] = total;
  }
  return joined;
}

/** Sums over pairs of weight x triple x residual: `[triples, outputs]`. */
function addTripleProducts(
  to: Float64Array,
  words: SignWords,
  bits: Uint32Array,
  residuals: Float64Array,
  outputs: number,
): void {
  const count = to.length / outputs;
  for (let w = 0; w < words.words; w++) {
    for (let bit = 0; bit < words.counts[w]; bit++) {
      const s = words.pairs[w * 32 + bit] * outputs;
      for (let triple = 0; triple < count; triple++) {
        const sign = (bits[triple * words.words + w] >>> bit) & 1 ? -words.weights[w] : words.weights[w];
        for (let o = 0; o < outputs; o++) to[triple * outputs + o] += sign * residuals[s + o];
      }
    }
  }
}

/** What triples say of every pair, `[pairs, outputs]`. */
function explain(
  { units, pairs, x }: Design,
  triples: Triples,
  coefficients: Float64Array,
  outputs: number,
): Float64Array {
  const said = new Float64Array(pairs * outputs);
  for (let s = 0; s < pairs; s++) {
    const row = s * units;
    const to = s * outputs;
    for (let triple = 0, from = 0; triple < triples.length; triple += 3, from += outputs) {
      const sign = x[row + triples[triple]] * x[row + triples[triple + 1]] * x[row + triples[triple + 2]];
      for (let o = 0; o < outputs; o++) said[to + o] += sign * coefficients[from + o];
    }
  }
  return said;
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
