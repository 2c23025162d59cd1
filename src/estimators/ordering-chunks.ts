// How orderings are cut into chunks. Each chunk has a random stream of its own (coalitions/random-streams.ts) and its
// sums are merged in order, so these constants decide the bytes of every result: who changes one changes all numbers of
// a seed, and ends every saved run. Such a change belongs in the change log, with a new stream version.
import type { Game } from "../games/game.js";
import type { Plan, Request } from "./estimator.js";
import { gatesOf } from "./gates.js";

/** Numbers in the sums of a chunk from which on merging them takes as long as playing an ordering or two: 32 MB. */
export const largeSums = 1 << 22;
/** Numbers from which on an ordering takes so long that a few are much to lose: 1 GB. */
const hugeSums = 1 << 27;

/**
 * Orderings of a chunk: decided by the size of the game alone, since each chunk has a random stream of its own. Even,
 * so that pairs stay together; few, so that little is lost when a long run of a slow game is stopped; more where the
 * sums are large, but not where an ordering is long work.
 */
export function orderingsPerChunk({
  units,
  outputs,
  wholeOutputs = outputs,
}: Pick<Request, "units" | "outputs" | "wholeOutputs">): number {
  const numbers = units * wholeOutputs;
  return numbers < largeSums || numbers >= hugeSums ? 4 : 16;
}

/** Evaluations that an ordering takes, beside those of nobody and everybody. */
export function evaluationsPerOrdering(game: Game): number {
  const { length } = game.units;
  return game.walk ? length : length - Math.max(1, gatesOf(game).length);
}

/** How a number of orderings is cut into chunks, and what they cost. */
export function chunksOfOrderings(request: Request, game: Game): Omit<Plan, "runChunk" | "unpack"> {
  const perChunk = orderingsPerChunk(request);
  const perOrdering = evaluationsPerOrdering(game);
  return {
    chunks: Math.ceil(request.orderings / perChunk),
    evaluations: request.orderings * perOrdering,
    reusable: Math.floor(request.orderings / perChunk),
    extent(chunks) {
      const orderings = Math.min(request.orderings, chunks * perChunk);
      return { orderings, evaluations: orderings * perOrdering };
    },
  };
}

/** How many orderings a chunk has: the last may have fewer. */
export function orderingsIn(request: Request, chunk: number): number {
  const most = orderingsPerChunk(request);
  return Math.min(most, request.orderings - chunk * most);
}
