import type { ProgressState } from "./progress-state.js";
import { openReporter, type ProgressOptions } from "./reporter.js";
import { speedSince } from "./speed.js";

/** Progress of a loop that counts its steps. */
export interface LoopProgress {
  /** One more step is done. */
  step(): void;
  end(how: "done" | "stopped"): void;
}

/**
 * Shows the progress of a loop; once the signal is aborted, that it was stopped.
 *
 * @param unit what is counted, in the plural
 * @param total how many steps there are; undefined where nobody knows
 * @param wanted as `ShapleyOptions.progress`
 */
export function loopProgress(
  title: string,
  unit: string,
  total: number | undefined,
  wanted: boolean | ProgressOptions | undefined,
  signal: AbortSignal | undefined,
): LoopProgress {
  const reporter = openReporter(title, unit, wanted);
  const start = performance.now();
  let done = 0;
  const state = (): ProgressState => ({ done, total: total ?? done, ...speedSince(start, done, total) });
  const stop = () => reporter?.end(state(), "stopped");
  signal?.addEventListener("abort", stop, { once: true });
  return {
    step() {
      done++;
      reporter?.update(state());
    },
    end(how) {
      signal?.removeEventListener("abort", stop);
      reporter?.end(state(), how);
    },
  };
}
