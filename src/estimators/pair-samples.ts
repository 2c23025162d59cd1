import { allPairs, type ComplementPairs, drawComplementPairs } from "../coalitions/complement-pairs.js";
import { type NestedPairs, nestedPairs } from "../coalitions/nested-pairs.js";
import { invalid } from "../errors.js";
import type { JsonObject } from "../json.js";
import type { Steps } from "../pace.js";
import type { Request } from "./estimator.js";
import { fewPairsPerUnit } from "./regression/few-pairs.js";
import type { Pairing } from "./regression/pairing.js";
import { firstSamples } from "./stopping/looks.js";

/** Evaluations that an ordering stands for, where orderings are asked for. */
export function evaluationsOf({ evaluations, orderings, units }: Request): number {
  return evaluations ?? orderings * units + 2;
}

/**
 * Pairs of a chunk: decided by the size of the game alone; few where v(S) is large, since it is then long work. A game
 * that reads something once for so many coalitions is asked for whole batches of them.
 */
export function pairsPerChunk({ outputs, wholeOutputs = outputs, coalitionsAtOnce = 0 }: Request): number {
  const usual = Math.max(4, Math.min(32, Math.floor((1 << 20) / wholeOutputs)));
  const together = Math.floor(coalitionsAtOnce / 2);
  return together > 0 ? together * Math.max(1, Math.floor(usual / together)) : usual;
}

/** Chunks that follow from the memory of a game: a run that is saved with some goes on with such alone. */
function chunkIdentity(request: Request): JsonObject {
  return request.coalitionsAtOnce === undefined ? {} : { pairs_per_chunk: pairsPerChunk(request) };
}

/**
 * Most pairs that `leverage` plays: their coalitions, and what tells them apart, take 4 GB at most, and a set of
 * JavaScript holds 2^24.
 */
export function mostPairs(units: number): number {
  return Math.min(2 ** 24, Math.floor(2 ** 32 / (units / 4 + 64)));
}

/** Pairs that there are evaluations for. @throws RangeError where there are evaluations for no pair, or for too many */
export function pairsOf(request: Request): number {
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

/** The pairs of a run, and how they are cut into chunks. */
export interface Sample {
  /** Pairs of the whole run. */
  readonly count: number;
  /** Where each chunk begins, and where the last one ends. */
  readonly bounds: readonly number[];
  readonly looks: readonly number[];
  readonly identity: JsonObject;
  /** `Plan.sharedWith`, where the first pairs do not depend on how many there are. */
  sharedWith?(identity: JsonObject, chunks: number): number;
  /**
   * The first pairs, or all: the coalitions of the first ones are the same. They are drawn when they are first asked
   * for.
   */
  draw(count: number): Steps<ComplementPairs>;
}

/** A draw of so many pairs as there are evaluations for. */
export function wholeSample(request: Request, { players, evaluations }: Pairing): Sample {
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

/** What identities say of a draw in stages. */
const inStages = "in stages";

/**
 * Stages that are draws themselves: a run that may stop after any of them. The first has enough pairs for least
 * squares.
 */
export function stagedSample(request: Request, pairing: Pairing): Sample {
  const { units, seed } = request;
  const most = pairsOf(request);
  const first = Math.max(firstSamples, fewPairsPerUnit * units);
  if (most <= first) return wholeSample(request, pairing);
  const nestedOf = (pairs: number): NestedPairs => nestedPairs(units, pairs, first, stageGrowth, seed);
  const nested = nestedOf(most);
  const bounds = boundsOf(nested.ends, pairsPerChunk(request));
  return {
    count: nested.ends[nested.ends.length - 1],
    bounds,
    looks: nested.ends.map((end) => bounds.indexOf(end)),
    identity: { draw: inStages, evaluations: 2 * most + 2, ...chunkIdentity(request) },
    sharedWith({ draw, evaluations, pairs_per_chunk }, chunks) {
      if (draw !== inStages || typeof evaluations !== "number") return 0;
      if (pairs_per_chunk !== chunkIdentity(request).pairs_per_chunk) return 0;
      const there = nestedOf((evaluations - 2) / 2).ends;
      // The last stage of either is cut off where its budget ends.
      const shared = Math.min(nested.ends.length, there.length) - 1;
      return Math.min(chunks, shared > 0 ? bounds.indexOf(nested.ends[shared - 1]) : 0);
    },
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
