import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Accumulator, Ends, Plan } from "../../estimators/estimator.js";
import { largeSums } from "../../estimators/permutation.js";
import type { Game } from "../../games/game.js";
import { packageRoot } from "../../package.js";
import { type ChunkRange, type ChunkSums, type ChunkWork, chunksOf } from "./chunk-thread.js";
import { inThreads } from "./threads.js";

/** Where the sums of chunks go, what stops them, and who is told how many evaluations they have made. */
export interface ChunksOptions {
  /** The chunk to begin with. */
  readonly from: number;
  readonly signal: AbortSignal | undefined;
  evaluated(count: number): void;
  /** Gets the sums of each chunk, in order, and returns those that it does not need any more. */
  done(sums: Accumulator): Accumulator | undefined;
}

/** Does the chunks of a plan in this thread. */
export async function chunksHere(plan: Plan, game: Game, ends: Ends, options: ChunksOptions): Promise<void> {
  const { signal, evaluated } = options;
  let spare: Accumulator | undefined;
  for (let chunk = options.from; chunk < plan.chunks; chunk++) {
    signal?.throwIfAborted();
    spare = options.done(await plan.runChunk(chunk, game, ends, { signal, evaluated }, spare));
  }
}

/** Chunks in progress for as many evaluations in flight: while one chunk's last ones are awaited, another's go on. */
export function chunksAtOnce(concurrency: number, units: number): number {
  return 1 + Math.min(concurrency, Math.ceil((2 * concurrency) / Math.max(1, units - 1)));
}

/**
 * The same sums, bit for bit, of a game that lets evaluations overlap: a few chunks are in progress at once, and are handed over in order.
 * The first error, or the signal, ends all of them.
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
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // a few for each chunk in progress
  const follow = () => stop.abort(signal?.reason);
  if (signal?.aborted) follow();
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
    const work = plan.runChunk(next++, game, ends, { signal: stop.signal, evaluated });
    underWay.push(work);
    work.then(() => idle.push(plan), fail);
  };
  try {
    for (let chunk = options.from; chunk < chunks; chunk++) {
      stop.signal.throwIfAborted();
      while (underWay.length < atOnce && next < chunks) start();
      options.done(await Promise.race([underWay[0], failed]));
      underWay.shift();
    }
  } finally {
    stop.abort();
    signal?.removeEventListener("abort", follow);
  }
}

/** Most chunks of one task: more would save nothing. */
const mostPerTask = 16;
/** Tasks for each worker at least, so that all end at about the same time. */
const tasksPerWorker = 8;
/** Most numbers that the sums of one task's chunks hold, unless a single chunk has more: 8 MB. */
const numbersPerTask = 1 << 20;
/** Most seconds that a task of several chunks is to take: what an interruption loses. */
const secondsPerTask = 0.2;

/**
 * The same sums, bit for bit, from several threads: tasks of a few chunks are shared out, and handed over chunk by chunk, in order.
 * Memory is that of 4 x `workers` tasks at most, of 2 x where their sums are large. Given the game, this thread is one of the workers; one that only has a spec may
 * compute for long without a pause, and stays out of it, so that this thread can be interrupted.
 */
export async function chunksInThreads(
  plan: Plan,
  work: ChunkWork,
  game: Game | undefined,
  workers: number,
  options: ChunksOptions,
): Promise<void> {
  const { from, signal } = options;
  const { units, outputs, wholeOutputs = outputs } = work.request;
  const chunks = plan.chunks - from;
  if (chunks <= 0) return;
  const fitting = Math.min(mostPerTask, chunks / (tasksPerWorker * workers), numbersPerTask / (2 * units * outputs));
  // One chunk a task, until it is known how long a chunk takes.
  let perTask = 1;
  function* ranges(): Generator<ChunkRange> {
    for (let at = from; at < plan.chunks; ) {
      const to = Math.min(plan.chunks, at + perTask);
      yield { from: at, to };
      at = to;
    }
  }
  const module = pathToFileURL(join(packageRoot, "dist", "engine", "threads", "chunk-thread.js")).href;
  const threads = Math.min(workers, chunks);
  const tasks = inThreads<ChunkSums<Accumulator | Float64Array>, ChunkRange>(
    { module, export: "prepareChunks", context: work },
    ranges(),
    {
      threads: game ? Math.max(1, threads - 1) : threads,
      large: units * wholeOutputs >= largeSums,
      here: game && ((range, evaluated, stop) => chunksOf(range, plan, game, work.ends, { evaluated, signal: stop })),
      signal,
      advanced: options.evaluated,
    },
  );
  for await (const { sums, seconds } of tasks) {
    for (const part of sums) options.done(part instanceof Float64Array ? plan.unpack(part) : part);
    perTask = Math.max(1, Math.floor(Math.min(fitting, (secondsPerTask * sums.length) / seconds)));
  }
}
