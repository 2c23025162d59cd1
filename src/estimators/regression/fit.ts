import { type Design, everyPair } from "./design.js";
import { backwards, crossProduct, type Factor, factorise, forwards, forwardsOne, gramOf } from "./linear.js";
import { type SizeTermKind, type SizeTerms, shapleyFactors } from "./size-terms.js";

/** Squares of standard errors. */
export interface Precision {
  /** `[units, outputs]` */
  readonly variances: Float64Array;
  /** Of the mean over the outputs, `[units]`. */
  readonly meanVariances: Float64Array;
}

/** Shapley values up to a constant for each output, and what is left of the targets. */
export interface Fit {
  readonly kind: SizeTermKind;
  /** `[units, outputs]`; all units of an output may have the same number too much. */
  readonly values: Float64Array;
  /** Targets less what the terms explain, `[pairs, outputs]`. */
  readonly residuals: Float64Array;
}

/** Pairs beyond the unknowns from which on their residuals say how large errors are. */
const leastFreedom = 3;

/** What of a regression does not depend on the targets: one factorisation for all outputs and all sets of targets. */
export class Regression {
  readonly #factor: Factor;
  readonly #every: Uint32Array;
  readonly #influences = new Map<SizeTermKind, Float64Array>();
  readonly #unexplained = new Map<SizeTermKind, Float64Array>();

  /** @param ridge added to the diagonal, in shares of it: holds all coefficients back. Default 0 */
  constructor(
    readonly design: Design,
    readonly terms: SizeTerms,
    ridge = 0,
    readonly gram = gramOf(terms.rows, terms.columns, design.weights, everyPair(design)),
  ) {
    this.#every = everyPair(design);
    this.#factor = factorise(gram, terms.columns, new Float64Array(terms.columns).fill(ridge * gram[0]));
  }

  /** Unknowns of the columns up to the end of a kind that do not follow from others. */
  unknowns(kind: SizeTermKind): number {
    return this.#factor.inverseDiagonal.subarray(0, this.terms.upTo[kind]).reduce((sum, d) => sum + (d > 0 ? 1 : 0), 0);
  }

  /**
   * Weighted least squares with the columns up to the end of a kind.
   *
   * @param targets `[pairs, outputs]`
   */
  fit(kind: SizeTermKind, targets: Float64Array, outputs: number): Fit {
    const { design, terms } = this;
    const { units, pairs, weights } = design;
    const { rows, columns } = terms;
    const used = terms.upTo[kind];
    const coefficients = crossProduct(rows, columns, weights, this.#every, targets, outputs);
    forwards(this.#factor, coefficients, outputs, used);
    backwards(this.#factor, coefficients, outputs, used);
    const residuals = targets.slice();
    for (let s = 0; s < pairs; s++) {
      for (let c = 0; c < used; c++) {
        const factor = rows[s * columns + c];
        for (let o = 0; o < outputs; o++) residuals[s * outputs + o] -= factor * coefficients[c * outputs + o];
      }
    }
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
    return { kind, values, residuals };
  }

  /**
   * The precision of a fit by the jackknife over pairs: without pair s the values would differ by m_s r_s / (1 - h_s), m_s being what the
   * target of s adds to the values, r_s its residual and h_s its leverage (Miller 1974; HC3 of MacKinnon and White 1985). The squares of these
   * add up to the variance, each times 1 - p_s, since a pair that is drawn for certain adds no chance. Infinite where there are not at
   * least three pairs more than unknowns.
   *
   * @param residuals of the fit, `[pairs, outputs]`
   * @param others what is left of the same targets where terms that were fitted to some of them are taken from a fit to others; the square of r_s
   *   is then the product of the two, as in HC2: the first is too small as often as the second is too large. Default `residuals`
   */
  precision({ kind, residuals }: Fit, outputs: number, others = residuals): Precision {
    const { units, pairs } = this.design;
    const variances = new Float64Array(units * outputs);
    const meanVariances = new Float64Array(units);
    if (pairs < this.unknowns(kind) + leastFreedom) {
      const unknown = Number.POSITIVE_INFINITY;
      return { variances: variances.fill(unknown), meanVariances: meanVariances.fill(unknown) };
    }
    const influence = this.#influence(kind);
    const squares = new Float64Array(outputs);
    for (let s = 0; s < pairs; s++) {
      let sum = 0;
      let otherSum = 0;
      for (let o = 0; o < outputs; o++) {
        const residual = residuals[s * outputs + o];
        const other = others[s * outputs + o];
        sum += residual;
        otherSum += other;
        squares[o] = Math.abs(residual * other);
      }
      const mean = Math.abs(sum * otherSum) / outputs ** 2;
      for (let u = 0; u < units; u++) {
        const share = influence[s * units + u];
        for (let o = 0; o < outputs; o++) variances[u * outputs + o] += share * squares[o];
        meanVariances[u] += share * mean;
      }
    }
    return { variances, meanVariances };
  }

  /** What the square of each pair's residual adds to the variances: (1 - p_s) (m_s / (1 - h_s))^2, `[pairs, units]`. */
  #influence(kind: SizeTermKind): Float64Array {
    const known = this.#influences.get(kind);
    if (known) return known;
    const { design, terms } = this;
    const { units, pairs, weights, undrawn } = design;
    const used = terms.upTo[kind];
    const maps = this.#maps(kind);
    const unexplained = this.#unexplainedOf(kind);
    const influence = new Float64Array(pairs * units);
    for (let s = 0; s < pairs; s++) {
      if (undrawn[s] <= 0) continue;
      const row = terms.rows.subarray(s * terms.columns, s * terms.columns + used);
      const scale = undrawn[s] / unexplained[s] ** 2;
      for (let u = 0; u < units; u++) {
        let move = 0;
        for (let c = 0; c < used; c++) move += maps[u * used + c] * row[c];
        influence[s * units + u] = (move * weights[s]) ** 2 * scale;
      }
    }
    this.#influences.set(kind, influence);
    return influence;
  }

  /** Error of predicting each pair from all others, weighted and summed over pairs and outputs, each output in shares of its scale. */
  crossValidation({ kind, residuals }: Fit, scales: Float64Array): number {
    const { pairs, weights } = this.design;
    const outputs = scales.length;
    const unexplained = this.#unexplainedOf(kind);
    let sum = 0;
    for (let s = 0; s < pairs; s++) {
      const factor = weights[s] / unexplained[s] ** 2;
      for (let o = 0; o < outputs; o++) {
        if (scales[o] > 0) sum += (factor * residuals[s * outputs + o] ** 2) / scales[o];
      }
    }
    return sum;
  }

  /** 1 - h_s of each pair, h_s being its leverage: its residual's share of what it would be without the pair. */
  #unexplainedOf(kind: SizeTermKind): Float64Array {
    const known = this.#unexplained.get(kind);
    if (known) return known;
    const { design, terms } = this;
    const used = terms.upTo[kind];
    const solved = new Float64Array(used);
    const unexplained = new Float64Array(design.pairs);
    for (let s = 0; s < design.pairs; s++) {
      solved.set(terms.rows.subarray(s * terms.columns, s * terms.columns + used));
      forwardsOne(this.#factor, solved, used);
      let leverage = 0;
      for (let c = 0; c < used; c++) leverage += solved[c] * solved[c];
      unexplained[s] = Math.max(1e-6, 1 - design.weights[s] * leverage);
    }
    this.#unexplained.set(kind, unexplained);
    return unexplained;
  }

  /** What a coefficient's equation adds to each value, the mean over the units taken out: `[units, used]`. */
  #maps(kind: SizeTermKind): Float64Array {
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
    forwards(this.#factor, maps, units, used);
    backwards(this.#factor, maps, units, used);
    const transposed = new Float64Array(units * used);
    for (let c = 0; c < used; c++) for (let u = 0; u < units; u++) transposed[u * used + c] = maps[c * units + u];
    return transposed;
  }
}

/** Where the columns begin of which each unit has one. */
function ownColumns(kind: SizeTermKind, { upTo }: SizeTerms, units: number): number[] {
  return kind === "unit x size^2" ? [0, upTo["unit x size^2"] - units] : [0];
}
