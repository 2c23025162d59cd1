import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { type Fit, weightedRows } from "./fit.js";
import { folds, pairsIn, rightSides, sumOfOthers } from "./folds.js";
import { backwards, type Factor, forwards } from "./linear.js";
import { addProduct, matrix } from "./products.js";
import type { Triples } from "./screen-triples.js";
import type { SizeTerms } from "./size-terms.js";
import { amountOf, type TripleAmount, tripleAmounts } from "./triple-amounts.js";
import { addShapleyOfTriples, addTripleProducts, signBlock, tripleSigns } from "./triple-products.js";

/** What triples that were chosen and fitted in other folds say of each pair, and what that is in Shapley values. */
export interface CrossFit {
  readonly amount: TripleAmount;
  /** Triples in each fold. */
  readonly triples: readonly number[];
  /** Of the targets, `[pairs, outputs]`: what the mean of the folds' triples says of each pair. */
  readonly explained: Float64Array;
  /**
   * What is left of each pair by the terms of size and the triples that were fitted to the other folds,
   * `[pairs, outputs]`.
   */
  readonly leftByOthers: Float64Array;
  /**
   * How far the folds' fits, of terms of size and triples, are from their mean: the mean of the squares,
   * `[pairs, outputs]`.
   */
  readonly spread: Float64Array;
  /** What each fold's fit says of each pair, summed over the outputs, `[folds, pairs]`. */
  readonly sumsOfFolds: Float64Array;
  /** Shapley values of the triples, the mean over the folds, `[units, outputs]`. */
  readonly values: Float64Array;
}

/** Triples of a fold, and the equations of the terms of size and these on the pairs of the other folds. */
export interface FoldOfTriples {
  readonly triples: Triples;
  /** By ridge: as many unknowns as the largest amount with it has. */
  readonly factors: ReadonlyMap<number, Factor>;
}

/** A {@link CrossFit} of the folds so far. */
interface Growing extends CrossFit {
  readonly triples: number[];
  /** What the folds' fits, of terms of size and triples, say of each pair in the mean, `[pairs, outputs]`. */
  readonly mean: Float64Array;
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
   * @param sums `sumsOfFolds` of outputs before these, for each amount, which these are added to; default nothing
   * @returns one for each amount
   */
  *of(
    fit: Fit,
    outputs: number,
    amounts: readonly TripleAmount[] = tripleAmounts,
    sums?: readonly Float64Array[],
  ): Steps<CrossFit[]> {
    const { design, terms, columns } = this;
    const { units, pairs, weights } = design;
    const results = amounts.map(
      (amount, at): Growing => ({
        amount,
        triples: [],
        explained: new Float64Array(pairs * outputs),
        leftByOthers: fit.residuals.slice(),
        mean: new Float64Array(pairs * outputs),
        spread: new Float64Array(pairs * outputs),
        sumsOfFolds: sums?.[at] ?? new Float64Array(folds * pairs),
        values: new Float64Array(units * outputs),
      }),
    );
    let before = 0;
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
        readonly result: Growing;
        readonly used: number;
        readonly ofSize: Float64Array;
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
          solutions.push({ result, used, ofSize: coefficients.slice(0, columns * outputs), ofTriples });
        }
      }
      const room = new Float64Array(count * signBlock);
      for (let first = 0; first < pairs; first += signBlock) {
        const height = Math.min(signBlock, pairs - first);
        const signs = tripleSigns(design, triples, first, height, room);
        for (const { result, used, ofSize, ofTriples } of solutions) {
          const said = new Float64Array(height * outputs);
          yield* addProduct([height, used, outputs], signs, matrix(ofTriples, outputs), matrix(said, outputs));
          const to = first * outputs;
          for (let i = 0; i < said.length; i++) result.explained[to + i] += (own / pairs) * said[i];
          const rows = matrix(terms.rows, terms.columns, first * terms.columns);
          yield* addProduct([height, columns, outputs], rows, matrix(ofSize, outputs), matrix(said, outputs));
          addFold(result, said, first, outputs, { fold, share: own / pairs, before });
        }
      }
      before += own / pairs;
    }
    return results;
  }
}

/**
 * Takes in what a fold's fit says of some pairs that follow each other.
 *
 * @param said `[pairs, outputs]`
 * @param from the first of the pairs
 * @param part the fold, its share of all pairs, and that of the folds before it
 */
function addFold(
  { mean, spread, leftByOthers, sumsOfFolds }: Growing,
  said: Float64Array,
  from: number,
  outputs: number,
  part: { readonly fold: number; readonly share: number; readonly before: number },
): void {
  const { fold, share, before } = part;
  const pairs = sumsOfFolds.length / folds;
  const step = share / (before + share);
  for (let s = from, at = 0; at < said.length; s++) {
    const own = s % folds === fold;
    let sum = sumsOfFolds[fold * pairs + s];
    for (let to = s * outputs; to < (s + 1) * outputs; to++, at++) {
      const distance = said[at] - mean[to];
      mean[to] += step * distance;
      spread[to] += share * distance * (said[at] - mean[to]);
      if (own) leftByOthers[to] -= said[at];
      sum += said[at];
    }
    sumsOfFolds[fold * pairs + s] = sum;
  }
}

/**
 * How far what the folds say of each pair, averaged over the outputs, is from the mean over the folds: the mean of the
 * squares, `[pairs]`.
 */
export function spreadOfMeans(sumsOfFolds: Float64Array, outputs: number): Float64Array {
  const pairs = sumsOfFolds.length / folds;
  return Float64Array.from({ length: pairs }, (_, s) => {
    let [before, mean, spread] = [0, 0, 0];
    for (let fold = 0; fold < folds; fold++) {
      const share = pairsIn(fold, pairs) / pairs;
      before += share;
      const distance = sumsOfFolds[fold * pairs + s] / outputs - mean;
      mean += (share / before) * distance;
      spread += share * distance * (sumsOfFolds[fold * pairs + s] / outputs - mean);
    }
    return spread;
  });
}
