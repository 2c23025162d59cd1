// Work that a message of a front end starts: it runs as in the cell that made the widget, which may have ended long ago.
"use strict";

const { MessageChannel } = require("node:worker_threads");

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
    const run = runs.begin(header, { aside: true });
    const stop = () => run.controller.abort(signal.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return await Promise.race([start(run, work), run.interruption]);
    } finally {
      signal?.removeEventListener("abort", stop);
      runs.end(run);
    }
  }

  /** Whoever called must not be on the stack of what may be ended by force, nor wait behind it: V8 forgets what waits then. */
  async function start(run, work) {
    await turn();
    return run.within(work);
  }

  /** Does the work; an error is told on stderr of its cell. Resolves when it is over. */
  async function notify(header, work) {
    try {
      await perform(header, work);
    } catch (thrown) {
      runs.as(header, () => failure(thrown));
    }
  }

  return { perform, notify };
}

/** Resolves when a message of this thread's own arrives: what was waiting has been done by then. */
function turn() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port2.once("message", () => {
      port1.close();
      resolve();
    });
    port1.postMessage(undefined);
  });
}

module.exports = { createCallbacks };
