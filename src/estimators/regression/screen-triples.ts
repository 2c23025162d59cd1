import { quickselect } from "simple-statistics";
import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { byFold } from "./folds.js";
import { codes, together, tripleCount, triplesWithin } from "./triple-places.js";
import { kernelScorer, type Scorer, type Screening } from "./triple-scorers.js";

/** Three units, `units[3 i]` to `units[3 i + 2]`, for each triple; the one that explains most first. */
export type Triples = Uint32Array;

/**
 * How much each product x_i x_j x_k could explain of some residuals r: the sum over outputs of (sum over pairs of w r
 * x_i x_j x_k)^2, each output in shares of its own variance. Once for each fold, of the pairs that are not in it.
 *
 * The sums of all products of three groups of three units come from one pass over the pairs: r is added up by the signs
 * of the nine units, and the 512 sums then give the 27 products of one unit of each group by additions alone. So the
 * work is n^3 / 162 passes over the pairs for each output instead of n^3 / 6.
 *
 * @param residuals `[pairs, outputs]`
 * @param folds number of the fold of each pair is its index modulo this
 * @param scorerOf what adds up the scores; default the kernel, whose bits are those of `plainScorer`
 * @param scores what outputs before these came to, which these are added to; default nothing
 * @returns for each fold the triples in ascending order of k, then j, then i: i < j < k
 */
export function* screenTriples(
  design: Design,
  residuals: Float64Array,
  outputs: number,
  folds: number,
  scorerOf: (screening: Screening) => Scorer = kernelScorer,
  scores = noScores(design.units, folds),
): Steps<Float64Array[]> {
  const { units, pairs } = design;
  const order = byFold(pairs, folds);
  const groups = Math.ceil(units / together);
  const screening: Screening = {
    units,
    pairs,
    starts: order.start,
    series: standardised(design, residuals, outputs, order.pairs),
    signs: Array.from({ length: groups }, (_, group) => codesOf(design, group * together, order.pairs)),
    scores,
  };
  const { signs } = screening;
  const places = new Uint16Array(pairs);
  const { within, across, finish } = scorerOf(screening);
  for (let a = 0; a < groups; a++) {
    places.set(signs[a]);
    within(codes, places, triplesWithin([a], units));
    for (let b = a + 1; b < groups; b++) {
      for (let s = 0; s < pairs; s++) places[s] = signs[a][s] * codes + signs[b][s];
      within(codes ** 2, places, triplesWithin([a, b], units));
      across(a, b, places);
      yield;
    }
  }
  finish();
  return scores;
}

/** Scores of no output: of all triples for each fold. */
export function noScores(units: number, folds: number): Float64Array[] {
  return Array.from({ length: folds }, () => new Float64Array(tripleCount(units)));
}

/**
 * The first triples of a screening, of those that some score at all: the largest first, scores being multiplied by the
 * geometric mean of what the three units matter by themselves.
 *
 * @param importances of the units, positive
 */
export function bestTriples(scores: Float64Array, importances: Float64Array, most: number): Triples {
  const roots = importances.map(Math.cbrt);
  const weighted = new Float64Array(scores.length);
  forTriples(importances.length, (i, j, k, index) => {
    weighted[index] = scores[index] * roots[i] * roots[j] * roots[k];
  });
  const rank = Math.max(0, weighted.length - most);
  const ranked = weighted.slice();
  quickselect(ranked as never, rank); // its types know no typed arrays
  const threshold = ranked[rank] ?? 0;
  const chosen: { score: number; triple: [number, number, number] }[] = [];
  forTriples(importances.length, (i, j, k, index) => {
    const score = weighted[index];
    if (score >= threshold && score > 0) chosen.push({ score, triple: [i, j, k] });
  });
  chosen.sort((a, b) => b.score - a.score); // stable: of equal scores, the earlier triple
  return Uint32Array.from(chosen.slice(0, most).flatMap(({ triple }) => triple));
}

/** All triples i < j < k in the order of their scores. */
function forTriples(units: number, visit: (i: number, j: number, k: number, index: number) => void): void {
  let index = 0;
  for (let k = 2; k < units; k++) {
    for (let j = 1; j < k; j++) {
      for (let i = 0; i < j; i++) visit(i, j, k, index++);
    }
  }
}

/** Weighted residuals of each output that varies, in its own standard deviations, in the order given. */
function standardised(
  { pairs, weights }: Design,
  residuals: Float64Array,
  outputs: number,
  order: Uint32Array,
): Float64Array[] {
  const series: Float64Array[] = [];
  for (let o = 0; o < outputs; o++) {
    let squares = 0;
    for (let s = 0; s < pairs; s++) squares += weights[s] * residuals[s * outputs + o] ** 2;
    if (squares === 0) continue;
    const scale = 1 / Math.sqrt(squares);
    series.push(Float64Array.from(order, (s) => weights[s] * residuals[s * outputs + o] * scale));
  }
  return series;
}

/**
 * Signs of three units in each pair as bits, that of the first unit the highest; units that there are not have x = 1.
 */
function codesOf({ units, x }: Design, first: number, order: Uint32Array): Uint8Array {
  return Uint8Array.from(order, (s) => {
    let code = 0;
    for (let u = first; u < first + together; u++) code = 2 * code + (u < units && x[s * units + u] < 0 ? 1 : 0);
    return code;
  });
}
