import { cellReporter, inKernel } from "./progress-cell.js";
import { progressLine } from "./progress-line.js";
import type { Reporter } from "./progress-state.js";

/** How progress is shown. */
export interface ProgressOptions {
  /** What goes on; default what the caller calls it. */
  readonly title?: string;
  /**
   * In a notebook: a small picture of the modes so far, units from left to right and outputs from top to bottom;
   * default false.
   */
  readonly picture?: boolean;
}

/** Seconds before anything is shown: what is done by then shows nothing at all. */
const quietSeconds = 1;
/** Showing is not to take more than this share of the time. */
const share = 0.05;
/** Least milliseconds between two updates. */
const interval = 200;

/**
 * Shows progress where somebody sees it: in a notebook unless `wanted` is false (or the environment variable
 * SHAPLEY_MODES_PROGRESS is 0), elsewhere on stderr where `wanted` is true or has options. What takes less than a
 * second shows nothing.
 *
 * @param unit what is counted, in the plural
 */
export function openReporter(
  title: string,
  unit: string,
  wanted: boolean | ProgressOptions | undefined,
): Reporter | undefined {
  const options = typeof wanted === "object" ? wanted : {};
  if (wanted === false || process.env.SHAPLEY_MODES_PROGRESS === "0") return undefined;
  if (inKernel()) return sparing(cellReporter(options.title ?? title, unit, options.picture === true));
  if (wanted === undefined) return undefined;
  let line: Reporter | undefined;
  void progressLine(options.title ?? title, unit).then((reporter) => {
    line = reporter;
  });
  return sparing({ update: (state) => line?.update(state), end: (state, ended) => line?.end(state, ended) });
}

/** Shows nothing of what is soon done, and does not update more often than it can afford. */
function sparing(reporter: Reporter): Reporter {
  let next = 0;
  let shown = false;
  let ended = false;
  return {
    update(state) {
      const now = performance.now();
      if (ended || state.seconds < quietSeconds || now < next) return;
      shown = true;
      reporter.update(state);
      const cost = performance.now() - now;
      next = performance.now() + Math.max(interval, cost / share);
    },
    end(state, how) {
      if (shown && !ended) reporter.end(state, how);
      ended = true;
    },
  };
}
