import type { Accumulator, Estimate } from "./estimator.js";

/**
 * Means and spreads of marginal contributions, in float64: one row per unit, one column per output and a last one for the
 * average over the outputs. A sample is one marginal contribution of every unit. Sums of squared deviations follow
 * Welford (1962); chunks are merged as in Chan, Golub and LeVeque (1983).
 */
export class Moments implements Accumulator {
  count: number;
  readonly means: Float64Array;
  readonly squares: Float64Array;

  /** The count, then the means, then the squares. */
  readonly #packed: Float64Array;

  /** @param packed what `pack` gave; default nothing yet */
  constructor(
    readonly units: number,
    readonly outputs: number,
    packed?: Float64Array,
  ) {
    const size = units * (outputs + 1);
    this.#packed = packed ?? new Float64Array(1 + 2 * size);
    this.count = this.#packed[0];
    this.means = this.#packed.subarray(1, 1 + size);
    this.squares = this.#packed.subarray(1 + size);
  }

  /** Starts a sample; every unit is to be given to {@link add} once before the next. */
  begin(): void {
    this.count++;
  }

  /** The marginal contribution of a unit in the present sample: `contribution[0..outputs - 1]`. */
  add(unit: number, contribution: Float64Array): void {
    const { outputs, means, squares } = this;
    const share = 1 / this.count;
    const row = unit * (outputs + 1);
    let sum = 0;
    for (let o = 0; o < outputs; o++) {
      const value = contribution[o];
      const deviation = value - means[row + o];
      sum += value;
      means[row + o] += deviation * share;
      squares[row + o] += deviation * (value - means[row + o]);
    }
    const mean = sum / outputs;
    const deviation = mean - means[row + outputs];
    means[row + outputs] += deviation * share;
    squares[row + outputs] += deviation * (mean - means[row + outputs]);
  }

  merge(later: Moments): void {
    const count = this.count + later.count;
    const share = later.count / count;
    for (let i = 0; i < this.means.length; i++) {
      const difference = later.means[i] - this.means[i];
      this.means[i] += difference * share;
      this.squares[i] += later.squares[i] + difference * difference * this.count * share;
    }
    this.count = count;
  }

  pack(): Float64Array {
    this.#packed[0] = this.count;
    return this.#packed;
  }

  estimate(): Estimate {
    const { units, outputs } = this;
    const values = new Float64Array(units * outputs);
    const standardErrors = new Float64Array(units * outputs);
    const meanStandardErrors = new Float64Array(units);
    for (let u = 0; u < units; u++) {
      const row = u * (outputs + 1);
      for (let o = 0; o < outputs; o++) {
        values[u * outputs + o] = this.means[row + o];
        standardErrors[u * outputs + o] = this.#standardError(row + o);
      }
      meanStandardErrors[u] = this.#standardError(row + outputs);
    }
    return { values, standardErrors, meanStandardErrors };
  }

  /** sqrt(s^2 / count) with s^2 = squares / (count - 1): NaN for a single sample. */
  #standardError(i: number): number {
    return this.count > 1 ? Math.sqrt(this.squares[i] / (this.count - 1) / this.count) : Number.NaN;
  }
}
