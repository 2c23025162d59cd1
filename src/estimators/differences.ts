import type { Values } from "../games/game.js";
import { atOnce, paced, type Steps } from "../pace.js";
import type { Accumulator, Ends, Estimate, UnitMeans } from "./estimator.js";

/** What makes an estimate of differences of pairs. */
export interface DifferencesReader {
  /**
   * @param targets of the first pairs of the sample, `[pairs, outputs]`
   * @param total v(all) - v(none)
   * @param brief whether a good estimate now is better than the best one
   */
  estimate(targets: Float64Array, total: Float64Array, brief: boolean): Steps<Estimate>;
  /** Means over the outputs of two estimates, of every other pair each. */
  halves(targets: Float64Array, total: Float64Array): Steps<readonly [UnitMeans, UnitMeans]>;
  /** Pairs of the whole run. */
  readonly planned: number;
  readonly outputs: number;
}

/** How many times as many pairs there have to be before standard errors are looked at again while a run goes on. */
const growth = 1.5;

/**
 * Half the differences of v between the two coalitions of each pair, in the order of the pairs, and v(all) - v(none) before them: all that a
 * regression needs. Memory is pairs x outputs.
 */
export class Differences implements Accumulator {
  /** With room for more at its end. */
  #numbers: Float64Array;
  #length: number;
  #latest: { readonly length: number; readonly estimate: Estimate; readonly settled?: boolean } | undefined;

  /** @param packed what `pack` gave */
  constructor(
    readonly reader: DifferencesReader,
    packed: Float64Array,
  ) {
    this.#numbers = packed;
    this.#length = packed.length;
  }

  /** Room for some pairs, to be given to {@link fill}. */
  static of(reader: DifferencesReader, { all, none }: Ends, pairs: number): Differences {
    const numbers = new Float64Array((1 + pairs) * reader.outputs);
    for (let o = 0; o < reader.outputs; o++) numbers[o] = all[o] - none[o];
    return new Differences(reader, numbers);
  }

  /** Takes in v of both coalitions of some pairs, from the pair `at` on. */
  fill(at: number, values: Values): void {
    const { outputs } = this.reader;
    const pairs = values.length / (2 * outputs);
    for (let pair = 0; pair < pairs; pair++) {
      const to = (1 + at + pair) * outputs;
      const from = 2 * pair * outputs;
      for (let o = 0; o < outputs; o++) this.#numbers[to + o] = (values[from + o] - values[from + outputs + o]) / 2;
    }
  }

  merge(later: Differences): void {
    const more = later.#numbers.subarray(this.reader.outputs, later.#length);
    const length = this.#length + more.length;
    if (length > this.#numbers.length) {
      const most = (1 + this.reader.planned) * this.reader.outputs;
      const larger = new Float64Array(Math.max(length, Math.min(most, 2 * this.#numbers.length)));
      larger.set(this.#numbers.subarray(0, this.#length));
      this.#numbers = larger;
    }
    this.#numbers.set(more, this.#length);
    this.#length = length;
  }

  pack(): Float64Array {
    return this.#numbers.subarray(0, this.#length);
  }

  /** Of fewer pairs than there are, while a run goes on: an estimate is work. */
  largestStandardError(): number {
    const latest = this.#latest;
    const whole = this.#pairs === this.reader.planned;
    const stale = !latest || (whole ? latest.length < this.#length : latest.length * growth < this.#length);
    const { standardErrors } = stale ? this.estimate() : latest.estimate;
    return standardErrors.reduce((most, error) => Math.max(most, error), 0);
  }

  /** Of what was {@link settle}d the best there is, else a brief one. */
  estimate(): Estimate {
    if (this.#latest?.length !== this.#length) {
      this.#latest = { length: this.#length, estimate: atOnce(this.#steps(true)) };
    }
    return this.#latest.estimate;
  }

  async settle(signal?: AbortSignal): Promise<void> {
    const length = this.#length;
    if (this.#latest?.settled && this.#latest.length === length) return;
    const estimate = await paced(this.#steps(false), signal);
    if (length === this.#length) this.#latest = { length, estimate, settled: true };
  }

  halves(signal?: AbortSignal): Promise<readonly [UnitMeans, UnitMeans]> {
    const { outputs } = this.reader;
    const numbers = this.pack();
    return paced(this.reader.halves(numbers.subarray(outputs), numbers.subarray(0, outputs)), signal);
  }

  #steps(brief: boolean): Steps<Estimate> {
    const { outputs } = this.reader;
    const numbers = this.pack();
    return this.reader.estimate(numbers.subarray(outputs), numbers.subarray(0, outputs), brief);
  }

  get #pairs(): number {
    return this.#length / this.reader.outputs - 1;
  }
}
