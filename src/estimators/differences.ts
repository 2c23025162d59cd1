import { atOnce, paced, type Steps } from "../pace.js";
import type { Accumulator, Estimate, PackedParts, UnitMeans } from "./estimator.js";
import { PairRows } from "./pair-rows.js";
import type { Targets } from "./regression/targets.js";

/** What makes an estimate of differences of pairs. */
export interface DifferencesReader {
  /**
   * @param targets of the first pairs of the sample
   * @param total v(all) - v(none), `[columns]`
   * @param brief whether a good estimate now is better than the best one
   */
  estimate(targets: Targets, total: Float64Array, brief: boolean): Steps<Estimate>;
  /** Means over the outputs of two estimates, of every other pair each. */
  halves(targets: Targets, total: Float64Array): Steps<readonly [UnitMeans, UnitMeans]>;
  /** Pairs of the whole run. */
  readonly planned: number;
  /** Numbers of each pair: the outputs, and what else there is. */
  readonly columns: number;
  /** Most bytes of differences in memory; as many again may be taken while they are worked on. */
  readonly memory: number;
}

/** How many times as many pairs there have to be before standard errors are looked at again while a run goes on. */
const growth = 1.5;

/**
 * Half the differences of v between the two coalitions of each pair, in the order of the pairs, and v(all) - v(none)
 * before them: all that a regression needs. What of them is more than the reader's memory is in a temporary file.
 */
export class Differences implements Accumulator {
  readonly #total: Float64Array;
  readonly #rows: PairRows;
  /** What `pack` gave, while it is all there is. */
  #packed: Float64Array | undefined;
  #latest: { readonly pairs: number; readonly estimate: Estimate; readonly settled?: boolean } | undefined;

  /** @param packed what `pack` gave */
  constructor(
    readonly reader: DifferencesReader,
    packed: Float64Array,
  ) {
    const { columns, memory } = reader;
    this.#total = packed.slice(0, columns);
    this.#rows = new PairRows(columns, memory);
    this.#packed = packed;
  }

  /** Room for some pairs, to be filled by {@link room}. */
  static of(reader: DifferencesReader, total: Float64Array, pairs: number): Differences {
    const numbers = new Float64Array((1 + pairs) * reader.columns);
    numbers.set(total);
    return new Differences(reader, numbers);
  }

  /** Of what `packInParts` gave. */
  static ofParts(reader: DifferencesReader, { parts }: PackedParts): Differences {
    let differences: Differences | undefined;
    try {
      for (const rows of wholeRows(parts(), reader.columns)) {
        if (differences) differences.#rows.append(rows);
        else {
          differences = new Differences(reader, rows);
          differences.#unpacked();
        }
      }
    } catch (error) {
      differences?.dispose();
      throw error;
    }
    return differences ?? new Differences(reader, new Float64Array(reader.columns));
  }

  /** Where the differences of some pairs are kept, from the pair `at` on: `[pairs, columns]`. */
  room(at: number, pairs: number): Float64Array {
    const { columns } = this.reader;
    return (this.#packed as Float64Array).subarray((1 + at) * columns, (1 + at + pairs) * columns);
  }

  /** Nothing can be asked of the later ones any more where they are in a file. */
  merge(later: Differences): void {
    this.#unpacked();
    const rows = later.#unpacked();
    try {
      for (const part of rows.parts()) this.#rows.append(part);
    } finally {
      rows.dispose();
    }
  }

  pack(): Float64Array {
    if (this.#packed) return this.#packed;
    const { columns } = this.reader;
    const packed = new Float64Array((1 + this.#pairs) * columns);
    let at = 0;
    for (const part of this.packInParts().parts()) {
      packed.set(part, at);
      at += part.length;
    }
    return packed;
  }

  packInParts(): PackedParts {
    const rows = this.#unpacked();
    const total = this.#total;
    return {
      length: (1 + rows.count) * rows.columns,
      *parts() {
        yield total;
        yield* rows.parts();
      },
    };
  }

  get onDisk(): boolean {
    return this.#rows.onDisk;
  }

  dispose(): void {
    this.#rows.dispose();
  }

  /** Of fewer pairs than there are, while a run goes on: an estimate is work. */
  largestStandardError(): number {
    const latest = this.#latest;
    const whole = this.#pairs === this.reader.planned;
    const stale = !latest || (whole ? latest.pairs < this.#pairs : (1 + latest.pairs) * growth < 1 + this.#pairs);
    const { standardErrors } = stale ? this.estimate() : latest.estimate;
    return standardErrors.reduce((most, error) => Math.max(most, error), 0);
  }

  /** Of what was {@link settle}d the best there is, else a brief one. */
  estimate(): Estimate {
    if (this.#latest?.pairs !== this.#pairs) {
      this.#latest = { pairs: this.#pairs, estimate: atOnce(this.#steps(true)) };
    }
    return this.#latest.estimate;
  }

  get settled(): boolean {
    return this.#latest?.settled === true && this.#latest.pairs === this.#pairs;
  }

  async settle(signal?: AbortSignal): Promise<void> {
    const pairs = this.#pairs;
    if (this.settled) return;
    const estimate = await paced(this.#steps(false), signal);
    if (pairs === this.#pairs) this.#latest = { pairs, estimate, settled: true };
  }

  halves(signal?: AbortSignal): Promise<readonly [UnitMeans, UnitMeans]> {
    return paced(this.reader.halves(this.#targets(), this.#total), signal);
  }

  #steps(brief: boolean): Steps<Estimate> {
    return this.reader.estimate(this.#targets(), this.#total, brief);
  }

  #targets(): Targets {
    const rows = this.#unpacked();
    const { columns, memory } = this.reader;
    return { pairs: rows.count, outputs: columns, memory, read: (from, to) => rows.read(from, to) };
  }

  /** The rows, taken out of what they were packed in. */
  #unpacked(): PairRows {
    const packed = this.#packed;
    this.#packed = undefined;
    if (packed && packed.length > this.reader.columns) this.#rows.append(packed.subarray(this.reader.columns));
    return this.#rows;
  }

  get #pairs(): number {
    return this.#packed ? this.#packed.length / this.reader.columns - 1 : this.#rows.count;
  }
}

/**
 * Numbers in arrays that follow each other, cut anew: one row, and then as many whole rows at a time as an array has.
 */
function* wholeRows(parts: Iterable<Float64Array>, columns: number): Generator<Float64Array> {
  let [row, filled, first] = [new Float64Array(columns), 0, true];
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const whole = Math.floor((part.length - at) / columns) * columns;
      if (filled === 0 && whole > 0 && !first) {
        yield part.slice(at, at + whole);
        at += whole;
        continue;
      }
      const taken = part.subarray(at, at + columns - filled);
      row.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < columns) continue;
      yield row;
      [row, filled, first] = [new Float64Array(columns), 0, false];
    }
  }
}
