import { randomOrdering } from "../coalitions/random.js";
import { randomStreams } from "../coalitions/random-streams.js";
import { invalid } from "../errors.js";
import type { Game } from "../games/game.js";
import { pacer } from "../pace.js";
import type { Control, Ends, Estimator, Plan, Request } from "./estimator.js";
import { Moments } from "./moments.js";
import { chunksOfOrderings, orderingsIn } from "./ordering-chunks.js";
import { playOrdering } from "./walk.js";

/**
 * Pairs of a random ordering and its reverse (Mitchell et al., JMLR 2022, section 4.1): a unit that comes back early in
 * one comes back late in the other, so much of the spread cancels; exactly so for games of pair interactions. Standard
 * errors count pairs. Takes an even number of orderings.
 */
export const antithetic: Estimator = {
  name: "antithetic",
  unitOfIndependence: "pair",
  budget: "orderings",
  held: () => ({ sums: 2, chunk: 2, beside: 1 }),
  plan(request: Request, game: Game): Plan {
    if (request.orderings % 2 !== 0) {
      throw invalid("orderings", "an even number for the antithetic estimator", request.orderings);
    }
    const { units, outputs } = request;
    const streams = randomStreams(request.seed);
    /** Contributions in the first ordering of a pair. */
    let forwards: Float64Array | undefined;
    return {
      ...chunksOfOrderings(request, game),
      async runChunk(chunk: number, game: Game, ends: Ends, control: Control, spare?: Moments) {
        const moments = spare?.reset() ?? new Moments(units, outputs);
        const random = streams(chunk);
        const pace = pacer(control.signal);
        const pair = (forwards ??= new Float64Array(units * outputs));
        for (let played = 0; played < orderingsIn(request, chunk); played += 2) {
          const ordering = randomOrdering(random, units);
          moments.begin();
          await playOrdering(game, ordering, ends, control, (unit, contribution, from) => {
            pair.set(contribution, unit * outputs + from);
          });
          await playOrdering(game, ordering.slice().reverse(), ends, control, (unit, contribution, from) => {
            moments.add(unit, contribution, from, pair);
          });
          await pace();
        }
        return moments;
      },
      unpack: (packed) => new Moments(units, outputs, packed),
    };
  },
};
