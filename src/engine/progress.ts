import type { Accumulator } from "../estimators/estimator.js";

/** How far a computation has come. */
export interface Progress {
  /** Evaluations of v so far. */
  readonly evaluations: number;
  /** Evaluations of v in all. */
  readonly total: number;
  /** Seconds since the start. */
  readonly seconds: number;
  /** Evaluations a second so far. */
  readonly rate: number;
  /** Seconds left at that rate. */
  readonly secondsLeft: number;
  /** The largest standard error of any unit and output as far as it is known; NaN at first. Computed when read. */
  readonly largestStandardError: number;
  /** Whether this is the last report. */
  readonly done: boolean;
}

/** Milliseconds between two reports. */
const interval = 100;

/** Counts evaluations and reports them at most ten times a second. */
export class Meter {
  evaluations = 0;
  readonly #start = performance.now();
  #reported = this.#start;
  #sums: Accumulator | undefined;
  #already = 0;

  constructor(
    readonly total: number,
    readonly report: ((progress: Progress) => void) | undefined,
  ) {}

  evaluated(count: number, sums?: Accumulator): void {
    this.evaluations += count;
    this.#sums = sums;
    if (this.report && performance.now() - this.#reported >= interval) this.#tell(false);
  }

  /** Counts evaluations of an earlier run: they are done, but took no time here. */
  resumed(count: number): void {
    this.evaluations += count;
    this.#already += count;
  }

  finish(): void {
    if (this.report) this.#tell(true);
  }

  #tell(done: boolean): void {
    this.#reported = performance.now();
    const { evaluations, total } = this;
    const seconds = (this.#reported - this.#start) / 1000;
    const rate = (evaluations - this.#already) / Math.max(seconds, 1e-9);
    const sums = this.#sums;
    this.report?.({
      evaluations,
      total,
      seconds,
      rate,
      secondsLeft: (total - evaluations) / rate,
      get largestStandardError() {
        return sums ? sums.estimate().standardErrors.reduce((most, error) => Math.max(most, error), 0) : Number.NaN;
      },
      done,
    });
  }
}
