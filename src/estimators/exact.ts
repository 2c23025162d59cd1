import { type Coalitions, coalitionSize, isIntact, numberedCoalitions } from "../coalitions/coalition.js";
import { invalid } from "../errors.js";
import type { Game } from "../games/game.js";
import { pacer } from "../pace.js";
import { thousands } from "../words.js";
import type { Accumulator, Control, Ends, Estimate, Estimator, Plan, Request } from "./estimator.js";
import { evaluateFinite } from "./walk.js";

/** Units of the largest game that is played whole: 2^24 coalitions. */
export const mostExactUnits = 24;
/** Coalitions of a chunk: those that agree in all but their lowest 12 bits. */
const chunkBits = 12;
/** Most numbers that one batch of coalitions returns: 32 MB of float64. */
const batchNumbers = 1 << 22;

/**
 * Shapley's formula over all 2^n coalitions, to 24 units (Shapley 1953):
 * phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)). Every v(S) is computed once and added to
 * all units with its weight, less v(none), so nothing of it is kept. A unit's weights add up to 0, so taking v(none)
 * from all changes nothing, but that of a large number that all v(S) have in common no digits are lost. Weights are
 * whole numbers, and sums are divided at the end: where v are whole numbers too, and the largest times the least common
 * multiple of 1 to n is below 2^53, each contribution is the double that is nearest to it. Else what is below 2^-50 of
 * the largest |v(S) - v(none)| of an output is rounding of the sums, and 0. Standard errors are 0.
 */
export const exact: Estimator = {
  name: "exact",
  unitOfIndependence: "none",
  budget: "none",
  held: ({ units }) => ({ sums: 1 + 1 / units, chunk: 1 + 1 / units, beside: 0 }),
  plan({ units, outputs }: Request): Plan {
    if (units > mostExactUnits) {
      const rule = `at most ${mostExactUnits} for the exact estimator, which plays all 2^units coalitions, here ${coalitionsText(units)}: too many, though it keeps nothing but the modes in memory; leverage plays a part of them`;
      throw invalid("units", rule, units);
    }
    const coalitions = 2 ** units;
    const perChunk = Math.min(coalitions, 2 ** chunkBits);
    const batch = Math.max(1, Math.min(perChunk, Math.floor(batchNumbers / outputs)));
    const weights = wholeWeights(units);
    const chunks = coalitions / perChunk;
    return {
      chunks,
      evaluations: coalitions - 2,
      reusable: chunks,
      // Sums of other weights, as they once were, do not go with these.
      identity: { sums: "of v(S) - v(none) with whole weights, and the largest of them" },
      extent: (done) => ({
        orderings: null,
        // Nobody is in the first chunk and everybody in the last.
        evaluations: done * perChunk - (done > 0 ? 1 : 0) - (done === chunks ? 1 : 0),
      }),
      async runChunk(chunk: number, game: Game, ends: Ends, control: Control) {
        const sums = new WeightedSums(units, outputs);
        const pace = pacer(control.signal);
        // The ends are known: they are taken from `ends` and not evaluated again.
        const first = Math.max(1, chunk * perChunk);
        const last = Math.min(coalitions - 1, (chunk + 1) * perChunk);
        for (let from = first; from < last; from += batch) {
          const rows = numberedCoalitions(units, from, Math.min(from + batch, last));
          sums.add(rows, await evaluateFinite(game, rows, outputs, control.signal), ends.none, weights);
          control.evaluated(rows.count);
          await pace();
        }
        if (last === coalitions - 1) sums.add(numberedCoalitions(units, last, last + 1), ends.all, ends.none, weights);
        return sums;
      },
      unpack: (packed) => new WeightedSums(units, outputs, packed),
    };
  },
};

/** 2^units, in words that can be read. */
function coalitionsText(units: number): string {
  return units <= 40 ? thousands(2 ** units) : `about 1e${Math.floor(units * Math.log10(2))}`;
}

/** Contributions up to this share of the largest |v(S) - v(none)| are rounding of the sums. */
const rounding = 2 ** -50;
/** Whole numbers up to this one are exact. */
const mostWhole = 2 ** 53;

class WeightedSums implements Accumulator {
  readonly #packed: Float64Array;
  /** `[units, outputs]` */
  readonly sums: Float64Array;
  /** Largest |v(S) - v(none)|, `[outputs]`. */
  readonly largest: Float64Array;

  constructor(
    readonly units: number,
    readonly outputs: number,
    packed?: Float64Array,
  ) {
    this.#packed = packed ?? new Float64Array((units + 1) * outputs);
    this.sums = this.#packed.subarray(0, units * outputs);
    this.largest = this.#packed.subarray(units * outputs);
  }

  add(coalitions: Coalitions, values: ArrayLike<number>, none: Float64Array, weights: Weights): void {
    const { units, outputs, sums, largest } = this;
    for (let c = 0; c < coalitions.count; c++) {
      const size = coalitionSize(coalitions, c);
      for (let o = 0; o < outputs; o++) {
        largest[o] = Math.max(largest[o], Math.abs(values[c * outputs + o] - none[o]));
      }
      for (let u = 0; u < units; u++) {
        const weight = isIntact(coalitions, c, u) ? weights.having[size] : -weights.lacking[size];
        for (let o = 0; o < outputs; o++) sums[u * outputs + o] += weight * (values[c * outputs + o] - none[o]);
      }
    }
  }

  merge(later: WeightedSums): void {
    for (let i = 0; i < this.sums.length; i++) this.sums[i] += later.sums[i];
    for (let o = 0; o < this.outputs; o++) this.largest[o] = Math.max(this.largest[o], later.largest[o]);
  }

  pack(): Float64Array {
    return this.#packed;
  }

  largestStandardError(): number {
    return 0;
  }

  estimate(last = false): Estimate {
    const values = last ? this.sums : this.sums.slice();
    const divisor = leastCommonMultiple(this.units);
    for (let i = 0; i < values.length; i++) {
      const most = divisor * this.largest[i % this.outputs];
      const exact = most < mostWhole && Number.isInteger(values[i]);
      values[i] = !exact && Math.abs(values[i]) <= rounding * most ? 0 : values[i] / divisor;
    }
    return {
      values,
      standardErrors: new Float64Array(this.sums.length),
      meanStandardErrors: new Float64Array(this.units),
    };
  }
}

/** Shapley's weights times {@link leastCommonMultiple}. */
interface Weights {
  /** Weight of v(S) for a unit in S, by |S|: (|S| - 1)! (n - |S|)! / n!. */
  readonly having: readonly number[];
  /** Weight of -v(S) for a unit that is not in S, by |S|: |S|! (n - |S| - 1)! / n!. */
  readonly lacking: readonly number[];
}

/**
 * The weights are 1 / (n C(n - 1, s)), and what n - 1 choose anything is divides the least common multiple of 1 to n,
 * divided by n: all are whole numbers, of at most 28 bits for 24 units.
 */
function wholeWeights(units: number): Weights {
  const lacking: number[] = [];
  let choose = 1;
  for (let size = 0; size < units; size++) {
    lacking.push(leastCommonMultiple(units) / units / choose);
    choose = (choose * (units - 1 - size)) / (size + 1);
  }
  return { having: [0, ...lacking], lacking };
}

/** Of the numbers 1 to n: what all of Shapley's weights for n units are whole shares of. */
function leastCommonMultiple(units: number): number {
  let multiple = 1;
  for (let number = 2; number <= units; number++) {
    let [a, b] = [multiple, number];
    while (b > 0) [a, b] = [b, a % b];
    multiple *= number / a;
  }
  return multiple;
}
