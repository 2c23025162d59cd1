import type { Accumulator, Ends, Plan } from "../../estimators/estimator.js";
import type { Game } from "../../games/game.js";

/** Chunks that follow each other: `from` to `to - 1`. */
export interface ChunkRange {
  readonly from: number;
  readonly to: number;
}

/** Where the sums of chunks go, what stops them, and who is told how many evaluations they have made. */
export interface ChunksOptions {
  /** The chunk to begin with. */
  readonly from: number;
  /** Only these chunks, in ascending order; each range is asked for when it is begun. Default all from `from` on. */
  readonly ranges?: Iterable<ChunkRange>;
  readonly signal: AbortSignal | undefined;
  evaluated(count: number): void;
  /** Gets the sums of each chunk, in order, and returns those that it does not need any more. */
  done(sums: Accumulator): Promise<Accumulator | undefined>;
  /** Whether no more chunks are wanted: asked at first, and after each `done`. */
  enough(): boolean;
}

/** The ranges that are wanted. */
export function wantedRanges(plan: Plan, { from, ranges }: Pick<ChunksOptions, "from" | "ranges">) {
  return ranges ?? [{ from, to: plan.chunks }];
}

/** Does the chunks of a plan in this thread. */
export async function chunksHere(plan: Plan, game: Game, ends: Ends, options: ChunksOptions): Promise<void> {
  const { signal, evaluated } = options;
  let spare: Accumulator | undefined;
  if (options.enough()) return;
  for (const { from, to } of wantedRanges(plan, options)) {
    for (let chunk = from; chunk < to; chunk++) {
      signal?.throwIfAborted();
      spare = await options.done(await plan.runChunk(chunk, game, ends, { signal, evaluated }, spare));
      if (options.enough()) return;
    }
  }
}
