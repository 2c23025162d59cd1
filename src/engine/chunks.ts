import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Accumulator, Ends, PackedSums, Plan } from "../estimators/estimator.js";
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

/**
 * The same sums, bit for bit, from worker threads: chunks are shared out, and merged in order. Memory is that of
 * 2 x `workers` chunks at most.
 */
export async function chunksInThreads(
  plan: Plan,
  work: ChunkWork,
  workers: number,
  options: ChunksOptions,
): Promise<Accumulator> {
  let sums: Accumulator | undefined;
  const module = pathToFileURL(join(packageRoot, "dist", "engine", "chunk-thread.js")).href;
  const chunks = inThreads<PackedSums>({ module, export: "prepareChunks", context: work }, plan.chunks, {
    threads: workers,
    signal: options.signal,
    advanced: (count) => options.evaluated(count, sums),
  });
  for await (const packed of chunks) {
    const part = plan.unpack(packed);
    if (sums) sums.merge(part);
    else sums = part;
  }
  return sums as Accumulator;
}
