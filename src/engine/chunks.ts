import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Accumulator, Ends, Plan } from "../estimators/estimator.js";
import type { Game } from "../games/game.js";
import { packageRoot } from "../package.js";
import { type ChunkWork, chunksOfTask } from "./chunk-thread.js";
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
 * The same sums, bit for bit, from several threads: tasks of a few chunks are shared out, and their sums merged chunk by chunk,
 * in order. Memory is that of 4 x `workers` tasks at most. Given the game, this thread is one of the workers; one that only
 * has a spec may compute for long without a pause, and stays out of it, so that this thread can be interrupted.
 */
export async function chunksInThreads(
  plan: Plan,
  work: Omit<ChunkWork, "chunksPerTask">,
  game: Game | undefined,
  workers: number,
  options: ChunksOptions,
): Promise<Accumulator> {
  const { units, outputs } = work.request;
  const fitting = Math.min(plan.chunks / (tasksPerWorker * workers), numbersPerTask / (2 * units * outputs));
  const chunksPerTask = Math.max(1, Math.min(mostPerTask, Math.floor(fitting)));
  let sums: Accumulator | undefined;
  const module = pathToFileURL(join(packageRoot, "dist", "engine", "chunk-thread.js")).href;
  const context: ChunkWork = { ...work, chunksPerTask };
  const tasks = inThreads<Accumulator[] | Float64Array[]>(
    { module, export: "prepareChunks", context },
    Math.ceil(plan.chunks / chunksPerTask),
    {
      threads: game ? workers - 1 : workers,
      here: game && ((task, evaluated, signal) => chunksOfTask(plan, task, context, game, { evaluated, signal })),
      signal: options.signal,
      advanced: (count) => options.evaluated(count, sums),
    },
  );
  for await (const task of tasks) {
    for (const chunk of task) {
      const part = chunk instanceof Float64Array ? plan.unpack(chunk) : chunk;
      if (sums) sums.merge(part);
      else sums = part;
    }
  }
  return sums as Accumulator;
}
