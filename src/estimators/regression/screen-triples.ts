import type { Design } from "./design.js";

/** Units that are looked at together: their signs in a pair are one number below 8. */
const together = 3;
const codes = 1 << together;

/** Three units, `units[3 i]` to `units[3 i + 2]`, for each triple; the one that explains most first. */
export type Triples = Uint32Array;

/** Where a triple is among some products, and among all triples. */
type Place = readonly [at: number, index: number];

/** How many triples of units there are. */
export function tripleCount(units: number): number {
  return (units * (units - 1) * (units - 2)) / 6;
}

/**
 * How much each product x_i x_j x_k could explain of some residuals r: the sum over outputs of (sum over pairs of w r x_i x_j x_k)^2, each output
 * in shares of its own variance. Once for each fold, of the pairs that are not in it.
 *
 * The sums of all products of three groups of three units come from one pass over the pairs: r is added up by the signs of the nine
 * units, and the 512 sums then give the 27 products of one unit of each group by additions alone. So the work is n^3 / 162 passes
 * over the pairs for each output instead of n^3 / 6.
 *
 * @param residuals `[pairs, outputs]`
 * @param folds number of the fold of each pair is its index modulo this
 * @returns for each fold the triples in ascending order of k, then j, then i: i < j < k
 */
export function screenTriples(design: Design, residuals: Float64Array, outputs: number, folds: number): Float64Array[] {
  const { units, pairs } = design;
  const scores = Array.from({ length: folds }, () => new Float64Array(tripleCount(units)));
  const order = byFold(pairs, folds);
  const series = standardised(design, residuals, outputs, order.pairs);
  const groups = Math.ceil(units / together);
  const signs = Array.from({ length: groups }, (_, group) => codesOf(design, group * together, order.pairs));
  const places = new Uint16Array(pairs);
  const sums = new Float64Array(codes ** 3);
  const products = new Float64Array(folds * 64);

  /** Adds the squares of the products with these places among `products` to the scores. */
  function score(triples: readonly Place[]): void {
    for (const [at, index] of triples) {
      let all = 0;
      for (let fold = 0; fold < folds; fold++) all += products[fold * 64 + at];
      for (let fold = 0; fold < folds; fold++) scores[fold][index] += (all - products[fold * 64 + at]) ** 2;
    }
  }

  /** @param transform makes the products of a fold of its sums by signs, of which there are so many */
  function screen(size: number, transform: typeof walsh, triples: readonly Place[]): void {
    for (const numbers of series) {
      for (let fold = 0; fold < folds; fold++) {
        sums.fill(0, 0, size);
        for (let at = order.start[fold]; at < order.start[fold + 1]; at++) sums[places[at]] += numbers[at];
        transform(sums, products.subarray(fold * 64), size);
      }
      score(triples);
    }
  }

  for (let a = 0; a < groups; a++) {
    for (let s = 0; s < pairs; s++) places[s] = signs[a][s];
    screen(codes, walsh, triplesWithin([a], units));
    for (let b = a + 1; b < groups; b++) {
      for (let s = 0; s < pairs; s++) places[s] = signs[a][s] * codes + signs[b][s];
      screen(codes ** 2, walsh, triplesWithin([a, b], units));
      for (let c = b + 1; c < groups; c++) {
        for (let s = 0; s < pairs; s++) places[s] = (signs[a][s] * codes + signs[b][s]) * codes + signs[c][s];
        screen(codes ** 3, singlesOfThree, triplesAcross(a, b, c, units));
      }
    }
  }
  return scores;
}

/** The first triples of a screening, of those that some score at all: the largest first. */
export function bestTriples(scores: Float64Array, units: number, most: number): Triples {
  const ranked = scores.slice().sort();
  const threshold = ranked[Math.max(0, ranked.length - most)] ?? 0;
  const chosen: { score: number; triple: [number, number, number] }[] = [];
  let index = 0;
  for (let k = 2; k < units; k++) {
    for (let j = 1; j < k; j++) {
      for (let i = 0; i < j; i++) {
        const score = scores[index++];
        if (score >= threshold && score > 0) chosen.push({ score, triple: [i, j, k] });
      }
    }
  }
  chosen.sort((a, b) => b.score - a.score); // stable: of equal scores, the earlier triple
  return Uint32Array.from(chosen.slice(0, most).flatMap(({ triple }) => triple));
}

/** Pairs in the order of their folds, and where each fold begins. */
export function byFold(pairs: number, folds: number): { readonly pairs: Uint32Array; readonly start: Uint32Array } {
  const order = new Uint32Array(pairs);
  const start = new Uint32Array(folds + 1);
  let at = 0;
  for (let fold = 0; fold < folds; fold++) {
    start[fold] = at;
    for (let s = fold; s < pairs; s += folds) order[at++] = s;
  }
  start[folds] = at;
  return { pairs: order, start };
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

/** Signs of three units in each pair as bits, that of the first unit the highest; units that there are not have x = 1. */
function codesOf({ units, x }: Design, first: number, order: Uint32Array): Uint8Array {
  return Uint8Array.from(order, (s) => {
    let code = 0;
    for (let u = first; u < first + together; u++) code = 2 * code + (u < units && x[s * units + u] < 0 ? 1 : 0);
    return code;
  });
}

/** Place of the triple i < j < k in ascending order of k, j, i. */
function indexOf(i: number, j: number, k: number): number {
  return (k * (k - 1) * (k - 2)) / 6 + (j * (j - 1)) / 2 + i;
}

/** Triples with one unit of each of three groups, in {@link singlesOfThree}. */
function triplesAcross(a: number, b: number, c: number, units: number): Place[] {
  const places: Place[] = [];
  for (let i = 0; i < together; i++) {
    for (let j = 0; j < together; j++) {
      for (let k = 0; k < together && c * together + k < units; k++) {
        const index = indexOf(a * together + i, b * together + j, c * together + k);
        places.push([(i * together + j) * together + k, index]);
      }
    }
  }
  return places;
}

/** Triples with units of each of one or two groups, in the Walsh transform of their signs. */
function triplesWithin(groups: readonly number[], units: number): Place[] {
  const bits = groups.length * together;
  const places: Place[] = [];
  for (let mask = 0; mask < 1 << bits; mask++) {
    const members: number[] = [];
    for (let bit = 0; bit < bits; bit++) if ((mask >> (bits - 1 - bit)) & 1) members.push(bit);
    if (members.length !== 3 || (groups.length > 1 && (members[0] >= together || members[2] < together))) continue;
    const [i, j, k] = members.map((bit) => groups[Math.floor(bit / together)] * together + (bit % together));
    if (k < units) places.push([mask, indexOf(i, j, k)]);
  }
  return places;
}

/** All products of some signs, of sums by their values. */
function walsh(sums: Float64Array, products: Float64Array, size: number): void {
  products.set(sums.subarray(0, size));
  for (let half = 1; half < size; half *= 2) {
    for (let from = 0; from < size; from += 2 * half) {
      for (let at = from; at < from + half; at++) {
        const [plus, minus] = [products[at], products[at + half]];
        products[at] = plus + minus;
        products[at + half] = plus - minus;
      }
    }
  }
}

const ofLast = new Float64Array(codes * codes * together);
const ofLastTwo = new Float64Array(codes * together * together);

/** Products of one of the first three signs, one of the next three and one of the last three: `[3, 3, 3]`, of sums by all nine. */
function singlesOfThree(sums: Float64Array, products: Float64Array): void {
  for (let row = 0; row < codes * codes; row++) signed(sums, row * codes, 1, ofLast, row * together, 1);
  for (let a = 0; a < codes; a++) {
    for (let c = 0; c < together; c++) {
      signed(ofLast, a * codes * together + c, together, ofLastTwo, a * 9 + c, together);
    }
  }
  for (let column = 0; column < 9; column++) signed(ofLastTwo, column, 9, products, column, 9);
}

/** Of eight sums by three signs, the three with one of the signs each. */
function signed(from: Float64Array, at: number, step: number, to: Float64Array, toAt: number, toStep: number): void {
  const v0 = from[at];
  const v1 = from[at + step];
  const v2 = from[at + 2 * step];
  const v3 = from[at + 3 * step];
  const v4 = from[at + 4 * step];
  const v5 = from[at + 5 * step];
  const v6 = from[at + 6 * step];
  const v7 = from[at + 7 * step];
  const s0 = v0 + v1;
  const s1 = v2 + v3;
  const s2 = v4 + v5;
  const s3 = v6 + v7;
  to[toAt] = s0 + s1 - (s2 + s3);
  to[toAt + toStep] = s0 - s1 + (s2 - s3);
  to[toAt + 2 * toStep] = v0 - v1 + (v2 - v3) + (v4 - v5 + (v6 - v7));
}
