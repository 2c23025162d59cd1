import { allPairs } from "../coalitions/complement-pairs.js";
import type { Game } from "../games/game.js";
import { antithetic } from "./antithetic.js";
import type { Accumulator, Estimate, Plan, Request } from "./estimator.js";
import { evaluationsOf, pairsOf } from "./pair-samples.js";
import { fewPairsPerUnit } from "./regression/few-pairs.js";

/**
 * How many random orderings, in pairs of an ordering and its reverse, come nearer than a regression; 0 where a
 * regression does. Measured on networks of 5 to 15 and of 100 units: up to half as many pairs again as units, and two,
 * as many unknowns leave too little; and four orderings, for which there are evaluations just before there are two
 * pairs for each unit, are as good as these.
 */
export function orderingsInstead(request: Request, game: Game): number {
  const { units, allGated } = request;
  if (allGated || evaluationsOf(request) < 2 * units) return 0;
  const pairs = pairsOf(request);
  if (pairs >= Math.min(fewPairsPerUnit * units, allPairs(units))) return 0;
  const two = antithetic.plan({ ...request, orderings: 2 }, game).evaluations;
  const orderings = 2 * Math.floor((evaluationsOf(request) - 2) / Math.max(1, two));
  return orderings >= 4 || pairs < 1.5 * units + 2 ? orderings : 0;
}

/**
 * Pairs of orderings from which on their spread says how large errors are. Of two it has one degree of freedom:
 * measured on a network, Student's intervals of 95 % then held 83 % of the values, since contributions in two pairs are
 * often nearly the same.
 */
const leastOrderingPairs = 3;

/** The plan of `antithetic`, whose estimates say what they are. */
export function saying(request: Request, game: Game): Plan {
  const plan = antithetic.plan(request, game);
  const provenance = {
    terms: `none: with ${evaluationsOf(request)} evaluations for ${request.units} units orderings and their reverses are played`,
  };
  class Said implements Accumulator {
    constructor(readonly sums: Accumulator) {}
    merge(later: Said): void {
      this.sums.merge(later.sums);
    }
    estimate(last?: boolean): Estimate {
      const unknown = this.#unknown;
      const estimate = this.sums.estimate(last);
      if (!unknown) return { ...estimate, provenance: { ...provenance, ...estimate.provenance } };
      return {
        values: estimate.values,
        standardErrors: estimate.standardErrors.fill(Number.NaN),
        meanStandardErrors: estimate.meanStandardErrors.fill(Number.NaN),
        provenance: { ...provenance, standard_errors_unknown: unknown },
      };
    }
    largestStandardError(): number {
      return this.#unknown ? Number.NaN : this.sums.largestStandardError();
    }
    /** Why nobody knows the standard errors; undefined where they are known. */
    get #unknown(): string | undefined {
      const pairs = this.sums.sampleMeans?.().samples ?? 0;
      if (pairs >= leastOrderingPairs) return undefined;
      return pairs === 1 ? "one pair of orderings" : `${pairs} pairs of orderings, of at least ${leastOrderingPairs}`;
    }
    pack(): Float64Array {
      return this.sums.pack();
    }
  }
  return {
    ...plan,
    identity: { evaluations: evaluationsOf(request) },
    runChunk: async (chunk, game, ends, control) => new Said(await plan.runChunk(chunk, game, ends, control)),
    unpack: (packed) => new Said(plan.unpack(packed)),
  };
}
