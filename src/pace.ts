import { setImmediate as nextTurn } from "node:timers/promises";

/** How long computing goes on before timers, signals and progress get their turn, in milliseconds. */
const turn = 40;

/**
 * A function to call between steps of long work: gives the event loop a turn every 40 ms, so that progress is shown and
 * Ctrl-C arrives, and throws the signal's reason once it is aborted.
 */
export function pacer(signal?: AbortSignal): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    const now = performance.now();
    if (now - last < turn) return undefined;
    return nextTurn().then(() => {
      last = performance.now();
      signal?.throwIfAborted();
    });
  };
}
