import type { InteractionIndex } from "../../src/modes/interaction-index.js";

/** v of every coalition, by its bits. */
export type Table = readonly number[];

const bits = (set: number) => {
  let count = 0;
  for (let left = set; left > 0; left &= left - 1) count++;
  return count;
};
const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
export const binomial = (n: number, k: number) => (k < 0 || k > n ? 0 : factorial(n) / factorial(k) / factorial(n - k));
export const maskOf = (set: readonly number[]) => set.reduce((mask, unit) => mask | (1 << unit), 0);

/** The discrete derivative of v: sum over R within S of (-1)^(|S| - |R|) v(T + R). */
export function derivative(v: Table, set: number, before: number): number {
  let sum = 0;
  for (let part = set; ; part = (part - 1) & set) {
    sum += (bits(set) - bits(part)) % 2 === 0 ? v[before | part] : -v[before | part];
    if (part === 0) return sum;
  }
}

/** Every index by its own definition, slowly: an oracle that shares nothing with the transforms. */
export const byDefinition: Record<
  InteractionIndex,
  (v: Table, units: number, set: readonly number[], order: number) => number
> = {
  sii(v, n, set) {
    const s = set.length;
    return overOthers(
      n,
      set,
      (before, t) => (derivative(v, maskOf(set), before) * factorial(t) * factorial(n - t - s)) / factorial(n - s + 1),
    );
  },
  banzhaf(v, n, set) {
    return overOthers(n, set, (before) => derivative(v, maskOf(set), before) / 2 ** (n - set.length));
  },
  /** Sundararajan et al. 2020, definition 2: orderings, at what comes before the first unit of the set. */
  stii(v, n, set, order) {
    const mask = maskOf(set);
    if (set.length < order) return derivative(v, mask, 0);
    let sum = 0;
    for (const ordering of orderings(n)) {
      let before = 0;
      for (const unit of ordering) {
        if (mask & (1 << unit)) break;
        before |= 1 << unit;
      }
      sum += derivative(v, mask, before);
    }
    return sum / factorial(n);
  },
  /** Bordt and von Luxburg 2023, equation 9: by recursion over the order. */
  "k-sii"(v, n, set, order) {
    const bernoulli = [1, -1 / 2, 1 / 6, 0, -1 / 30];
    const at = (mask: number, k: number): number => {
      const members = Array.from({ length: n }, (_, u) => u).filter((u) => mask & (1 << u));
      const own = byDefinition.sii(v, n, members, k);
      if (members.length === k) return own;
      let above = 0;
      for (let other = 0; other < 1 << n; other++) {
        if (other & mask || bits(other) + members.length !== k) continue;
        const both = Array.from({ length: n }, (_, u) => u).filter((u) => (mask | other) & (1 << u));
        above += byDefinition.sii(v, n, both, k);
      }
      return at(mask, k - 1) + bernoulli[k - members.length] * above;
    };
    return at(maskOf(set), order);
  },
  fsii(v, n, set, order) {
    const sets = Array.from({ length: 1 << n }, (_, c) => c).filter((c) => c > 0 && bits(c) <= order);
    return faithful(v, n, order)[sets.indexOf(maskOf(set))];
  },
};

function overOthers(n: number, set: readonly number[], of: (before: number, size: number) => number): number {
  let sum = 0;
  for (let before = 0; before < 1 << n; before++) if ((before & maskOf(set)) === 0) sum += of(before, bits(before));
  return sum;
}

function* orderings(n: number, from: readonly number[] = []): Generator<readonly number[]> {
  if (from.length === n) yield from;
  for (let unit = 0; unit < n; unit++) if (!from.includes(unit)) yield* orderings(n, [...from, unit]);
}

/**
 * Tsai et al. 2023: the sums over subsets of at most k units that are nearest to v by Shapley's weights (n - 1) / (C(n,
 * t) t (n - t)), and are v of nobody and of everybody: a least squares problem with one constraint, by its normal
 * equations.
 */
function faithful(v: Table, n: number, order: number): number[] {
  const sets = Array.from({ length: 1 << n }, (_, c) => c).filter((c) => c > 0 && bits(c) <= order);
  const size = sets.length;
  const system = Array.from({ length: size + 1 }, () => new Array<number>(size + 2).fill(0));
  for (let c = 1; c < (1 << n) - 1; c++) {
    const t = bits(c);
    const weight = (n - 1) / (binomial(n, t) * t * (n - t));
    const within = sets.map((set) => ((set & c) === set ? 1 : 0));
    for (let i = 0; i < size; i++) {
      if (!within[i]) continue;
      for (let j = 0; j < size; j++) system[i][j] += weight * within[j];
      system[i][size + 1] += weight * (v[c] - v[0]);
    }
  }
  for (let i = 0; i < size; i++) {
    system[i][size] = 1;
    system[size][i] = 1;
  }
  system[size][size + 1] = v[(1 << n) - 1] - v[0];
  return solved(system).slice(0, size);
}

/** Gauss elimination with pivots, of rows that end with the right-hand side. */
function solved(rows: number[][]): number[] {
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let r = column; r < n; r++) if (Math.abs(rows[r][column]) > Math.abs(rows[pivot][column])) pivot = r;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let r = 0; r < n; r++) {
      if (r === column) continue;
      const factor = rows[r][column] / rows[column][column];
      for (let c = column; c <= n; c++) rows[r][c] -= factor * rows[column][c];
    }
  }
  return rows.map((row, r) => row[n] / row[r]);
}
