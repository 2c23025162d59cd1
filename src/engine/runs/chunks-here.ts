import type { Accumulator, Ends, Plan } from "../../estimators/estimator.js";
import type { Game } from "../../games/game.js";

/** Where the sums of chunks go, what stops them, and who is told how many evaluations they have made. */
export interface ChunksOptions {
  /** The chunk to begin with. */
  readonly from: number;
  readonly signal: AbortSignal | undefined;
  evaluated(count: number): void;
  /** Gets the sums of each chunk, in order, and returns those that it does not need any more. */
  done(sums: Accumulator): Promise<Accumulator | undefined>;
  /** Whether no more chunks are wanted: asked at first, and after each `done`. */
  enough(): boolean;
}

/** Does the chunks of a plan in this thread. */
export async function chunksHere(plan: Plan, game: Game, ends: Ends, options: ChunksOptions): Promise<void> {
  const { signal, evaluated } = options;
  let spare: Accumulator | undefined;
  for (let chunk = options.from; chunk < plan.chunks && !options.enough(); chunk++) {
    signal?.throwIfAborted();
    spare = await options.done(await plan.runChunk(chunk, game, ends, { signal, evaluated }, spare));
  }
}
