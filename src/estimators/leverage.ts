import { allPairs, type ComplementPairs, complementPairs } from "../coalitions/complement-pairs.js";
import { invalid } from "../errors.js";
import type { Game } from "../games/game.js";
import { pacer, type Steps } from "../pace.js";
import { antithetic } from "./antithetic.js";
import { Differences, type DifferencesReader } from "./differences.js";
import type { Accumulator, Control, Ends, Estimate, Estimator, Held, Plan, Request } from "./estimator.js";
import { gatesOf } from "./gates.js";
import { shapleyOfAllPairs } from "./regression/all-pairs.js";
import { designOf } from "./regression/design.js";
import { type Choice, estimateByRegression, makeEfficient } from "./regression/estimate.js";
import { gatedPairing, type Pairing, plainPairing } from "./regression/pairing.js";
import { evaluateFinite } from "./walk.js";

/** Evaluations that an ordering stands for, where orderings are asked for. */
function evaluationsOf({ evaluations, orderings, units }: Request): number {
  return evaluations ?? orderings * units + 2;
}

/** Most numbers that one batch of coalitions returns: 32 MB of float64. */
const batchNumbers = 1 << 22;

/** Pairs of a chunk: decided by the size of the game alone; few where v(S) is large, since it is then long work. */
function pairsPerChunk({ outputs, wholeOutputs = outputs }: Request): number {
  return Math.max(4, Math.min(32, Math.floor((1 << 20) / wholeOutputs)));
}

/**
 * Regression on pairs of complements drawn by leverage scores (Musco and Witter, ICLR 2025), for outputs of any number, with terms
 * beside the units that take out what a few numbers can say of the rest (docs/estimators.md). Of two to three evaluations for each unit an
 * ordering and its reverse are made, which come nearer. Exact where there are evaluations for all
 * coalitions; else consistent, and of small bias. Coalitions are drawn once for the whole run: its budget is a number of evaluations. Where every
 * output has a gate, gates are integrated out, and a coalition is as good as a pair.
 */
export const leverage: Estimator = {
  name: "leverage",
  budget: "evaluations",
  unitOfIndependence: "pair",
  held: (request) => (antitheticIsBetter(request) ? antithetic.held(request) : heldOf(request)),
  plan(request: Request, game: Game): Plan {
    if (antitheticIsBetter(request)) {
      const orderings = antithetic.plan({ ...request, orderings: 2 }, game);
      if (orderings.evaluations + 2 <= evaluationsOf(request)) return saying(orderings, request);
    }
    return regressionPlan(request, pairingOf(request, game));
  },
};

/** Evaluations for each unit below which a random ordering and its reverse come nearer than a regression. */
const fewForRegression = 3;

/** Whether there are too few evaluations for a regression, and enough for two orderings. */
function antitheticIsBetter(request: Request): boolean {
  const evaluations = evaluationsOf(request);
  return (
    !request.allGated &&
    evaluations >= 2 * request.units &&
    evaluations < fewForRegression * request.units &&
    pairsOf(request) < allPairs(request.units)
  );
}

/** A plan whose estimates say what they are. */
function saying(plan: Plan, request: Request): Plan {
  const provenance = {
    terms: `none: with fewer than ${fewForRegression} evaluations for each unit an ordering and its reverse are played`,
    standard_errors_unknown: "one pair of orderings",
  };
  class Said implements Accumulator {
    constructor(readonly sums: Accumulator) {}
    merge(later: Said): void {
      this.sums.merge(later.sums);
    }
    estimate(last?: boolean): Estimate {
      return { ...this.sums.estimate(last), provenance };
    }
    largestStandardError(): number {
      return this.sums.largestStandardError();
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

function heldOf(request: Request): Held {
  return {
    sums: (1 + pairsOf(request)) / request.units + 2,
    chunk: (1 + pairsPerChunk(request)) / request.units,
    beside: (2 * pairsPerChunk(request)) / request.units,
  };
}

function pairingOf({ units, outputs, allGated }: Request, game: Game): Pairing {
  return allGated ? gatedPairing(units, outputs, gatesOf(game)) : plainPairing(units, outputs);
}

function regressionPlan(request: Request, pairing: Pairing): Plan {
  const { outputs, seed } = request;
  const { players, columns, evaluations } = pairing;
  const count = Math.min(pairsOf(request), allPairs(players));
  const perChunk = pairsPerChunk(request);
  const chunks = Math.max(1, Math.ceil(count / perChunk));
  let drawn: ComplementPairs | undefined;
  const pairs = () => (drawn ??= complementPairs(players, count, seed));
  const reader: DifferencesReader = {
    *estimate(targets, total, brief) {
      return pairing.ofUnits(yield* estimateOf(pairs(), targets, total, brief ? "rule" : choiceOf(request, count)));
    },
    planned: count,
    columns,
  };
  return {
    chunks,
    evaluations: evaluations * count,
    reusable: chunks,
    identity: { evaluations: evaluations * count + 2 },
    extent: (done) => ({ orderings: null, evaluations: evaluations * Math.min(count, done * perChunk) }),
    async runChunk(chunk: number, game: Game, ends: Ends, control: Control) {
      const from = chunk * perChunk;
      const to = Math.min(count, from + perChunk);
      const sums = Differences.of(reader, pairing.total(ends), to - from);
      const pace = pacer(control.signal);
      const batch = Math.max(1, Math.floor(batchNumbers / (evaluations * outputs)));
      for (let at = from; at < to; at += batch) {
        const end = Math.min(at + batch, to);
        const rows = pairing.coalitions(pairs().sets, at, end);
        const values = await evaluateFinite(game, rows, outputs, control.signal);
        pairing.differences(pairs().sets, at, values, ends, sums.room(at - from, end - at));
        control.evaluated(rows.count);
        await pace();
      }
      return sums;
    },
    unpack: (packed) => new Differences(reader, packed),
  };
}

/** @throws RangeError where there are evaluations for no pair */
function pairsOf(request: Request): number {
  const { units, allGated } = request;
  const evaluations = evaluationsOf(request);
  // Beside open gates a pair takes one evaluation, and players are no more than units.
  const [all, each] = [allPairs(units), allGated ? 1 : 2];
  const pairs = Math.min(all, Math.floor((evaluations - 2) / each));
  if (pairs < 1 && all > 0)
    throw invalid("evaluations", `at least ${each + 2} for the leverage estimator`, evaluations);
  return Math.max(0, pairs);
}

/** Most differences of pairs that are looked at more than once: 134 MB. */
const mostNumbers = 1 << 24;

/** Parts of a game's outputs have to come to the same terms as the whole, so these are a matter of numbers known to all of them. */
function choiceOf({ outputs, wholeOutputs }: Request, pairs: number): Choice {
  return wholeOutputs === undefined && pairs * outputs <= mostNumbers ? "errors" : "rule";
}

/** @param targets of the first pairs, `[pairs, outputs]` */
function* estimateOf(
  pairs: ComplementPairs,
  targets: Float64Array,
  total: Float64Array,
  choice: Choice,
): Steps<Estimate> {
  const { units } = pairs.sets;
  const count = targets.length / total.length;
  if (!pairs.complete || count < pairs.sizes.length) {
    return yield* estimateByRegression(designOf(pairs, count), targets, total, choice);
  }
  const values = shapleyOfAllPairs(pairs, targets, total);
  makeEfficient(values, total, units);
  return {
    values,
    standardErrors: new Float64Array(values.length),
    meanStandardErrors: new Float64Array(units),
    provenance: { pairs: count, terms: "all pairs are there: Shapley's formula" },
  };
}
