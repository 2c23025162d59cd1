import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { backwards, type Factor, factorise, forwards, gramOf } from "./linear.js";
import { addProduct, matrix, transposed } from "./products.js";
import { type SizeTermKind, type SizeTerms, shapleyFactors, sizeTermKinds } from "./size-terms.js";

/** Shapley values up to a constant for each output, and what is left of the targets. */
export interface Fit {
  readonly kind: SizeTermKind;
  /** `[units, outputs]`; all units of an output may have the same number too much. */
  readonly values: Float64Array;
  /** Of the columns up to the end of the kind, `[columns, outputs]`. */
  readonly coefficients: Float64Array;
  /** Targets less what the terms explain, `[pairs, outputs]`. */
  readonly residuals: Float64Array;
}

/** Pairs beyond the unknowns from which on their residuals say how large errors are. */
export const leastFreedom = 3;

/** What of a regression does not depend on the targets: one factorisation for all outputs and all sets of targets. */
export class Regression {
  readonly #influences = new Map<SizeTermKind, Float64Array>();
  readonly #unexplained = new Map<SizeTermKind, Float64Array>();

  private constructor(
    readonly design: Design,
    readonly terms: SizeTerms,
    readonly gram: Float64Array,
    readonly factor: Factor,
  ) {}

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
    return this.factor.inverseDiagonal.subarray(0, this.terms.upTo[kind]).reduce((sum, d) => sum + (d > 0 ? 1 : 0), 0);
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

  /** Whether there are pairs enough for their residuals to say how large errors are. */
  knowsErrors(kind: SizeTermKind): boolean {
    return this.design.pairs >= this.unknowns(kind) + leastFreedom;
  }

  /**
   * The precision of a fit: the values are sums over the pairs of m_s times a pair's target, so their variances are sums of m_s^2 times the variance of
   * that target, for which (r_s / (1 - h_s))^2 stands, r_s being the pair's residual and h_s its leverage (the jackknife; HC3 of MacKinnon and White 1985), each times
   * 1 - p_s, since a pair that is drawn for certain adds no chance. Infinite where there are not at least three pairs more than unknowns.
   *
   * @param sums to which the residuals of each pair are added, for {@link meanVariances}: outputs may come in parts
   * @returns `[units, outputs]`
   */
  *variances({ kind, residuals }: Fit, outputs: number, sums: Float64Array): Steps<Float64Array> {
    const { units, pairs } = this.design;
    const variances = new Float64Array(units * outputs);
    if (!this.knowsErrors(kind)) return variances.fill(Number.POSITIVE_INFINITY);
    const influence = transposed(matrix(yield* this.#influence(kind), units));
    const unexplained = yield* this.#unexplainedOf(kind);
    for (let first = 0; first < pairs; first += precisionBlock) {
      const count = Math.min(precisionBlock, pairs - first);
      const squares = new Float64Array(count * outputs);
      for (let s = 0; s < count; s++) {
        let sum = sums[first + s];
        const from = (first + s) * outputs;
        const factor = unexplained[first + s] ** -0.5;
        for (let o = 0; o < outputs; o++) {
          const residual = factor * residuals[from + o];
          sum += residual;
          squares[s * outputs + o] = residual * residual;
        }
        sums[first + s] = sum;
      }
      const own = { ...influence, at: first * units };
      yield* addProduct([units, count, outputs], own, matrix(squares, outputs), matrix(variances, outputs));
    }
    return variances;
  }

  /** The variances of means over all outputs, from what {@link variances} added up, `[units]`. */
  *meanVariances(kind: SizeTermKind, sums: Float64Array, outputs: number): Steps<Float64Array> {
    const { units, pairs } = this.design;
    const variances = new Float64Array(units);
    if (!this.knowsErrors(kind)) return variances.fill(Number.POSITIVE_INFINITY);
    const influence = transposed(matrix(yield* this.#influence(kind), units));
    const squares = sums.map((sum) => (sum / outputs) ** 2);
    yield* addProduct([units, pairs, 1], influence, matrix(squares, 1), matrix(variances, 1));
    return variances;
  }

  /** What the square of each pair's residual adds to the variances: (1 - p_s) m_s^2 / (1 - h_s), `[pairs, units]`. */
  *#influence(kind: SizeTermKind): Steps<Float64Array> {
    const known = this.#influences.get(kind);
    if (known) return known;
    const { design, terms } = this;
    const { units, pairs, weights, undrawn } = design;
    const used = terms.upTo[kind];
    const maps = yield* this.#maps(kind);
    const unexplained = yield* this.#unexplainedOf(kind);
    const influence = new Float64Array(pairs * units);
    yield* addProduct(
      [pairs, used, units],
      matrix(terms.rows, terms.columns),
      matrix(maps, units),
      matrix(influence, units),
    );
    for (let s = 0; s < pairs; s++) {
      const scale = Math.max(0, undrawn[s]) / unexplained[s];
      for (let at = s * units; at < (s + 1) * units; at++) influence[at] = (influence[at] * weights[s]) ** 2 * scale;
    }
    this.#influences.set(kind, influence);
    return influence;
  }

  /**
   * Error of predicting each pair from all others, weighted and summed over pairs and outputs, each output in shares of its scale.
   *
   * @param before what outputs before these came to
   */
  *crossValidation({ kind, residuals }: Fit, scales: Float64Array, before: number): Steps<number> {
    const { pairs, weights } = this.design;
    const outputs = scales.length;
    const unexplained = yield* this.#unexplainedOf(kind);
    const sums = new Float64Array(outputs);
    for (let s = 0; s < pairs; s++) {
      const factor = weights[s] / unexplained[s] ** 2;
      for (let o = 0; o < outputs; o++) sums[o] += factor * residuals[s * outputs + o] ** 2;
    }
    let sum = before;
    for (let o = 0; o < outputs; o++) if (scales[o] > 0) sum += sums[o] / scales[o];
    return sum;
  }

  /** 1 - h_s of each pair, h_s being its leverage: its residual's share of what it would be without the pair. */
  *#unexplainedOf(kind: SizeTermKind): Steps<Float64Array> {
    if (this.#unexplained.size === 0) yield* this.#solveUnexplained();
    return this.#unexplained.get(kind) as Float64Array;
  }

  /** Of all kinds at once: the columns of each begin those of the next. */
  *#solveUnexplained(): Steps<void> {
    const { design, terms } = this;
    const { columns, upTo } = terms;
    const { pairs, weights } = design;
    const kinds = sizeTermKinds.map((kind) => ({ end: upTo[kind], unexplained: new Float64Array(pairs) }));
    for (let first = 0; first < pairs; first += precisionBlock) {
      const count = Math.min(precisionBlock, pairs - first);
      const solved = new Float64Array(columns * count);
      for (let s = 0; s < count; s++) {
        for (let c = 0; c < columns; c++) solved[c * count + s] = terms.rows[(first + s) * columns + c];
      }
      yield* forwards(this.factor, solved, count);
      const leverage = new Float64Array(count);
      let c = 0;
      for (const { end, unexplained } of kinds) {
        for (; c < end; c++) for (let s = 0; s < count; s++) leverage[s] += solved[c * count + s] ** 2;
        for (let s = 0; s < count; s++) {
          unexplained[first + s] = Math.max(1e-6, 1 - weights[first + s] * leverage[s]);
        }
      }
    }
    sizeTermKinds.forEach((kind, at) => void this.#unexplained.set(kind, kinds[at].unexplained));
  }

  /** What a coefficient's equation adds to each value, the mean over the units taken out: `[used, units]`. */
  *#maps(kind: SizeTermKind): Steps<Float64Array> {
    const { units } = this.design;
    const used = this.terms.upTo[kind];
    const factors = shapleyFactors(units, this.terms);
    const maps = new Float64Array(used * units);
    for (const c of ownColumns(kind, this.terms, units)) {
      for (let u = 0; u < units; u++) {
        for (let other = 0; other < units; other++) {
          maps[(c + u) * units + other] += factors[c + u] * ((other === u ? 1 : 0) - 1 / units);
        }
      }
    }
    yield* forwards(this.factor, maps, units, used);
    yield* backwards(this.factor, maps, units, used);
    return maps;
  }
}

/** Pairs whose precision is worked on at a time. */
const precisionBlock = 512;

/** Rows times their weights. */
export function weightedRows(rows: Float64Array, weights: Float64Array, columns: number): Float64Array {
  const weighted = new Float64Array(rows.length);
  for (let s = 0; s < weights.length; s++) {
    for (let c = s * columns; c < (s + 1) * columns; c++) weighted[c] = weights[s] * rows[c];
  }
  return weighted;
}

/** Where the columns begin of which each unit has one. */
function ownColumns(kind: SizeTermKind, { upTo }: SizeTerms, units: number): number[] {
  return kind === "unit x size^2" ? [0, upTo["unit x size^2"] - units] : [0];
}
