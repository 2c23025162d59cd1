import { randomOrdering } from "../coalitions/random.js";
import { randomStreams } from "../coalitions/random-streams.js";
import type { Game } from "../games/game.js";
import { pacer } from "../pace.js";
import type { Control, Ends, Estimator, Plan, Request } from "./estimator.js";
import { Moments } from "./moments.js";
import { chunksOfOrderings, orderingsIn } from "./ordering-chunks.js";
import { playOrdering } from "./walk.js";

/**
 * Uniformly random orderings, each walked from all lesioned to all intact: the estimator of the paper (arXiv
 * 2506.19732, section 2; Castro, Gomez and Tejada 2009). Unbiased, and efficient in every single ordering.
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
