import { allPairs, type ComplementPairs, coalitionsOfPairs, complementPairs } from "../coalitions/complement-pairs.js";
import { type NestedPairs, nestedPairs } from "../coalitions/nested-pairs.js";
import { invalid } from "../errors.js";
import type { Game } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { pacer, type Steps } from "../pace.js";
import { antithetic } from "./antithetic.js";
import { Differences, type DifferencesReader } from "./differences.js";
import type { Accumulator, Control, Ends, Estimate, Estimator, Held, Plan, Request } from "./estimator.js";
import { shapleyOfAllPairs } from "./regression/all-pairs.js";
import { designOf } from "./regression/design.js";
import { type Choice, estimateByRegression, makeEfficient } from "./regression/estimate.js";
import { fewPairsPerUnit } from "./regression/few-pairs.js";
import { halvesByRegression } from "./regression/halves.js";
import { firstSamples } from "./stopping/looks.js";
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
 * coalitions; else consistent, and of small bias. Coalitions are drawn once for the whole run: its budget is a number of evaluations.
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
    return regressionPlan(request);
  },
};

/** Evaluations for each unit below which a random ordering and its reverse come nearer than a regression. */
const fewForRegression = 3;

/** Whether there are too few evaluations for a regression, and enough for two orderings. */
function antitheticIsBetter(request: Request): boolean {
  const evaluations = evaluationsOf(request);
  return (
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

/** The pairs of a run, and how they are cut into chunks. */
interface Sample {
  /** Pairs of the whole run. */
  readonly count: number;
  /** Where each chunk begins, and where the last one ends. */
  readonly bounds: readonly number[];
  readonly looks: readonly number[];
  readonly identity: JsonObject;
  /** The first pairs, or all: the coalitions of the first ones are the same. */
  first(count: number): ComplementPairs;
}

/** A draw of so many pairs as there are evaluations for. */
function wholeSample(request: Request): Sample {
  const { units, seed } = request;
  const count = pairsOf(request);
  const bounds = boundsOf([count], pairsPerChunk(request));
  let drawn: ComplementPairs | undefined;
  return {
    count,
    bounds,
    looks: [bounds.length - 1],
    identity: { evaluations: 2 * count + 2 },
    first: () => (drawn ??= complementPairs(units, count, seed)),
  };
}

/** How many times as many pairs there are at each look: a fit is work, and each is made anew. */
const stageGrowth = 1.5;

/** Stages that are draws themselves: a run that may stop after any of them. The first has enough pairs for least squares. */
function stagedSample(request: Request): Sample {
  const { units, seed } = request;
  const most = pairsOf(request);
  const first = Math.max(firstSamples, fewPairsPerUnit * units);
  if (most <= first) return wholeSample(request);
  const nested: NestedPairs = nestedPairs(units, most, first, stageGrowth, seed);
  const bounds = boundsOf(nested.ends, pairsPerChunk(request));
  return {
    count: nested.ends[nested.ends.length - 1],
    bounds,
    looks: nested.ends.map((end) => bounds.indexOf(end)),
    identity: { draw: "in stages", evaluations: 2 * most + 2 },
    first: nested.first,
  };
}

/** Chunks of at most so many pairs, none of them across an end. */
function boundsOf(ends: readonly number[], perChunk: number): number[] {
  const bounds = [0];
  for (const end of ends) {
    for (let at = bounds[bounds.length - 1] + perChunk; at < end; at += perChunk) bounds.push(at);
    bounds.push(end);
  }
  return bounds;
}

function regressionPlan(request: Request): Plan {
  const { outputs } = request;
  const sample = request.staged ? stagedSample(request) : wholeSample(request);
  const { bounds, count } = sample;
  const chunks = bounds.length - 1;
  const reader: DifferencesReader = {
    estimate: (targets, total, brief) =>
      estimateOfPairs(
        sample.first(targets.length / total.length),
        targets,
        total,
        brief ? "rule" : choiceOf(request, targets.length / total.length),
      ),
    halves: (targets, total) => halvesByRegression(sample.first(targets.length / total.length), targets, total),
    planned: count,
    outputs,
  };
  return {
    chunks,
    evaluations: 2 * count,
    reusable: chunks,
    looks: sample.looks,
    identity: sample.identity,
    extent: (done) => ({ orderings: null, evaluations: 2 * bounds[done] }),
    async runChunk(chunk: number, game: Game, ends: Ends, control: Control) {
      const from = bounds[chunk];
      const to = bounds[chunk + 1];
      const sums = Differences.of(reader, ends, to - from);
      const pace = pacer(control.signal);
      const batch = Math.max(1, Math.floor(batchNumbers / (2 * outputs)));
      for (let at = from; at < to; at += batch) {
        const rows = coalitionsOfPairs(sample.first(count).sets, at, Math.min(at + batch, to));
        sums.fill(at - from, await evaluateFinite(game, rows, outputs, control.signal));
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
  const evaluations = evaluationsOf(request);
  const all = allPairs(request.units);
  const pairs = Math.min(all, Math.floor((evaluations - 2) / 2));
  if (pairs < 1 && all > 0) throw invalid("evaluations", "at least 4 for the leverage estimator", evaluations);
  return Math.max(0, pairs);
}

/** Most differences of pairs that are looked at more than once: 134 MB. */
const mostNumbers = 1 << 24;

/** Parts of a game's outputs have to come to the same terms as the whole, so these are a matter of numbers known to all of them. */
export function choiceOf({ outputs, wholeOutputs }: Request, pairs: number): Choice {
  return wholeOutputs === undefined && pairs * outputs <= mostNumbers ? "errors" : "rule";
}

/**
 * What `leverage` makes of pairs.
 *
 * @param targets `(v(S) - v(complement)) / 2` of the first pairs, `[pairs, outputs]`
 */
export function* estimateOfPairs(
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
