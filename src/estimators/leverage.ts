import { allPairs, type ComplementPairs, drawComplementPairs } from "../coalitions/complement-pairs.js";
import { type NestedPairs, nestedPairs } from "../coalitions/nested-pairs.js";
import { invalid } from "../errors.js";
import type { Game } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { paced, pacer, type Steps } from "../pace.js";
import { antithetic } from "./antithetic.js";
import { Differences, type DifferencesReader } from "./differences.js";
import type { Accumulator, Control, Ends, Estimate, Estimator, Held, Plan, Request } from "./estimator.js";
import { gatesOf } from "./gates.js";
import { withoutLost } from "./lost-errors.js";
import { shapleyOfAllPairs } from "./regression/all-pairs.js";
import { designOf } from "./regression/design.js";
import { type Choice, estimateByRegression } from "./regression/estimate.js";
import { fewPairsPerUnit } from "./regression/few-pairs.js";
import { halvesByRegression } from "./regression/halves.js";
import { makeEfficient } from "./regression/outcome.js";
import { gatedPairing, type Pairing, plainPairing } from "./regression/pairing.js";
import { blocksOfTargets, type Targets } from "./regression/targets.js";
import { firstSamples } from "./stopping/looks.js";
import { evaluateFinite } from "./walk.js";

/** Arrays of the differences' size that a fit takes at most. */
const mostCopies = 19;

/** Evaluations that an ordering stands for, where orderings are asked for. */
function evaluationsOf({ evaluations, orderings, units }: Request): number {
  return evaluations ?? orderings * units + 2;
}

/** Most numbers that one batch of coalitions returns: 32 MB of float64. */
const batchNumbers = 1 << 22;

/**
 * Pairs of a chunk: decided by the size of the game alone; few where v(S) is large, since it is then long work. A game that reads something once for so many coalitions
 * is asked for whole batches of them.
 */
function pairsPerChunk({ outputs, wholeOutputs = outputs, coalitionsAtOnce = 0 }: Request): number {
  const usual = Math.max(4, Math.min(32, Math.floor((1 << 20) / wholeOutputs)));
  const together = Math.floor(coalitionsAtOnce / 2);
  return together > 0 ? together * Math.max(1, Math.floor(usual / together)) : usual;
}

/** Chunks that follow from the memory of a game: a run that is saved with some goes on with such alone. */
function chunkIdentity(request: Request): JsonObject {
  return request.coalitionsAtOnce === undefined ? {} : { pairs_per_chunk: pairsPerChunk(request) };
}

/**
 * Regression on pairs of complements drawn by leverage scores (Musco and Witter, ICLR 2025), for outputs of any number, with terms
 * beside the units that take out what a few numbers can say of the rest (docs/estimators.md). Of two to three evaluations for each unit, of few units to four,
 * orderings and their reverses are made, which come nearer. Exact where there are evaluations for all
 * coalitions; else consistent, and of small bias. Coalitions are drawn once for the whole run: its budget is a number of evaluations. Where every
 * output has a gate, gates are integrated out, and a coalition is as good as a pair.
 */
export const leverage: Estimator = {
  name: "leverage",
  budget: "evaluations",
  unitOfIndependence: "pair",
  held,
  plan(request: Request, game: Game): Plan {
    const orderings = orderingsInstead(request, game);
    return orderings > 0 ? saying({ ...request, orderings }, game) : regressionPlan(request, pairingOf(request, game));
  },
};

/**
 * How many random orderings, in pairs of an ordering and its reverse, come nearer than a regression; 0 where a regression does. Measured on networks of 5
 * to 15 and of 100 units: up to half as many pairs again as units, and two, as many unknowns leave too little; and four orderings, for which
 * there are evaluations just before there are two pairs for each unit, are as good as these.
 */
function orderingsInstead(request: Request, game: Game): number {
  const { units, allGated } = request;
  if (allGated || evaluationsOf(request) < 2 * units) return 0;
  const pairs = pairsOf(request);
  if (pairs >= Math.min(fewPairsPerUnit * units, allPairs(units))) return 0;
  const two = antithetic.plan({ ...request, orderings: 2 }, game).evaluations;
  const orderings = 2 * Math.floor((evaluationsOf(request) - 2) / Math.max(1, two));
  return orderings >= 4 || pairs < 1.5 * units + 2 ? orderings : 0;
}

/**
 * Pairs of orderings from which on their spread says how large errors are. Of two it has one degree of freedom: measured on a network, Student's intervals
 * of 95 % then held 83 % of the values, since contributions in two pairs are often nearly the same.
 */
const leastOrderingPairs = 3;

/** The plan of `antithetic`, whose estimates say what they are. */
function saying(request: Request, game: Game): Plan {
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

/** Bytes that sums may take beside the modes unless told otherwise. */
const usualMemory = 1e9;

/** Most bytes of differences of pairs in memory: half of what there is, the other half being what they are worked on with. */
function memoryOfPairs({ memory = usualMemory }: Request): number {
  return memory / 2;
}

function held(request: Request): Held {
  const { units, outputs } = request;
  const most = memoryOfPairs(request) / (outputs * Float64Array.BYTES_PER_ELEMENT);
  const rows = 1 + pairsOf(request);
  const regression = {
    // Values and errors, and of the differences what is kept and what is looked at.
    sums: (Math.min(rows, most) + Math.min(mostCopies * rows, most)) / units + 2,
    chunk: (1 + pairsPerChunk(request)) / units,
    beside: (2 * pairsPerChunk(request)) / units,
    disk: rows > most ? rows / units : 0,
    packed: rows / units,
  };
  if (pairsOf(request) >= fewPairsPerUnit * units) return regression;
  const orderings = antithetic.held(request);
  return {
    sums: Math.max(orderings.sums, regression.sums),
    chunk: Math.max(orderings.chunk, regression.chunk),
    beside: Math.max(orderings.beside, regression.beside),
    disk: regression.disk,
    packed: Math.max(orderings.sums, regression.packed),
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
  /** The first pairs, or all: the coalitions of the first ones are the same. They are drawn when they are first asked for. */
  draw(count: number): Steps<ComplementPairs>;
}

/** A draw of so many pairs as there are evaluations for. */
function wholeSample(request: Request, { players, evaluations }: Pairing): Sample {
  const count = Math.min(pairsOf(request), allPairs(players));
  const bounds = boundsOf([count], pairsPerChunk(request));
  let drawn: ComplementPairs | undefined;
  return {
    count,
    bounds,
    looks: [bounds.length - 1],
    identity: { evaluations: evaluations * count + 2, ...chunkIdentity(request) },
    *draw() {
      drawn ??= yield* drawComplementPairs(players, count, request.seed);
      return drawn;
    },
  };
}

/** How many times as many pairs there are at each look: a fit is work, and each is made anew. */
const stageGrowth = 1.5;

/** Stages that are draws themselves: a run that may stop after any of them. The first has enough pairs for least squares. */
function stagedSample(request: Request, pairing: Pairing): Sample {
  const { units, seed } = request;
  const most = pairsOf(request);
  const first = Math.max(firstSamples, fewPairsPerUnit * units);
  if (most <= first) return wholeSample(request, pairing);
  const nested: NestedPairs = nestedPairs(units, most, first, stageGrowth, seed);
  const bounds = boundsOf(nested.ends, pairsPerChunk(request));
  return {
    count: nested.ends[nested.ends.length - 1],
    bounds,
    looks: nested.ends.map((end) => bounds.indexOf(end)),
    identity: { draw: "in stages", evaluations: 2 * most + 2, ...chunkIdentity(request) },
    draw: nested.draw,
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

function pairingOf({ units, outputs, allGated }: Request, game: Game): Pairing {
  return allGated ? gatedPairing(units, outputs, gatesOf(game)) : plainPairing(units, outputs);
}

function regressionPlan(request: Request, pairing: Pairing): Plan {
  const { outputs } = request;
  const { columns, evaluations } = pairing;
  const sample = request.staged ? stagedSample(request, pairing) : wholeSample(request, pairing);
  const { bounds, count } = sample;
  const chunks = bounds.length - 1;
  const reader: DifferencesReader = {
    *estimate(targets, total, brief) {
      const choice = brief ? "rule" : choiceOf(request, targets.pairs);
      return pairing.ofUnits(yield* estimateOfPairs(yield* sample.draw(targets.pairs), targets, total, choice));
    },
    *halves(targets, total) {
      return yield* halvesByRegression(yield* sample.draw(targets.pairs), targets, total);
    },
    planned: count,
    columns,
    memory: memoryOfPairs(request),
  };
  return {
    chunks,
    evaluations: evaluations * count,
    reusable: chunks,
    looks: sample.looks,
    identity: sample.identity,
    extent: (done) => ({ orderings: null, evaluations: evaluations * bounds[done] }),
    async runChunk(chunk: number, game: Game, ends: Ends, control: Control) {
      const from = bounds[chunk];
      const to = bounds[chunk + 1];
      const sums = Differences.of(reader, pairing.total(ends), to - from);
      const pace = pacer(control.signal);
      const { sets } = await paced(sample.draw(to), control.signal);
      const batch = Math.max(1, Math.floor(batchNumbers / (evaluations * outputs)));
      for (let at = from; at < to; at += batch) {
        const end = Math.min(at + batch, to);
        const rows = pairing.coalitions(sets, at, end);
        const values = await evaluateFinite(game, rows, outputs, control.signal);
        pairing.differences(sets, at, values, ends, sums.room(at - from, end - at));
        control.evaluated(rows.count);
        await pace();
      }
      return sums;
    },
    unpack: (packed) => new Differences(reader, packed),
    unpackParts: (packed) => Differences.ofParts(reader, packed),
  };
}

/** Most pairs that `leverage` plays: their coalitions, and what tells them apart, take 4 GB at most, and a set of JavaScript holds 2^24. */
export function mostPairs(units: number): number {
  return Math.min(2 ** 24, Math.floor(2 ** 32 / (units / 4 + 64)));
}

/** @throws RangeError where there are evaluations for no pair, or for too many */
function pairsOf(request: Request): number {
  const { units, allGated } = request;
  const evaluations = evaluationsOf(request);
  // Beside open gates a pair takes one evaluation, and players are no more than units.
  const [all, each] = [allPairs(units), allGated ? 1 : 2];
  const pairs = Math.min(all, Math.floor((evaluations - 2) / each));
  const least = all > 0 ? each + 2 : 2;
  if (evaluations < least) throw invalid("evaluations", `at least ${least} for the leverage estimator`, evaluations);
  const most = mostPairs(units);
  if (pairs > most) {
    const rule = `at most ${each * most + 2} for the leverage estimator of ${units} units, which keeps all coalitions in memory`;
    throw invalid("evaluations", rule, evaluations);
  }
  return Math.max(0, pairs);
}

/** Most differences of pairs that are looked at more than once: 134 MB. */
const mostNumbers = 1 << 24;

/** Parts of a game's outputs have to come to the same terms as the whole, so these are a matter of numbers known to all of them. */
export function choiceOf({ outputs, wholeOutputs }: Pick<Request, "outputs" | "wholeOutputs">, pairs: number): Choice {
  return wholeOutputs === undefined && pairs * outputs <= mostNumbers ? "errors" : "rule";
}

/**
 * What `leverage` makes of pairs.
 *
 * @param targets of the first pairs
 */
export function* estimateOfPairs(
  pairs: ComplementPairs,
  targets: Targets,
  total: Float64Array,
  choice: Choice,
): Steps<Estimate> {
  const { units } = pairs.sets;
  const { pairs: count, outputs } = targets;
  if (!pairs.complete || count < pairs.sizes.length) {
    return withoutLost(yield* estimateByRegression(designOf(pairs, count), targets, total, choice));
  }
  const values = new Float64Array(units * outputs);
  for (const { from, to } of blocksOfTargets(targets, 1)) {
    const width = to - from;
    const own = total.subarray(from, to);
    const part = shapleyOfAllPairs(pairs, targets.read(from, to), own);
    makeEfficient(part, own, units);
    for (let u = 0; u < units; u++) values.set(part.subarray(u * width, (u + 1) * width), u * outputs + from);
    yield;
  }
  return {
    values,
    standardErrors: new Float64Array(values.length),
    meanStandardErrors: new Float64Array(units),
    provenance: { pairs: count, terms: "all pairs are there: Shapley's formula" },
  };
}
