import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { backwards, type Factor, factorise, forwards, gramOf } from "./linear.js";
import { Precision, type Residuals } from "./precision.js";
import { addProduct, matrix, transposed } from "./products.js";
import { exactShare, largestOf } from "./rounding.js";
import { ownColumns, type SizeTermKind, type SizeTerms, shapleyFactors } from "./size-terms.js";

/** Shapley values up to a constant for each output, and what is left of the targets. */
export interface Fit extends Residuals {
  /** `[units, outputs]`; all units of an output may have the same number too much. */
  readonly values: Float64Array;
  /** Of the columns up to the end of the kind, `[columns, outputs]`. */
  readonly coefficients: Float64Array;
}

/** Share of an output's largest target up to which what is left of it may be rounding of the equations. */
const lostShare = 2 ** -20;

/** What of a regression does not depend on the targets: one factorisation for all outputs and all sets of targets. */
export class Regression {
  readonly precision: Precision;

  private constructor(
    readonly design: Design,
    readonly terms: SizeTerms,
    readonly gram: Float64Array,
    readonly factor: Factor,
    readonly ridge: number,
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
    return new Regression(design, terms, known, factor, ridge);
  }

  /** Unknowns of the columns up to the end of a kind that do not follow from others. */
  unknowns(kind: SizeTermKind): number {
    return this.precision.unknowns(kind);
  }

  /**
   * Solves once more for what is left of outputs of which so little is left that it may be rounding of the equations,
   * and not of the targets: powers of t are nearly alike, so much is lost. What is exact is then seen to be.
   */
  *#refine(
    used: number,
    targets: Float64Array,
    coefficients: Float64Array,
    residuals: Float64Array,
    outputs: number,
  ): Steps<void> {
    const { pairs, weights } = this.design;
    const sizes = largestOf(targets, outputs);
    const left = largestOf(residuals, outputs);
    const some = Array.from(sizes.keys()).filter(
      (o) => left[o] > exactShare * sizes[o] && left[o] <= lostShare * sizes[o],
    );
    if (some.length === 0) return;
    const rows = matrix(this.terms.rows, this.terms.columns);
    const rest = columnsOf(residuals, outputs, some);
    const more = new Float64Array(used * some.length);
    const weighted = matrix(weightedRows(rest, weights, some.length), some.length);
    yield* addProduct([used, pairs, some.length], transposed(rows), weighted, matrix(more, some.length));
    yield* forwards(this.factor, more, some.length, used);
    yield* backwards(this.factor, more, some.length, used);
    yield* addProduct([pairs, used, some.length], rows, matrix(more, some.length), matrix(rest, some.length), -1);
    setColumns(residuals, outputs, some, rest);
    const before = columnsOf(coefficients, outputs, some);
    setColumns(
      coefficients,
      outputs,
      some,
      before.map((coefficient, i) => coefficient + more[i]),
    );
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
    // What a ridge leaves is meant.
    if (this.ridge === 0) yield* this.#refine(used, targets, coefficients, residuals, outputs);
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

/** The numbers of some columns, `[rows, columns]`. */
export function columnsOf(numbers: Float64Array, width: number, columns: readonly number[]): Float64Array {
  const own = new Float64Array((numbers.length / width) * columns.length);
  for (let i = 0; i < own.length; i++)
    own[i] = numbers[Math.floor(i / columns.length) * width + columns[i % columns.length]];
  return own;
}

/** Puts numbers where {@link columnsOf} takes them from. */
export function setColumns(numbers: Float64Array, width: number, columns: readonly number[], own: Float64Array): void {
  for (let i = 0; i < own.length; i++)
    numbers[Math.floor(i / columns.length) * width + columns[i % columns.length]] = own[i];
}

/** Rows times their weights. */
export function weightedRows(rows: Float64Array, weights: Float64Array, columns: number): Float64Array {
  const weighted = new Float64Array(rows.length);
  for (let s = 0; s < weights.length; s++) {
    for (let c = s * columns; c < (s + 1) * columns; c++) weighted[c] = weights[s] * rows[c];
  }
  return weighted;
}
