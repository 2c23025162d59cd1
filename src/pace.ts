/** How long computing goes on before timers, signals and progress get their turn, in milliseconds. */
const patience = 40;
/**
 * Resolves after the event loop's turn: of Node's own timers, or in a browser by a message, which is not put off as
 * timers are.
 */
const nextTurn: () => Promise<void> = (() => {
  const timers = globalThis.process?.getBuiltinModule?.("node:timers/promises");
  if (timers) return () => timers.setImmediate();
  return () =>
    new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
})();
/** When they had it last: one clock for all work of this thread, however many short pieces it comes in. */
let lastTurn = performance.now();

/**
 * A function to call between steps of long work: gives the event loop a turn every 40 ms, so that progress is shown and
 * Ctrl-C arrives, and throws the signal's reason once it is aborted.
 */
export function pacer(signal?: AbortSignal): () => Promise<void> | undefined {
  return () => {
    if (performance.now() - lastTurn < patience) return undefined;
    return nextTurn().then(() => {
      lastTurn = performance.now();
      signal?.throwIfAborted();
    });
  };
}

/** Work cut into pieces of a few tens of milliseconds, with a yield after each. */
export type Steps<Result> = Generator<void, Result, void>;

/** Does all the work now. */
export function atOnce<Result>(work: Steps<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/**
 * Does the work with a turn for the event loop in between, as {@link pacer} gives it. @throws the signal's reason once
 * it is aborted, before any work where it is already
 */
export async function paced<Result>(work: Steps<Result>, signal?: AbortSignal): Promise<Result> {
  signal?.throwIfAborted();
  const pace = pacer(signal);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await pace();
  }
}
