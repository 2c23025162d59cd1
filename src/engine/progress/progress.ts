import type { Accumulator } from "../../estimators/estimator.js";
import type { Goal } from "../../estimators/stopping/goals.js";
import { modesPicture } from "./modes-picture.js";
import type { ProgressState, Reporter } from "./progress-state.js";
import { type Speed, speedSince } from "./speed.js";

/** How far a computation has come. */
export interface Progress extends Speed {
  /** Evaluations of v so far. */
  readonly evaluations: number;
  /** Evaluations of v in all; with stopping rules, at most. */
  readonly total: number;
  /** The largest standard error of any unit and output as far as it is known; NaN at first. Computed when read. */
  readonly largestStandardError: number;
  /** With stopping rules, how far the run is from each goal; empty without. Computed when read. */
  readonly goals: readonly Goal[];
  /** Whether this is the last report. */
  readonly done: boolean;
}

/** Milliseconds between two reports. */
const interval = 100;

/** Seconds from which a pace is taken for what is left. */
const leastPace = 0.5;

/** Counts evaluations, reports them at most ten times a second, and shows them. */
export class Meter {
  evaluations = 0;
  readonly #start = performance.now();
  #reported = this.#start;
  #sums: Accumulator | undefined;
  #already = 0;
  /** When the first evaluations were told of, and how many there were then: until then threads and networks begin. */
  #first: { readonly at: number; readonly evaluations: number } | undefined;
  /** Seconds after which the run ends whatever is done; default never. */
  mostSeconds = Number.POSITIVE_INFINITY;
  /** How far the run is from what stopping rules ask for; default there are none. */
  goals: () => readonly Goal[] = () => [];

  /** @param size how many units and outputs there are, for the picture */
  constructor(
    readonly total: number,
    readonly size: { readonly units: number; readonly outputs: number },
    readonly report: ((progress: Progress) => void) | undefined,
    readonly reporter: Reporter | undefined,
  ) {}

  evaluated(count: number, sums?: Accumulator): void {
    this.evaluations += count;
    this.#sums = sums;
    this.#first ??= { at: performance.now(), evaluations: this.evaluations };
    if (performance.now() - this.#reported < interval) return;
    this.report?.(this.#progress(false));
    this.reporter?.update(this.#state());
    this.#reported = performance.now();
  }

  /** Counts evaluations of an earlier run: they are done, but took no time here. */
  resumed(count: number): void {
    this.evaluations += count;
    this.#already += count;
  }

  /** Evaluations a second; NaN before the first ones. */
  rate(): number {
    const { rate } = speedSince(this.#start, this.evaluations, this.total, this.#already);
    return rate > 0 ? rate : Number.NaN;
  }

  /**
   * @param evaluations that the result is of, where threads may have made more when there were enough; default all that
   *   were told
   */
  finish(evaluations = this.evaluations): void {
    this.evaluations = evaluations;
    this.report?.(this.#progress(true));
    this.reporter?.end(this.#state(), "done");
  }

  /** The computation ended before its end. */
  stop(): void {
    this.reporter?.end(this.#state(), "stopped");
  }

  #speed(): Speed {
    const speed = speedSince(this.#start, this.evaluations, this.total, this.#already);
    const most = Math.max(0, this.mostSeconds - speed.seconds);
    const left = this.#secondsLeft(speed);
    return { ...speed, secondsLeft: Number.isNaN(left) && Number.isFinite(most) ? most : Math.min(left, most) };
  }

  /** By the pace since the first evaluations; NaN as long as most of the time was spent before these. */
  #secondsLeft({ seconds, secondsLeft }: Speed): number {
    if (!this.#first) return secondsLeft;
    const since = (performance.now() - this.#first.at) / 1000;
    const more = this.evaluations - this.#first.evaluations;
    if (more > 0 && since >= leastPace) return ((this.total - this.evaluations) * since) / more;
    return since < seconds / 2 ? Number.NaN : secondsLeft;
  }

  #progress(done: boolean): Progress {
    const { evaluations, total } = this;
    const sums = this.#sums;
    const goals = () => this.#goalsNow();
    return {
      get goals() {
        return goals();
      },
      evaluations,
      total,
      ...this.#speed(),
      get largestStandardError() {
        return sums?.largestStandardError() ?? Number.NaN;
      },
      done,
    };
  }

  #state(): ProgressState {
    const { evaluations, total } = this;
    const { units, outputs } = this.size;
    const sums = this.#sums;
    const goals = () => this.#goalsNow();
    return {
      get goals() {
        return goals();
      },
      done: evaluations,
      total,
      ...this.#speed(),
      get largestStandardError() {
        return sums?.largestStandardError() ?? Number.NaN;
      },
      picture: sums && (() => modesPicture(sums.estimate().values, units, outputs)),
    };
  }

  /** The largest standard error is that of now, not of the last look. */
  #goalsNow(): readonly Goal[] {
    const goals = this.goals();
    if (!goals.some(({ rule }) => rule === "standardError")) return goals;
    const now = this.#sums?.largestStandardError() ?? Number.NaN;
    return goals.map((goal) => (goal.rule === "standardError" ? { ...goal, value: now, met: now <= goal.goal } : goal));
  }
}
