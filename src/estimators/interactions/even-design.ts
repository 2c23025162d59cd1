import { isIntact } from "../../coalitions/coalition.js";
import type { ComplementPairs } from "../../coalitions/complement-pairs.js";

/**
 * Pairs of complements as rows of a regression on what is even in x, x_i being -1 for the units of S and 1 for all
 * others. The mean of v over a pair is even in x; on pairs of coalitions of one unit and of all but one nothing is
 * regressed, since what they say is known exactly.
 */
export interface EvenDesign {
  readonly units: number;
  /** Which pairs of the sample are rows: those with at least two units on either side. */
  readonly pairs: Uint32Array;
  readonly columns: number;
  /** Where the columns x_i x_j begin; before them are those that other parts of v take. */
  readonly first: number;
  /**
   * Which pair of units each of these columns is, numbered in lexicographic order. The others follow from them and from
   * those before.
   */
  readonly unitPairs: Uint32Array;
  /** Rows `from` to `to - 1`, `[to - from, columns]`: made anew, since all of them may be more than memory holds. */
  rows(from: number, to: number): Float64Array;
  /** Weight of each row, the largest 1. */
  readonly weights: Float64Array;
  /** 1 - the probability with which each pair was drawn. */
  readonly undrawn: Float64Array;
}

/** How many unknowns the regression has, beside the n exact sums: {@link evenDesign}. */
export function evenUnknowns(units: number): number {
  const { kinds, linear, cubic } = partsOf(units);
  return units < 4 ? 0 : kinds + linear + cubic + (units * (units - 3)) / 2;
}

/**
 * Columns of each kind before the x_i x_j: sizes, x_i t, and x_i times a cubic of t where there are sizes enough to
 * tell.
 */
function partsOf(units: number) {
  const kinds = Math.max(0, Math.floor(units / 2) - 1);
  return { kinds, linear: units >= 5 ? units - 1 : 0, cubic: units >= 7 ? units - 1 : 0 };
}

/**
 * The rows of at least two units on either side. In them v's even part is a function of size alone, plus one of x_i
 * times odd functions of size, plus the x_i x_j, plus what is left; columns for the first two keep them out of the
 * third, whose part that has no sums over a unit is all that is taken (`pairInteractions`). The sums of x_i x_j over j
 * are in the first two already, so n of the pairs are left out, those with unit 0 and that of units 1 and 2, such that
 * no column follows from others; so is x_0 among the x_i t.
 *
 * Weights: on coalitions of size s, 2 <= s <= n - 2, the functions h(s) (x_a - x_b) (x_c - x_d) have interactions that
 * are the mean of 4 h(s) over the n - 3 sizes. Least squares with weights 1 / C(n - 4, s - 2) give the same: with all
 * pairs the solution is SII exactly, as with Shapley's kernel it is the Shapley value. A pair that was drawn with
 * probability m / C(n, s) stands for C(n, s) / m of them, so that its weight is 1 / (s (s - 1) (n - s) (n - s - 1) m),
 * and half of it for s = n / 2.
 */
export function evenDesign({ sets, sizes, expected, inclusion }: ComplementPairs): EvenDesign {
  const { units } = sets;
  const pairs = Uint32Array.from(sizes.keys()).filter((pair) => sizes[pair] >= 2);
  const { kinds, linear, cubic } = partsOf(units);
  const first = kinds + linear + cubic;
  const unitPairs = Uint32Array.from({ length: (units * (units - 1)) / 2 }, (_, pair) => pair).filter(
    (pair) => pair >= units,
  );
  const columns = first + unitPairs.length;
  const weights = new Float64Array(pairs.length);
  const undrawn = new Float64Array(pairs.length);
  pairs.forEach((pair, r) => {
    const size = sizes[pair];
    const share = 2 * size === units ? 0.5 : 1;
    weights[r] = share / (size * (size - 1) * (units - size) * (units - size - 1) * expected[size]);
    undrawn[r] = 1 - inclusion[size];
  });
  const top = weights.reduce((most, weight) => Math.max(most, weight), 0);

  function rows(from: number, to: number): Float64Array {
    const filled = new Float64Array((to - from) * columns);
    const x = new Float64Array(units);
    for (let r = from; r < to; r++) {
      const size = sizes[pairs[r]];
      for (let u = 0; u < units; u++) x[u] = isIntact(sets, pairs[r], u) ? -1 : 1;
      const t = (units - 2 * size) / units;
      let at = (r - from) * columns;
      filled[at + size - 2] = 1;
      at += kinds;
      for (let u = 1; u <= linear; u++) filled[at++] = x[u] * t;
      for (let u = 1; u <= cubic; u++) filled[at++] = (x[u] * (5 * t ** 3 - 3 * t)) / 2;
      for (let i = 1; i < units; i++) for (let j = i === 1 ? 3 : i + 1; j < units; j++) filled[at++] = x[i] * x[j];
    }
    return filled;
  }
  return { units, pairs, columns, first, unitPairs, rows, weights: weights.map((weight) => weight / top), undrawn };
}
