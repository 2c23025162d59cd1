import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { type Fit, weightedRows } from "./fit.js";
import { folds, pairsIn, rightSides, rowsOf, sumOfOthers } from "./folds.js";
import { addSquaredCoefficients, importancesOf } from "./importances.js";
import { type Factor, factorise, gramOf } from "./linear.js";
import { bestTriples, noScores, screenTriples } from "./screen-triples.js";
import type { SizeTermKind, SizeTerms } from "./size-terms.js";
import { amountOf, tripleAmounts } from "./triple-amounts.js";
import { type FoldOfTriples, TripleFits } from "./triple-fits.js";
import { gramWithTriples } from "./triple-products.js";

/**
 * Chooses odd triples x_i x_j x_k that are fitted beside the terms of size. Each fold of the pairs has triples of its
 * own: screened, and fitted together with the terms of size, on the pairs of the other folds, so what they say of the
 * fold's pairs owes nothing to these pairs' targets. All outputs share them: these may come in parts, one {@link add}
 * for each.
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
