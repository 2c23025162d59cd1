import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Accumulator, Ends, Plan } from "../estimators/estimator.js";
import type { Game } from "../games/game.js";
import { packageRoot } from "../package.js";
import type { ChunkWork } from "./chunk-thread.js";
import { inThreads } from "./threads.js";

/** What stops the chunks, and who is told how many evaluations they have made, with the sums so far. */
export interface ChunksOptions {
  readonly signal: AbortSignal | undefined;
  evaluated(count: number, sums: Accumulator | undefined): void;
}

/** Does all chunks of a plan in this thread and merges their sums in order. */
export async function chunksHere(plan: Plan, game: Game, ends: Ends, options: ChunksOptions): Promise<Accumulator> {
  const { signal } = options;
  let sums: Accumulator | undefined;
  for (let chunk = 0; chunk < plan.chunks; chunk++) {
    signal?.throwIfAborted();
    const part = await plan.runChunk(chunk, game, ends, {
      signal,
      evaluated: (count) => options.evaluated(count, sums),
    });
    if (sums) sums.merge(part);
    else sums = part;
  }
  return sums as Accumulator;
}

/** Most chunks of one task: more would save nothing. */
const mostPerTask = 16;
/** Tasks for each worker at least, so that all end at about the same time. */
const tasksPerWorker = 8;
/** Most numbers that the sums of one task's chunks hold, unless a single chunk has more: 8 MB. */
const numbersPerTask = 1 << 20;

/**
 * The same sums, bit for bit, from worker threads: tasks of a few chunks are shared out, and their sums merged chunk by chunk,
 * in order. Memory is that of 2 x `workers` tasks at most.
 */
export async function chunksInThreads(
  plan: Plan,
  work: Omit<ChunkWork, "chunksPerTask">,
  workers: number,
  options: ChunksOptions,
): Promise<Accumulator> {
  const { units, outputs } = work.request;
  const fitting = Math.min(plan.chunks / (tasksPerWorker * workers), numbersPerTask / (2 * units * outputs));
  const chunksPerTask = Math.max(1, Math.min(mostPerTask, Math.floor(fitting)));
  let sums: Accumulator | undefined;
  const module = pathToFileURL(join(packageRoot, "dist", "engine", "chunk-thread.js")).href;
  const context: ChunkWork = { ...work, chunksPerTask };
  const tasks = inThreads<Float64Array[]>(
    { module, export: "prepareChunks", context },
    Math.ceil(plan.chunks / chunksPerTask),
    { threads: workers, signal: options.signal, advanced: (count) => options.evaluated(count, sums) },
  );
  for await (const task of tasks) {
    for (const packed of task) {
      const part = plan.unpack(packed);
      if (sums) sums.merge(part);
      else sums = part;
    }
  }
  return sums as Accumulator;
}
