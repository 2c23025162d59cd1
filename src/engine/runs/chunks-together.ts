import type { Accumulator, Ends, Plan } from "../../estimators/estimator.js";
import type { Game } from "../../games/game.js";
import type { ChunksOptions } from "./chunks-here.js";

/** Chunks in progress for as many evaluations in flight: while one chunk's last ones are awaited, another's go on. */
export function chunksAtOnce(concurrency: number, units: number): number {
  return 1 + Math.min(concurrency, Math.ceil((2 * concurrency) / Math.max(1, units - 1)));
}

/**
 * The same sums, bit for bit, of a game that lets evaluations overlap: a few chunks are in progress at once, and are
 * handed over in order. The first error, or the signal, ends all of them.
 *
 * @param planOf makes a plan for each chunk that is in progress: a plan does one chunk at a time
 * @param atOnce most chunks in progress, or done and waiting for one before them
 */
export async function chunksTogether(
  planOf: () => Plan,
  game: Game,
  ends: Ends,
  atOnce: number,
  options: ChunksOptions,
): Promise<void> {
  const { signal, evaluated } = options;
  // One for each chunk: a signal that all share would gather their listeners.
  const stops = new Set<AbortController>();
  const stop = (reason: unknown) => {
    for (const each of stops) each.abort(reason);
  };
  const follow = () => stop(signal?.reason);
  signal?.addEventListener("abort", follow, { once: true });
  const idle = [planOf()];
  const { chunks } = idle[0];
  const underWay: Promise<Accumulator>[] = [];
  let next = options.from;
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => {}); // heard where it is awaited
  const start = () => {
    const plan = idle.pop() ?? planOf();
    const own = new AbortController();
    stops.add(own);
    const work = plan.runChunk(next++, game, ends, { signal: own.signal, evaluated });
    underWay.push(work);
    work.then(() => {
      idle.push(plan);
      stops.delete(own);
    }, fail);
  };
  try {
    for (let chunk = options.from; chunk < chunks && !options.enough(); chunk++) {
      signal?.throwIfAborted();
      while (underWay.length < atOnce && next < chunks) start();
      await options.done(await Promise.race([underWay[0], failed]));
      underWay.shift();
    }
  } finally {
    stop(signal?.reason);
    signal?.removeEventListener("abort", follow);
  }
}
