import type { Steps } from "../../pace.js";
import { studentFactor } from "../../quantiles.js";
import type { Design } from "./design.js";
import { backwards, type Factor, forwards } from "./linear.js";
import { addProduct, matrix, transposed } from "./products.js";
import { ownColumns, type SizeTermKind, type SizeTerms, shapleyFactors, sizeTermKinds } from "./size-terms.js";

/** Pairs beyond the unknowns from which on their residuals say how large errors are. */
export const leastFreedom = 3;

/**
 * Pairs for each unit below which the squares of single residuals say less of the pairs' variances than they vary
 * themselves, so that all pairs are taken to have one ({@link Precision.pooledVariances}).
 */
const pooledBelow = 4;

/** Share of a normal distribution beyond two standard deviations. */
const beyondTwo = 0.0455;

/** Pairs that are worked on at a time. */
const precisionBlock = 512;

/** What a fit left. */
export interface Residuals {
  readonly kind: SizeTermKind;
  /** Targets less what the terms explain, `[pairs, outputs]`. */
  readonly residuals: Float64Array;
}

/** How precise the values of a regression are, whatever they are fitted to. */
export class Precision {
  readonly #influences = new Map<SizeTermKind, Float64Array>();
  readonly #unexplained = new Map<SizeTermKind, Float64Array>();

  constructor(
    readonly design: Design,
    readonly terms: SizeTerms,
    readonly factor: Factor,
  ) {}

  /** Unknowns of the columns up to the end of a kind that do not follow from others. */
  unknowns(kind: SizeTermKind): number {
    return this.factor.inverseDiagonal.subarray(0, this.terms.upTo[kind]).reduce((sum, d) => sum + (d > 0 ? 1 : 0), 0);
  }

  /** Whether there are pairs enough for their residuals to say how large errors are. */
  knowsErrors(kind: SizeTermKind): boolean {
    return this.design.pairs >= this.unknowns(kind) + leastFreedom;
  }

  /**
   * The precision of a fit: the values are sums over the pairs of m_s times a pair's target, so their variances are
   * sums of m_s^2 times the variance of that target, each times 1 - p_s, since a pair that is drawn for certain adds no
   * chance. For the variance stands r_s^2 / (1 - h_s)^(1.5 + min(1.5 p_s, 0.5)), r_s being the pair's residual and h_s
   * its leverage: between r_s^2 / (1 - h_s), which is right in the mean (HC2 of MacKinnon and White 1985), and the
   * jackknife's r_s^2 / (1 - h_s)^2 (HC3), which is too large. Of few pairs two errors of the former hold too few of
   * the values, of the latter too many, but where a third of all pairs is drawn: measured on games of 6 to 21 units.
   * Infinite where there are not at least three pairs more than unknowns.
   *
   * @param sums to which the residuals of each pair are added, for {@link meanVariances}: outputs may come in parts
   * @returns `[units, outputs]`
   */
  *variances({ kind, residuals }: Residuals, outputs: number, sums: Float64Array): Steps<Float64Array> {
    const factors = (yield* this.#unexplainedOf(kind)).map(
      (unexplained, s) => unexplained ** -(0.5 + this.#caution(s)),
    );
    return yield* this.#variances(kind, residuals, factors, outputs, sums);
  }

  /** Whether the pairs are so few that {@link pooledVariances} are nearer to the truth. */
  get few(): boolean {
    return this.design.pairs < pooledBelow * this.design.units;
  }

  /**
   * The precision of a fit to few pairs: for the variance of each pair's target stands one for all of them, divided by
   * the pair's weight; the weights are those of leverage sampling, which make the pairs alike. It is the mean of w_s
   * r_s^2 / (1 - h_s), in which pairs that are drawn for certain count as little as they do in the errors. A variance
   * with few degrees of freedom is itself off, so the errors are longer by what Student's distribution has at two of
   * them: two hold as many values as two of a normal distribution. With {@link variances} of so few pairs they would
   * be up to 1.4 times too long, and hold up to .996.
   *
   * @param sums to which the residuals of each pair are added, for {@link pooledMeanVariances}
   * @returns `[units, outputs]`
   */
  *pooledVariances({ kind, residuals }: Residuals, outputs: number, sums: Float64Array): Steps<Float64Array> {
    const { units, pairs, weights, undrawn } = this.design;
    const variances = new Float64Array(units * outputs);
    if (!this.knowsErrors(kind)) return variances.fill(Number.POSITIVE_INFINITY);
    const influence = yield* this.#influence(kind);
    const unexplained = yield* this.#unexplainedOf(kind);
    const ofUnits = new Float64Array(units);
    const ofOutputs = new Float64Array(outputs);
    let chance = 0;
    for (let s = 0; s < pairs; s++) {
      if (s % precisionBlock === 0) yield;
      const scale = Math.sqrt(unexplained[s]) / weights[s];
      for (let u = 0; u < units; u++) ofUnits[u] += scale * influence[s * units + u];
      const share = Math.max(0, undrawn[s]);
      const factor = (share * weights[s]) / unexplained[s];
      chance += share;
      for (let o = 0; o < outputs; o++) {
        const residual = residuals[s * outputs + o];
        ofOutputs[o] += factor * residual * residual;
        sums[s] += residual;
      }
    }
    if (chance === 0) return variances;
    const longer = studentFactor(beyondTwo, pairs - this.unknowns(kind)) / 2;
    const scale = (longer * longer) / chance;
    for (let u = 0; u < units; u++) {
      for (let o = 0; o < outputs; o++) variances[u * outputs + o] = scale * ofUnits[u] * ofOutputs[o];
    }
    return variances;
  }

  /** The variances of means over all outputs, from what {@link pooledVariances} added up, `[units]`. */
  *pooledMeanVariances(kind: SizeTermKind, sums: Float64Array, outputs: number): Steps<Float64Array> {
    const residuals = sums.map((sum) => sum / outputs);
    return yield* this.pooledVariances({ kind, residuals }, 1, new Float64Array(sums.length));
  }

  /**
   * The same as {@link variances} from what is left of each pair by a fit that it took no part in. That is as large as
   * r_s / (1 - h_s), and is shortened alike.
   *
   * @param left `[pairs, outputs]`
   * @param spread what is taken from the square of each, `[pairs, outputs]`
   */
  *variancesOfOthers(
    kind: SizeTermKind,
    left: Float64Array,
    spread: Float64Array,
    outputs: number,
    sums: Float64Array,
  ): Steps<Float64Array> {
    const factors = (yield* this.#unexplainedOf(kind)).map((unexplained, s) => unexplained ** (0.5 - this.#caution(s)));
    return yield* this.#variances(kind, left, factors, outputs, sums, spread);
  }

  *#variances(
    kind: SizeTermKind,
    residuals: Float64Array,
    factors: Float64Array,
    outputs: number,
    sums: Float64Array,
    spread?: Float64Array,
  ): Steps<Float64Array> {
    const { units, pairs } = this.design;
    const variances = new Float64Array(units * outputs);
    if (!this.knowsErrors(kind)) return variances.fill(Number.POSITIVE_INFINITY);
    const influence = transposed(matrix(yield* this.#influence(kind), units));
    for (let first = 0; first < pairs; first += precisionBlock) {
      const count = Math.min(precisionBlock, pairs - first);
      const squares = new Float64Array(count * outputs);
      for (let s = 0; s < count; s++) {
        let sum = sums[first + s];
        const from = (first + s) * outputs;
        const factor = factors[first + s];
        for (let o = 0; o < outputs; o++) {
          const residual = factor * residuals[from + o];
          sum += residual;
          squares[s * outputs + o] = residual * residual - (spread ? factor * factor * spread[from + o] : 0);
        }
        sums[first + s] = sum;
      }
      const own = { ...influence, at: first * units };
      yield* addProduct([units, count, outputs], own, matrix(squares, outputs), matrix(variances, outputs));
    }
    return variances;
  }

  /**
   * The variances of means over all outputs, from what {@link variances} or {@link variancesOfOthers} added up,
   * `[units]`.
   *
   * @param spread of the means, where it is taken from the squares, `[pairs]`
   */
  *meanVariances(kind: SizeTermKind, sums: Float64Array, outputs: number, spread?: Float64Array): Steps<Float64Array> {
    const { units, pairs } = this.design;
    const variances = new Float64Array(units);
    if (!this.knowsErrors(kind)) return variances.fill(Number.POSITIVE_INFINITY);
    const influence = transposed(matrix(yield* this.#influence(kind), units));
    const unexplained = yield* this.#unexplainedOf(kind);
    const squares = sums.map(
      (sum, s) => (sum / outputs) ** 2 - (spread ? unexplained[s] ** (1 - 2 * this.#caution(s)) * spread[s] : 0),
    );
    yield* addProduct([units, pairs, 1], influence, matrix(squares, 1), matrix(variances, 1));
    return variances;
  }

  /** By what power of 1 - h_s residuals are longer, where much of all pairs is drawn. */
  #caution(pair: number): number {
    return Math.min(1.5 * (1 - this.design.undrawn[pair]), 0.5) / 2;
  }

  /**
   * What the square of each pair's residual, divided by 1 - h_s, adds to the variances: (1 - p_s) m_s^2 / (1 -
   * h_s)^0.5, `[pairs, units]`.
   */
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
      const scale = Math.max(0, undrawn[s]) * unexplained[s] ** -0.5;
      for (let at = s * units; at < (s + 1) * units; at++) influence[at] = (influence[at] * weights[s]) ** 2 * scale;
    }
    this.#influences.set(kind, influence);
    return influence;
  }

  /**
   * Error of predicting each pair from all others, weighted and summed over pairs, of each output in shares of its
   * scale; 0 where that is 0.
   */
  *crossValidation({ kind, residuals }: Residuals, scales: Float64Array): Steps<Float64Array> {
    const { pairs, weights } = this.design;
    const outputs = scales.length;
    const unexplained = yield* this.#unexplainedOf(kind);
    const sums = new Float64Array(outputs);
    for (let s = 0; s < pairs; s++) {
      const factor = weights[s] / unexplained[s] ** 2;
      for (let o = 0; o < outputs; o++) sums[o] += factor * residuals[s * outputs + o] ** 2;
    }
    return sums.map((sum, o) => (scales[o] > 0 ? sum / scales[o] : 0));
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
