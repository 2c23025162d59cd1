import type { ComplementPairs } from "../coalitions/complement-pairs.js";
import type { Game } from "../games/game.js";
import { paced, pacer, type Steps } from "../pace.js";
import { antithetic } from "./antithetic.js";
import { Differences, type DifferencesReader } from "./differences.js";
import type { Control, Ends, Estimate, Estimator, Held, PackedParts, Plan, Request } from "./estimator.js";
import { gatesOf } from "./gates.js";
import { withoutLost } from "./lost-errors.js";
import { orderingsInstead, saying } from "./orderings-instead.js";
import { pairsOf, pairsPerChunk, stagedSample, wholeSample } from "./pair-samples.js";
import { shapleyOfAllPairs } from "./regression/all-pairs.js";
import { designOf } from "./regression/design.js";
import { designBytes } from "./regression/design-bytes.js";
import { type Choice, estimateByRegression } from "./regression/estimate.js";
import { fewPairsPerUnit } from "./regression/few-pairs.js";
import { halvesByRegression } from "./regression/halves.js";
import { makeEfficient } from "./regression/outcome.js";
import { gatedPairing, type Pairing, plainPairing } from "./regression/pairing.js";
import { blocksOfTargets, type Targets } from "./regression/targets.js";
import { evaluateFinite } from "./walk.js";

/** Arrays of the differences' size that a fit takes at most. */
const mostCopies = 29;

/** Most numbers that one batch of coalitions returns: 32 MB of float64. */
const batchNumbers = 1 << 22;

/**
 * Regression on pairs of complements drawn by leverage scores (Musco and Witter, ICLR 2025), for outputs of any number,
 * with terms beside the units that take out what a few numbers can say of the rest (docs/estimators.md). Of two to
 * three evaluations for each unit, of few units to four, orderings and their reverses are made, which come nearer.
 * Exact where there are evaluations for all coalitions; else consistent, and of small bias. Coalitions are drawn once
 * for the whole run: its budget is a number of evaluations. Where every output has a gate, gates are integrated out,
 * and a coalition is as good as a pair.
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

/** Bytes that sums may take beside the modes unless told otherwise. */
const usualMemory = 1e9;

/**
 * Most bytes of differences of pairs in memory: half of what there is, the other half being what they are worked on
 * with.
 */
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
      const choice = brief ? "brief" : choiceOf(request, targets.pairs);
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
    fitBytes: designBytes(pairing.players, count),
    looks: sample.looks,
    identity: sample.identity,
    ...(sample.sharedWith && { sharedWith: sample.sharedWith }),
    firstOf: (packed, chunks) => firstNumbers(packed, (1 + bounds[chunks]) * columns),
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

/** Most differences of pairs that are looked at more than once: 134 MB. */
const mostNumbers = 1 << 24;

/**
 * Parts of a game's outputs have to come to the same terms as the whole, so these are a matter of numbers known to all
 * of them.
 */
export function choiceOf({ outputs, wholeOutputs }: Pick<Request, "outputs" | "wholeOutputs">, pairs: number): Choice {
  if (wholeOutputs !== undefined) return "part";
  return pairs * outputs <= mostNumbers ? "errors" : "large";
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

/** The first numbers of some. */
function firstNumbers({ parts }: PackedParts, length: number): PackedParts {
  return {
    length,
    *parts() {
      let left = length;
      for (const part of parts()) {
        if (left > 0) yield part.subarray(0, left);
        left -= Math.min(left, part.length);
        if (left === 0) return;
      }
    },
  };
}
