import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { type Fit, weightedRows } from "./fit.js";
import { addSquaredCoefficients, importancesOf } from "./importances.js";
import { backwards, type Factor, factorise, forwards, gramOf } from "./linear.js";
import { addProduct, matrix, transposed, type View } from "./products.js";
import { bestTriples, noScores, screenTriples, type Triples } from "./screen-triples.js";
import type { SizeTermKind, SizeTerms } from "./size-terms.js";
import { addShapleyOfTriples, addTripleProducts, gramWithTriples, signBlock, tripleSigns } from "./triple-products.js";

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

/** Triples of a fold, and the equations of the terms of size and these on the pairs of the other folds. */
interface FoldOfTriples {
  readonly triples: Triples;
  /** By ridge: as many unknowns as the largest amount with it has. */
  readonly factors: ReadonlyMap<number, Factor>;
}

/**
 * Chooses odd triples x_i x_j x_k that are fitted beside the terms of size. Each fold of the pairs has triples of its own: screened, and fitted together with the
 * terms of size, on the pairs of the other folds, so what they say of the fold's pairs owes nothing to these pairs' targets. All outputs share them: these
 * may come in parts, one {@link add} for each.
 */
export class TripleScreening {
  readonly #scores: Float64Array[];
  /** By fold: squares of the units' coefficients. */
  readonly #squares: readonly Float64Array[];

  private constructor(
    readonly design: Design,
    readonly terms: SizeTerms,
    readonly columns: number,
    /** Gram matrices of the terms of size, of the pairs that are not in each fold. */
    readonly grams: readonly Float64Array[],
    readonly factors: readonly Factor[],
  ) {
    this.#scores = noScores(design.units, folds);
    this.#squares = grams.map(() => new Float64Array(design.units));
  }

  /** @param kind of the fits that are screened: the triples are fitted with its terms */
  static *of(design: Design, terms: SizeTerms, kind: SizeTermKind): Steps<TripleScreening> {
    const columns = terms.upTo[kind];
    const parts: Float64Array[] = [];
    for (let fold = 0; fold < folds; fold++) {
      const rows = rowsOf(terms, fold);
      parts.push(yield* gramOf(rows, pairsIn(fold, design.pairs), columns, design.weights, fold, folds));
    }
    const grams = parts.map((_, fold) => sumOfOthers(parts, fold));
    const factors: Factor[] = [];
    for (const gram of grams) factors.push(yield* factorise(gram, columns));
    return new TripleScreening(design, terms, columns, grams, factors);
  }

  /** Takes in a fit of some outputs. */
  *add(fit: Fit, outputs: number): Steps<void> {
    const { design, terms, columns } = this;
    yield* screenTriples(design, fit.residuals, outputs, folds, undefined, this.#scores);
    const weighted = weightedRows(fit.residuals, design.weights, outputs);
    const scales = new Float64Array(outputs);
    for (let i = 0; i < weighted.length; i++) scales[i % outputs] += weighted[i] * fit.residuals[i];
    const parts = yield* rightSides(design, terms, columns, weighted, outputs);
    for (let fold = 0; fold < folds; fold++) {
      const right = sumOfOthers(parts, fold);
      yield* addSquaredCoefficients(fit.coefficients, this.factors[fold], right, scales, this.#squares[fold]);
    }
  }

  /** The triples of what was taken in. */
  *chosen(): Steps<TripleFits> {
    const { design, terms, columns } = this;
    const chosen: FoldOfTriples[] = [];
    const most = Math.max(...tripleAmounts.map(({ share }) => share));
    for (let fold = 0; fold < folds; fold++) {
      const others = design.pairs - pairsIn(fold, design.pairs);
      const triples = bestTriples(this.#scores[fold], importancesOf(this.#squares[fold]), amountOf(most, others));
      const size = columns + triples.length / 3;
      const gram = yield* gramWithTriples(this.grams[fold], design, terms, columns, fold, folds, triples);
      const factors = new Map<number, Factor>();
      for (const { ridge } of tripleAmounts) {
        if (factors.has(ridge)) continue;
        const alike = tripleAmounts.filter((amount) => amount.ridge === ridge);
        const wanted = Math.max(...alike.map(({ share }) => amountOf(share, others)));
        const unknowns = Math.min(size, columns + wanted);
        const held = new Float64Array(unknowns);
        held.fill((ridge * totalOf(gram, size)) / size, columns);
        factors.set(ridge, yield* factorise(leading(gram, size, unknowns), unknowns, held));
      }
      chosen.push({ triples, factors });
    }
    return new TripleFits(design, terms, columns, chosen);
  }
}

/** Triples that were chosen, and their fits to the residuals of any outputs. */
export class TripleFits {
  constructor(
    readonly design: Design,
    readonly terms: SizeTerms,
    readonly columns: number,
    readonly chosen: readonly FoldOfTriples[],
  ) {}

  /**
   * Fits the triples.
   *
   * @param fit of the terms of size
   * @param amounts some of {@link tripleAmounts}
   * @returns one for each amount
   */
  *of(fit: Fit, outputs: number, amounts: readonly TripleAmount[] = tripleAmounts): Steps<CrossFit[]> {
    const { design, terms, columns } = this;
    const { units, pairs, weights } = design;
    const results = amounts.map((amount) => ({
      amount,
      triples: [] as number[],
      explained: new Float64Array(pairs * outputs),
      explainedByOthers: new Float64Array(pairs * outputs),
      values: new Float64Array(units * outputs),
    }));
    const weighted = weightedRows(fit.residuals, weights, outputs);
    const parts = yield* rightSides(design, terms, columns, weighted, outputs);
    for (let fold = 0; fold < folds; fold++) {
      const { triples, factors } = this.chosen[fold];
      const own = pairsIn(fold, pairs);
      const count = triples.length / 3;
      const right = new Float64Array((columns + count) * outputs);
      right.set(sumOfOthers(parts, fold));
      yield* addTripleProducts(right.subarray(columns * outputs), design, fold, folds, triples, weighted, outputs);
      const solutions: {
        readonly result: (typeof results)[number];
        readonly used: number;
        readonly ofTriples: Float64Array;
      }[] = [];
      for (const [ridge, factor] of factors) {
        const alike = results.filter(({ amount }) => amount.ridge === ridge);
        if (alike.length === 0) continue;
        const solved = yield* forwards(factor, right.slice(0, factor.size * outputs), outputs);
        for (const result of alike) {
          const used = Math.min(count, amountOf(result.amount.share, pairs - own));
          const first = solved.slice(0, (columns + used) * outputs);
          const coefficients = yield* backwards(factor, first, outputs, columns + used);
          const ofTriples = coefficients.slice(columns * outputs);
          addShapleyOfTriples(triples.subarray(0, 3 * used), ofTriples, outputs, own / pairs, result.values);
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
}

/** The rows of the terms of size that belong to the pairs of a fold. */
function rowsOf({ rows, columns }: SizeTerms, fold: number): View {
  return { data: rows, at: fold * columns, row: folds * columns, column: 1 };
}

/** Products of the terms of size with weighted residuals, summed over the pairs of each fold: `[columns, outputs]`. */
function* rightSides(
  design: Design,
  terms: SizeTerms,
  columns: number,
  weighted: Float64Array,
  outputs: number,
): Steps<Float64Array[]> {
  const sides: Float64Array[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const targets: View = { data: weighted, at: fold * outputs, row: folds * outputs, column: 1 };
    const right = new Float64Array(columns * outputs);
    const shape = [columns, pairsIn(fold, design.pairs), outputs] as const;
    yield* addProduct(shape, transposed(rowsOf(terms, fold)), targets, matrix(right, outputs));
    sides.push(right);
  }
  return sides;
}

function pairsIn(fold: number, pairs: number): number {
  return Math.floor((pairs - fold + folds - 1) / folds);
}

function sumOfOthers(parts: readonly Float64Array[], fold: number): Float64Array {
  const sum = new Float64Array(parts[0].length);
  parts.forEach((part, other) => {
    if (other === fold) return;
    for (let i = 0; i < sum.length; i++) sum[i] += part[i];
  });
  return sum;
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
