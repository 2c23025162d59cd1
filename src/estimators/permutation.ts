import { randomOrdering, randomStreams } from "../coalitions/random.js";
import type { Game } from "../games/game.js";
import { pacer } from "../pace.js";
import type { Control, Ends, Estimator, Plan, Request } from "./estimator.js";
import { gatesOf } from "./gates.js";
import { Moments } from "./moments.js";
import { playOrdering } from "./walk.js";

/** Numbers in the sums of a chunk from which on merging them takes as long as playing an ordering or two: 32 MB. */
export const largeSums = 1 << 22;
/** Numbers from which on an ordering takes so long that a few are much to lose: 1 GB. */
const hugeSums = 1 << 27;

/**
 * Orderings of a chunk: decided by the size of the game alone, since each chunk has a random stream of its own. Even, so that
 * pairs stay together; few, so that little is lost when a long run of a slow game is stopped; more where the sums are large, but not
 * where an ordering is long work.
 */
export function orderingsPerChunk({
  units,
  outputs,
  wholeOutputs = outputs,
}: Pick<Request, "units" | "outputs" | "wholeOutputs">): number {
  const numbers = units * wholeOutputs;
  return numbers < largeSums || numbers >= hugeSums ? 4 : 16;
}

/**
 * Uniformly random orderings, each walked from all lesioned to all intact: the estimator of the paper (arXiv 2506.19732,
 * section 2; Castro, Gomez and Tejada 2009). Unbiased, and efficient in every single ordering.
 */
export const permutation: Estimator = {
  name: "permutation",
  unitOfIndependence: "ordering",
  budget: "orderings",
  held: () => ({ sums: 2, chunk: 2, beside: 0 }),
  plan(request: Request, game: Game): Plan {
    const streams = randomStreams(request.seed);
    return {
      ...chunksOfOrderings(request, game),
      async runChunk(chunk: number, game: Game, ends: Ends, control: Control, spare?: Moments) {
        const moments = spare?.reset() ?? new Moments(request.units, request.outputs);
        const random = streams(chunk);
        const pace = pacer(control.signal);
        for (let played = 0; played < orderingsIn(request, chunk); played++) {
          moments.begin();
          await playOrdering(game, randomOrdering(random, request.units), ends, control, (unit, contribution, from) =>
            moments.add(unit, contribution, from),
          );
          await pace();
        }
        return moments;
      },
      unpack: (packed) => new Moments(request.units, request.outputs, packed),
    };
  },
};

/** How a number of orderings is cut into chunks, and what they cost. */
export function chunksOfOrderings(request: Request, game: Game): Omit<Plan, "runChunk" | "unpack"> {
  const perChunk = orderingsPerChunk(request);
  const perOrdering = game.walk ? request.units : request.units - Math.max(1, gatesOf(game).length);
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
