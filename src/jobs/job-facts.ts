import type { KeptChunk } from "./part-files.js";
import type { DamagedChunk } from "./survey.js";

/** What the latest attempt at a chunk came to. */
export interface ChunkAttempt {
  readonly chunk: number;
  readonly attempt: number;
  readonly host: string;
  /** Blocks that it has done, of so many. */
  readonly done: number;
  readonly of: number;
  readonly seconds: number;
  /** Why it stopped or failed; of a running one, that it has not been heard of for long. */
  readonly reason: string | null;
  readonly log: string | null;
}

/** How far a job is, in numbers. */
export interface JobFacts {
  readonly folder: string;
  /** What is computed, in words: estimator, budget, units, seed. */
  readonly what: string;
  readonly chunks: number;
  readonly done: readonly number[];
  readonly running: readonly ChunkAttempt[];
  /** Attempts that failed and were not begun again since. */
  readonly failed: readonly ChunkAttempt[];
  /** Attempts that were told to end: what they did is kept. */
  readonly stopped: readonly ChunkAttempt[];
  /** Files that are no whole chunks of this job; they will be done again. */
  readonly damaged: readonly DamagedChunk[];
  /**
   * Chunks that are not finished and of which blocks are done, be it by a process that was killed: whoever goes on
   * takes them up. Those that run are not among them.
   */
  readonly kept: readonly KeptChunk[];
  /** Chunks of which nothing is done, and that nobody is at. */
  readonly waiting: readonly number[];
  readonly evaluations: { readonly done: number; readonly of: number };
  /** Evaluations of v a second, of chunks that ended in the latest while; NaN where that is not known. */
  readonly rate: number;
  /** Seconds that are left at that rate; NaN where nothing is under way. */
  readonly secondsLeft: number;
  /** Of the chunks that are there; NaN where it was not looked at, or means nothing yet. */
  readonly largestStandardError: number;
  /** Whether there is all that `reduceJob` needs. */
  readonly complete: boolean;
}
