import type { Accumulator, Plan } from "../../estimators/estimator.js";
import { largeSums } from "../../estimators/ordering-chunks.js";
import type { Game } from "../../games/game.js";
import { builtModule } from "../../package.js";
import { type ChunkRange, type ChunksOptions, wantedRanges } from "../runs/chunks-here.js";
import { type ChunkSums, type ChunkWork, chunksOf } from "./chunk-worker.js";
import { inThreads } from "./worker-pool.js";

/** Most chunks of one task: more would save nothing. */
const mostPerTask = 16;
/** Tasks for each worker at least, so that all end at about the same time. */
const tasksPerWorker = 8;
/** Most numbers that the sums of one task's chunks hold, unless a single chunk has more: 8 MB. */
const numbersPerTask = 1 << 20;
/** Most seconds that a task of several chunks is to take: what an interruption loses. */
const secondsPerTask = 0.2;

/**
 * The same sums, bit for bit, from several threads: tasks of a few chunks are shared out, and handed over chunk by
 * chunk, in order. Memory is that of 4 x `workers` tasks at most, of 2 x where their sums are large. What is under way
 * when there is enough is thrown away. Given the game, this thread is one of the workers; one that only has a spec may
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
  if (chunks <= 0 || options.enough()) return;
  const fitting = Math.min(mostPerTask, chunks / (tasksPerWorker * workers), numbersPerTask / (2 * units * outputs));
  // One chunk a task, until it is known how long a chunk takes.
  let perTask = 1;
  function* ranges(): Generator<ChunkRange> {
    for (const range of wantedRanges(plan, options)) {
      for (let at = range.from; at < range.to; ) {
        const to = Math.min(range.to, at + perTask);
        yield { from: at, to };
        at = to;
      }
    }
  }
  const module = builtModule("engine/threads/chunk-worker");
  const threads = Math.min(workers, chunks);
  const tasks = inThreads<ChunkSums<Accumulator | Float64Array>, ChunkRange>(
    { module, export: "prepareChunks", context: work },
    ranges(),
    {
      threads: game ? Math.max(1, threads - 1) : threads,
      large: units * wholeOutputs >= largeSums,
      here: game && ((range, evaluated, stop) => chunksOf(range, plan, game, work.ends, { evaluated, signal: stop })),
      signal,
      evaluated: options.evaluated,
    },
  );
  for await (const { sums, seconds } of tasks) {
    for (const part of sums) {
      await options.done(part instanceof Float64Array ? plan.unpack(part) : part);
      if (options.enough()) return;
    }
    perTask = Math.max(1, Math.floor(Math.min(fitting, (secondsPerTask * sums.length) / seconds)));
  }
}
