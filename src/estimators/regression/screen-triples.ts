import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { compiledKernel } from "./kernel.js";

/** Units that are looked at together: their signs in a pair are one number below 8. */
const together = 3;
const codes = 1 << together;

/** Three units, `units[3 i]` to `units[3 i + 2]`, for each triple; the one that explains most first. */
export type Triples = Uint32Array;

/** Where a triple is among some products, and among all triples. */
export type Place = readonly [at: number, index: number];

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
 * @param scorerOf what adds up the scores; default the kernel, whose bits are those of {@link plainScorer}
 * @returns for each fold the triples in ascending order of k, then j, then i: i < j < k
 */
export function* screenTriples(
  design: Design,
  residuals: Float64Array,
  outputs: number,
  folds: number,
  scorerOf: (screening: Screening) => Scorer = kernelScorer,
): Steps<Float64Array[]> {
  const { units, pairs } = design;
  const order = byFold(pairs, folds);
  const groups = Math.ceil(units / together);
  const scores = Array.from({ length: folds }, () => new Float64Array(tripleCount(units)));
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

/** What is screened, the pairs in the order of their folds. */
export interface Screening {
  readonly units: number;
  readonly pairs: number;
  /** Where each fold begins. */
  readonly starts: Uint32Array;
  /** Residuals of each output. */
  readonly series: readonly Float64Array[];
  /** Signs of the units of each group as bits. */
  readonly signs: readonly Uint8Array[];
  /** By fold. */
  readonly scores: readonly Float64Array[];
}

/** Adds up the scores of triples. */
export interface Scorer {
  /**
   * Of units of one or two groups.
   *
   * @param size how many different signs the units can have
   * @param places signs of the units in each pair
   */
  within(size: number, places: Uint16Array, triples: readonly Place[]): void;
  /** Of units of the groups a and b and each one behind them. @param places signs of the units of a and b in each pair */
  across(a: number, b: number, places: Uint16Array): void;
  /** Brings the scores to where they belong. */
  finish(): void;
}

/** {@link Scorer} in TypeScript. */
export function plainScorer(screening: Screening): Scorer {
  const { signs, units, pairs } = screening;
  const all = new Uint16Array(pairs);
  const sums = new Float64Array(codes ** 3);
  return {
    within(size, places, triples) {
      addScores(screening, places, sums.subarray(0, size), walsh, triples);
    },
    across(a, b, places) {
      for (let c = b + 1; c < signs.length; c++) {
        for (let s = 0; s < pairs; s++) all[s] = places[s] * codes + signs[c][s];
        addScores(screening, all, sums, singlesOfThree, triplesAcross(a, b, c, units));
      }
    },
    finish() {},
  };
}

const pageBytes = 65_536;
let compiled: WebAssembly.Module | undefined;

/** {@link Scorer} on WebAssembly. */
function kernelScorer(screening: Screening): Scorer {
  const { units, pairs, starts, series, signs, scores } = screening;
  compiled ??= compiledKernel("triple-sums");
  if (!compiled) return plainScorer(screening);
  const { memory, screen, screenWithin } = new WebAssembly.Instance(compiled).exports as unknown as {
    readonly memory: WebAssembly.Memory;
    screen(...numbers: readonly number[]): void;
    screenWithin(...numbers: readonly number[]): void;
  };
  let end = pageBytes;
  const place = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / 16) * 16;
    return start;
  };
  const [folds, groups] = [scores.length, signs.length];
  const pairsOfOutputs = Math.ceil(series.length / 2);
  const at = {
    places: place(2 * pairs),
    list: place(8 * codes ** 2),
    codes: place(groups * pairs),
    series: place(16 * pairsOfOutputs * pairs),
    starts: place(4 * starts.length),
    scores: place(8 * folds * scores[0].length),
    work: place(2 * pairs + 16 * (1 + 512 + 192 + 72 + 27 * folds)),
  };
  memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / pageBytes)));
  const { buffer } = memory;
  const numbers = new Float64Array(buffer, at.series, 2 * pairsOfOutputs * pairs);
  series.forEach((own, o) => {
    const to = (o >> 1) * 2 * pairs + (o & 1);
    for (let s = 0; s < pairs; s++) numbers[to + 2 * s] = own[s];
  });
  signs.forEach((own, group) => new Uint8Array(buffer, at.codes + group * pairs, pairs).set(own));
  new Uint32Array(buffer, at.starts, starts.length).set(starts);
  return {
    within(size, places, triples) {
      new Uint16Array(buffer, at.places, pairs).set(places);
      new Uint32Array(buffer, at.list, 2 * triples.length).set(triples.flat());
      screenWithin(
        ...[size, pairs, at.places, at.list, triples.length],
        ...[at.series, pairsOfOutputs, folds, at.starts, at.scores, scores[0].length, at.work],
      );
    },
    across(a, b, places) {
      new Uint16Array(buffer, at.places, pairs).set(places);
      screen(
        ...[units, pairs, a, b, b + 1, groups, at.places, at.codes],
        ...[at.series, pairsOfOutputs, folds, at.starts, at.scores, scores[0].length, at.work],
      );
    },
    finish() {
      scores.forEach((own, fold) => {
        const added = new Float64Array(buffer, at.scores + 8 * fold * own.length, own.length);
        for (let index = 0; index < own.length; index++) own[index] += added[index];
      });
    },
  };
}

/**
 * Adds the squares of some products to the scores.
 *
 * @param places where each pair's residual is added up
 * @param transform makes the products of these sums
 * @param triples where each triple is among the products, and among the scores
 */
function addScores(
  { starts, series, scores }: Screening,
  places: Uint16Array,
  sums: Float64Array,
  transform: typeof walsh,
  triples: readonly Place[],
): void {
  const folds = scores.length;
  const products = new Float64Array(folds * 64);
  for (const numbers of series) {
    for (let fold = 0; fold < folds; fold++) {
      sums.fill(0);
      for (let at = starts[fold]; at < starts[fold + 1]; at++) sums[places[at]] += numbers[at];
      transform(sums, products.subarray(fold * 64));
    }
    for (const [at, index] of triples) {
      let all = 0;
      for (let fold = 0; fold < folds; fold++) all += products[fold * 64 + at];
      for (let fold = 0; fold < folds; fold++) scores[fold][index] += (all - products[fold * 64 + at]) ** 2;
    }
  }
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
function walsh(sums: Float64Array, products: Float64Array): void {
  const size = sums.length;
  products.set(sums);
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
