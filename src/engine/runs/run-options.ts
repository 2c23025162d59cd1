import type { OptionNames } from "../../options.js";
import type { Progress } from "../progress/progress.js";
import type { ProgressOptions } from "../progress/reporter.js";

/**
 * Options of everything that plays a game for some time: how it is played, shown, stopped and taken up again. None
 * changes the result's bytes but `seed`.
 */
export interface RunOptions {
  /** An integer from 0 to 2^32 - 1; default 1. Same seed, same bytes. */
  readonly seed?: number;
  /**
   * Threads that share the work, this one included where the game gives it regular pauses, as `mlpGame`'s does;
   * default 1. The result's bytes do not depend on it. A thread makes the game again, so the game must be one that can
   * be sent: those of MLPs and of networks from files can, and `gameFromSpec`'s; a closure is played here, and
   * `onRemark` says so.
   */
  readonly workers?: number;
  /**
   * Evaluations that are under way at once, for a game whose function returns a promise (it asks a service, or another
   * process); default 1. The result's bytes do not depend on it. An error, or an interruption, ends the rest: nothing
   * more is asked for, and the signal of what is under way (`intact.signal`) is aborted. A positive integer; not
   * together with several `workers`.
   */
  readonly concurrency?: number;
  /**
   * Seconds between two writes to the folder of `resume`, at least; default 5. Writing takes no more than a twentieth
   * of the time. What was done since the last one is what a crash loses.
   */
  readonly checkpointSeconds?: number;
  /** Stops the computation within a moment once aborted. In a notebook, interrupting the cell does the same. */
  readonly signal?: AbortSignal;
  /**
   * Shows how far the run is and what is left, in one display that is updated: in a notebook unless this is false,
   * elsewhere on stderr where it is true (a line; in a file, one every 30 s). `{ picture: true }` adds a small picture
   * of the modes so far. A run of less than a second shows nothing.
   */
  readonly progress?: boolean | ProgressOptions;
  /** Called about ten times a second and once at the end. */
  readonly onProgress?: (progress: Progress) => void;
  /** Gets what you should know but need not act on; default: stderr, each remark once in a process. */
  readonly onRemark?: (remark: string) => void;
}

/** The names of `RunOptions`. */
export const runOptionNames: OptionNames<RunOptions> = {
  seed: true,
  workers: true,
  concurrency: true,
  checkpointSeconds: true,
  signal: true,
  progress: true,
  onProgress: true,
  onRemark: true,
};
