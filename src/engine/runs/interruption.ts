import { cellSignal } from "../../kernel-hook.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";

/**
 * The signal that stops a computation: the caller's, and in a notebook also the one that interrupting the running cell
 * aborts. Undefined where there is neither.
 */
export function interruption(signal?: AbortSignal): AbortSignal | undefined {
  const signals = [signal, cellSignal()].filter((given): given is AbortSignal => given !== undefined);
  return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
}

/**
 * A computation that its signal, or the interruption of a notebook's cell, stopped. The signal's reason is its `cause`.
 *
 * @example
 * const modes = await shapley(game, { signal }).catch((error) => {
 *   if (error instanceof InterruptedError && error.partial) return error.partial;
 *   throw error;
 * });
 */
export class InterruptedError extends Error {
  override readonly name = "Interrupted";
  /**
   * The modes of what was done: those that a run of `partial.provenance.orderings` orderings gives, with the standard
   * errors of that many. Undefined where too little was done, and for "exact", whose sums mean nothing before the end.
   */
  readonly partial: ShapleyModes | undefined;

  constructor(
    /** How far it came, e.g. `after 240 of 1000 orderings`. */
    readonly progress: string,
    /** What can be done now. */
    advice: string,
    options: { readonly partial?: ShapleyModes | undefined; readonly cause?: unknown } = {},
  ) {
    super(`interrupted ${progress}; ${advice}`, { cause: options.cause });
    this.partial = options.partial;
  }
}

/** A run, as {@link lastPartial} knows it. */
export interface UnfinishedRun {
  partial(): ShapleyModes | undefined;
}

let latest: UnfinishedRun | undefined;

/** Notes that a run has begun, or was stopped. */
export function noteUnfinished(run: UnfinishedRun): void {
  latest = run;
}

/** Forgets a run that has come to its end. */
export function noteFinished(run: UnfinishedRun): void {
  if (latest === run) latest = undefined;
}

/**
 * The modes of what the latest run of {@link shapley} had done when it was interrupted or failed: `partial` of its
 * {@link InterruptedError}, also where a notebook's cell was stopped by force. Undefined where the latest run came to
 * its end.
 *
 * @example
 * const modes = lastPartial();
 * modes?.complete;               // false
 * modes?.provenance.orderings;   // how many were played
 */
export function lastPartial(): ShapleyModes | undefined {
  return latest?.partial();
}
