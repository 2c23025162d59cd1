import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { type Coalitions, isIntact } from "../coalitions/coalition.js";
import { randomStream } from "../coalitions/random-streams.js";
import { invalid, positiveInteger } from "../errors.js";
import { isNumber, isNumbers } from "../kinds.js";
import { knownOptions } from "../options.js";
import { type Game, unitNames } from "./game.js";

/** A game whose Shapley values are known from a formula: what estimators are tested against. */
export interface ClosedFormGame extends Game {
  /** The Shapley values, `[units, ...outputShape]`. */
  readonly shapleyValues: Float64Array;
}

/** v(S) = sum of the weights of S. The Shapley value of a unit is its weight. */
export function additiveGame(weights: readonly number[]): ClosedFormGame {
  isNumbers("weights", weights);
  return closedForm(weights.length, Float64Array.from(weights), (intact) =>
    weights.reduce((sum, weight, unit) => (intact(unit) ? sum + weight : sum), 0),
  );
}

/** v(S) = 1 when all of `members` are in S, else 0. Members share the 1 equally, all others are dummies. */
export function unanimityGame(units: number, members: readonly number[]): ClosedFormGame {
  const needed = new Set(members);
  if (needed.size === 0 || [...needed].some((unit) => !Number.isInteger(unit) || unit < 0 || unit >= units)) {
    throw invalid("members", `some of the units 0 to ${units - 1}`, members);
  }
  const values = Float64Array.from({ length: units }, (_, unit) => (needed.has(unit) ? 1 / needed.size : 0));
  return closedForm(units, values, (intact) => (members.every((unit) => intact(unit)) ? 1 : 0));
}

/** v(S) = 1 when S holds more than half of the units, else 0. All units are alike: 1 / n each. */
export function majorityGame(units: number): ClosedFormGame {
  isNumber("units", units);
  positiveInteger("units", units);
  return closedForm(units, new Float64Array(units).fill(1 / units), (intact) => {
    let size = 0;
    for (let unit = 0; unit < units; unit++) if (intact(unit)) size++;
    return size > units / 2 ? 1 : 0;
  });
}

/**
 * The glove market (Shapley and Shubik 1969): the first `left` units own a left glove each, the other `right` units a
 * right one, and v(S) is the number of pairs. A unit adds 1 exactly when its own side is the shorter one before it:
 * the value sums the probabilities of all such sides, a!(n-1-a)!/n! for each set of a units that comes before.
 */
export function gloveGame(left: number, right: number): ClosedFormGame {
  const units = positiveInteger("left", left) + positiveInteger("right", right);
  const valueOfOne = (own: number, others: number): number => {
    let value = 0;
    for (let a = 0; a < own; a++) {
      for (let b = a + 1; b <= others; b++) {
        value += (binomial(own - 1, a) * binomial(others, b)) / (units * binomial(units - 1, a + b));
      }
    }
    return value;
  };
  const ofLeft = valueOfOne(left, right);
  const ofRight = valueOfOne(right, left);
  const values = Float64Array.from({ length: units }, (_, unit) => (unit < left ? ofLeft : ofRight));
  return closedForm(units, values, (intact) => {
    let lefts = 0;
    let rights = 0;
    for (let unit = 0; unit < units; unit++) if (intact(unit)) unit < left ? lefts++ : rights++;
    return Math.min(lefts, rights);
  });
}

/**
 * Random main effects a and pair interactions b, uniform in [-1, 1), for any number of outputs:
 * v(S) = sum of a_i over S + sum of b_ij over pairs in S. The value of a unit is a_i + half of its interactions.
 *
 * @param options.outputs numbers that v returns; default 1
 * @param options.seed default 0
 */
export function interactionGame(
  units: number,
  options: { readonly outputs?: number; readonly seed?: number } = {},
): ClosedFormGame {
  knownOptions("interactionGame", options, { outputs: true, seed: true });
  isNumber("units", units);
  const outputs = positiveInteger("outputs", options.outputs ?? 1);
  const random = randomStream(options.seed ?? 0);
  // effects[o][i][j]: main effect of i for j = i, interaction of i and j for j > i.
  const effects = Array.from({ length: outputs }, () =>
    Array.from({ length: units }, () => Float64Array.from({ length: units }, () => 2 * uniformFloat64(random) - 1)),
  );
  const values = new Float64Array(units * outputs);
  effects.forEach((effect, o) => {
    for (let i = 0; i < units; i++) {
      values[i * outputs + o] += effect[i][i];
      for (let j = i + 1; j < units; j++) {
        values[i * outputs + o] += effect[i][j] / 2;
        values[j * outputs + o] += effect[i][j] / 2;
      }
    }
  });
  return closedForm(
    units,
    values,
    (intact, o) => {
      let value = 0;
      for (let i = 0; i < units; i++) {
        if (intact(i)) for (let j = i; j < units; j++) if (intact(j)) value += effects[o][i][j];
      }
      return value;
    },
    [outputs],
  );
}

function closedForm(
  units: number,
  shapleyValues: Float64Array,
  value: (intact: (unit: number) => boolean, output: number) => number,
  outputShape: readonly number[] = [],
): ClosedFormGame {
  const outputs = outputShape[0] ?? 1;
  return {
    units: unitNames(units),
    outputShape,
    shapleyValues,
    async evaluate(coalitions: Coalitions) {
      const values = new Float64Array(coalitions.count * outputs);
      for (let c = 0; c < coalitions.count; c++) {
        for (let o = 0; o < outputs; o++) {
          values[c * outputs + o] = value((unit) => isIntact(coalitions, c, unit), o);
        }
      }
      return values;
    },
  };
}

function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return Math.round(result);
}
