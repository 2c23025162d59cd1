// Work that a message of a front end starts: it runs as in the cell that made the widget, which may have ended long ago.
"use strict";

const { soon } = require("./turns.cjs");

/**
 * @param {ReturnType<import("./runs.cjs").createRuns>} runs
 * @param {(thrown: unknown) => void} failure tells an error that no code was waiting for
 */
function createCallbacks(runs, failure) {
  /**
   * Does the work in a run of its own, which an interrupt stops like a cell: after a moment of grace where something watches its
   * signal, else at once.
   *
   * @param {object} header of the cell that the work's output belongs to
   * @param {() => unknown} work
   * @param {AbortSignal} [signal] asks the work to end, where nobody needs it any more
   */
  async function perform(header, work, signal) {
    const run = runs.beginAside(header);
    const stop = () => run.controller.abort(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return await Promise.race([start(run, work), run.interruption]);
    } finally {
      signal?.removeEventListener("abort", stop);
      runs.end(run);
    }
  }

  /** In a turn of its own: what is ended by force takes with it all that was to happen in the same turn. */
  async function start(run, work) {
    await new Promise(soon);
    // An interrupt may have been quicker.
    return run.isOver() ? undefined : run.within(work);
  }

  /** Does the work; an error is told on stderr of its cell. Resolves when it is over. */
  async function notify(header, work) {
    try {
      await perform(header, work);
    } catch (thrown) {
      within(header, () => failure(thrown));
    }
  }

  /** Does something short at once: it can not be interrupted. */
  function within(header, work) {
    const run = runs.beginAside(header);
    try {
      return run.within(work);
    } finally {
      runs.end(run);
    }
  }

  return { perform, notify, within };
}

module.exports = { createCallbacks };
