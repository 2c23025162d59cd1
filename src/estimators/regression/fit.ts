import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { backwards, type Factor, factorise, forwards, gramOf } from "./linear.js";
import { Precision, type Residuals } from "./precision.js";
import { addProduct, matrix, transposed } from "./products.js";
import { ownColumns, type SizeTermKind, type SizeTerms, shapleyFactors } from "./size-terms.js";

/** Shapley values up to a constant for each output, and what is left of the targets. */
export interface Fit extends Residuals {
  /** `[units, outputs]`; all units of an output may have the same number too much. */
  readonly values: Float64Array;
  /** Of the columns up to the end of the kind, `[columns, outputs]`. */
  readonly coefficients: Float64Array;
}

/** What of a regression does not depend on the targets: one factorisation for all outputs and all sets of targets. */
export class Regression {
  readonly precision: Precision;

  private constructor(
    readonly design: Design,
    readonly terms: SizeTerms,
    readonly gram: Float64Array,
    readonly factor: Factor,
  ) {
    this.precision = new Precision(design, terms, factor);
  }

  /**
   * @param ridge added to the diagonal of the units' columns, in shares of it: holds their coefficients back. Default 0
   * @param gram of the weighted columns, where it is known
   */
  static *of(design: Design, terms: SizeTerms, ridge = 0, gram?: Float64Array): Steps<Regression> {
    const { rows, columns } = terms;
    const known = gram ?? (yield* gramOf(matrix(rows, columns), design.pairs, columns, design.weights));
    const held = Float64Array.from(terms.factors, ({ unit }) => (unit === undefined ? 0 : ridge * known[0]));
    const factor = yield* factorise(known, columns, held);
    return new Regression(design, terms, known, factor);
  }

  /** Unknowns of the columns up to the end of a kind that do not follow from others. */
  unknowns(kind: SizeTermKind): number {
    return this.precision.unknowns(kind);
  }

  /**
   * Weighted least squares with the columns up to the end of a kind.
   *
   * @param targets `[pairs, outputs]`
   */
  *fit(kind: SizeTermKind, targets: Float64Array, outputs: number): Steps<Fit> {
    const { design, terms } = this;
    const { units, pairs, weights } = design;
    const used = terms.upTo[kind];
    const rows = matrix(terms.rows, terms.columns);
    const coefficients = new Float64Array(used * outputs);
    const solution = matrix(coefficients, outputs);
    yield* addProduct(
      [used, pairs, outputs],
      transposed(rows),
      matrix(weightedRows(targets, weights, outputs), outputs),
      solution,
    );
    yield* forwards(this.factor, coefficients, outputs, used);
    yield* backwards(this.factor, coefficients, outputs, used);
    const residuals = targets.slice();
    yield* addProduct([pairs, used, outputs], rows, solution, matrix(residuals, outputs), -1);
    const factors = shapleyFactors(units, terms);
    const own = ownColumns(kind, terms, units);
    const values = new Float64Array(units * outputs);
    for (let u = 0; u < units; u++) {
      for (const c of own) {
        for (let o = 0; o < outputs; o++) {
          values[u * outputs + o] += factors[c + u] * coefficients[(c + u) * outputs + o];
        }
      }
    }
    return { kind, values, coefficients, residuals };
  }
}

/** Rows times their weights. */
export function weightedRows(rows: Float64Array, weights: Float64Array, columns: number): Float64Array {
  const weighted = new Float64Array(rows.length);
  for (let s = 0; s < weights.length; s++) {
    for (let c = s * columns; c < (s + 1) * columns; c++) weighted[c] = weights[s] * rows[c];
  }
  return weighted;
}
