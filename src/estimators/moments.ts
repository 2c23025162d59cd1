import type { Accumulator, Estimate, SampleMeans, UnitMeans } from "./estimator.js";
import { withoutLost } from "./lost-errors.js";

/**
 * Means and spreads of marginal contributions to each output and to the average over the outputs, in float64. A sample
 * is one marginal contribution of every unit. Sums of squared deviations follow Welford (1962); chunks are merged as in
 * Chan, Golub and LeVeque (1983).
 */
export class Moments implements Accumulator {
  count: number;
  /** `[units, outputs]` */
  readonly means: Float64Array;
  /** `[units, outputs]` */
  readonly squares: Float64Array;

  /** The count, the means, the squares, then the means and squares of the average over the outputs. */
  readonly #packed: Float64Array;
  readonly #averageMeans: Float64Array;
  readonly #averageSquares: Float64Array;
  /** Of the contributions of the present unit so far. */
  #sum = 0;
  /** Kept where the last estimate has taken the sums over. */
  #largest: number | undefined;

  /** @param packed what `pack` gave; default nothing yet */
  constructor(
    readonly units: number,
    readonly outputs: number,
    packed?: Float64Array,
  ) {
    const size = units * outputs;
    this.#packed = packed ?? new Float64Array(1 + 2 * (size + units));
    this.count = this.#packed[0];
    this.means = this.#packed.subarray(1, 1 + size);
    this.squares = this.#packed.subarray(1 + size, 1 + 2 * size);
    this.#averageMeans = this.#packed.subarray(1 + 2 * size, 1 + 2 * size + units);
    this.#averageSquares = this.#packed.subarray(1 + 2 * size + units);
  }

  /** Forgets all samples. */
  reset(): this {
    this.#packed.fill(0);
    this.count = 0;
    return this;
  }

  /** Starts a sample; every unit is to be given to {@link add} once before the next. */
  begin(): void {
    this.count++;
  }

  /**
   * The marginal contribution of a unit in the present sample, block after block: to the outputs from `from` on.
   *
   * @param others contributions, `[units, outputs]`: the sample is then the mean of the two
   */
  add(unit: number, contribution: Float64Array, from: number, others?: Float64Array): void {
    const { outputs, means, squares } = this;
    const start = unit * outputs + from;
    const sum = others
      ? addMeanOfTwo(means, squares, start, contribution, others, 1 / this.count)
      : addSample(means, squares, start, contribution, 1 / this.count);
    this.#sum = from === 0 ? sum : this.#sum + sum;
    if (from + contribution.length < outputs) return;
    one[0] = this.#sum / outputs;
    addSample(this.#averageMeans, this.#averageSquares, unit, one, 1 / this.count);
  }

  merge(later: Moments): void {
    const count = this.count + later.count;
    const share = later.count / count;
    const between = this.count * share;
    mergeMoments(this.means, this.squares, later.means, later.squares, share, between);
    mergeMoments(this.#averageMeans, this.#averageSquares, later.#averageMeans, later.#averageSquares, share, between);
    this.count = count;
  }

  pack(): Float64Array {
    this.#packed[0] = this.count;
    return this.#packed;
  }

  sampleMeans(): SampleMeans {
    return { samples: this.count, means: this.means };
  }

  unitMeans(): UnitMeans {
    return { samples: this.count, means: this.#averageMeans };
  }

  largestStandardError(): number {
    if (this.#largest !== undefined) return this.#largest;
    const { squares } = this;
    let most = 0;
    for (let i = 0; i < squares.length; i++) if (squares[i] > most) most = squares[i];
    return this.#standardErrors(Float64Array.of(most))[0];
  }

  estimate(last = false): Estimate {
    if (last) this.#largest = this.largestStandardError();
    const own = (numbers: Float64Array) => (last ? numbers : numbers.slice());
    return withoutLost({
      values: own(this.means),
      standardErrors: this.#standardErrors(own(this.squares)),
      meanStandardErrors: this.#standardErrors(own(this.#averageSquares)),
    });
  }

  /** Sums of squares turned into sqrt(s^2 / count) with s^2 = squares / (count - 1): NaN for a single sample. */
  #standardErrors(squares: Float64Array): Float64Array {
    if (this.count < 2) return squares.fill(Number.NaN);
    for (let i = 0; i < squares.length; i++) squares[i] = Math.sqrt(squares[i] / (this.count - 1) / this.count);
    return squares;
  }
}

const one = new Float64Array(1);

/** Takes in a sample of some numbers, from `start` on, and returns its sum. */
function addSample(
  means: Float64Array,
  squares: Float64Array,
  start: number,
  sample: Float64Array,
  share: number,
): number {
  let sum = 0;
  for (let o = 0; o < sample.length; o++) {
    const value = sample[o];
    const deviation = value - means[start + o];
    const mean = means[start + o] + deviation * share;
    sum += value;
    means[start + o] = mean;
    squares[start + o] += deviation * (value - mean);
  }
  return sum;
}

/** The same for the mean of two: one loop, since each goes through all of memory. */
function addMeanOfTwo(
  means: Float64Array,
  squares: Float64Array,
  start: number,
  sample: Float64Array,
  others: Float64Array,
  share: number,
): number {
  let sum = 0;
  for (let o = 0; o < sample.length; o++) {
    const value = (sample[o] + others[start + o]) / 2;
    const deviation = value - means[start + o];
    const mean = means[start + o] + deviation * share;
    sum += value;
    means[start + o] = mean;
    squares[start + o] += deviation * (value - mean);
  }
  return sum;
}

/** @param share of the later samples in all */
function mergeMoments(
  means: Float64Array,
  squares: Float64Array,
  laterMeans: Float64Array,
  laterSquares: Float64Array,
  share: number,
  between: number,
): void {
  for (let i = 0; i < means.length; i++) {
    const difference = laterMeans[i] - means[i];
    means[i] += difference * share;
    squares[i] += laterSquares[i] + difference * difference * between;
  }
}
