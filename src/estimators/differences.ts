import { atOnce, paced, type Steps } from "../pace.js";
import type { Accumulator, Estimate, UnitMeans } from "./estimator.js";

/** What makes an estimate of differences of pairs. */
export interface DifferencesReader {
  /**
   * @param targets of the first pairs of the sample, `[pairs, columns]`
   * @param total v(all) - v(none), `[columns]`
   * @param brief whether a good estimate now is better than the best one
   */
  estimate(targets: Float64Array, total: Float64Array, brief: boolean): Steps<Estimate>;
  /** Means over the outputs of two estimates, of every other pair each. */
  halves(targets: Float64Array, total: Float64Array): Steps<readonly [UnitMeans, UnitMeans]>;
  /** Pairs of the whole run. */
  readonly planned: number;
  /** Numbers of each pair: the outputs, and what else there is. */
  readonly columns: number;
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

  /** Room for some pairs, to be filled by {@link room}. */
  static of(reader: DifferencesReader, total: Float64Array, pairs: number): Differences {
    const numbers = new Float64Array((1 + pairs) * reader.columns);
    numbers.set(total);
    return new Differences(reader, numbers);
  }

  /** Where the differences of some pairs are kept, from the pair `at` on: `[pairs, columns]`. */
  room(at: number, pairs: number): Float64Array {
    const { columns } = this.reader;
    return this.#numbers.subarray((1 + at) * columns, (1 + at + pairs) * columns);
  }

  merge(later: Differences): void {
    const more = later.#numbers.subarray(this.reader.columns, later.#length);
    const length = this.#length + more.length;
    if (length > this.#numbers.length) {
      const most = (1 + this.reader.planned) * this.reader.columns;
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
    const { columns } = this.reader;
    const numbers = this.pack();
    return paced(this.reader.halves(numbers.subarray(columns), numbers.subarray(0, columns)), signal);
  }

  #steps(brief: boolean): Steps<Estimate> {
    const { columns } = this.reader;
    const numbers = this.pack();
    return this.reader.estimate(numbers.subarray(columns), numbers.subarray(0, columns), brief);
  }

  get #pairs(): number {
    return this.#length / this.reader.columns - 1;
  }
}
