import { addUnit, type Coalitions, isIntact, noneIntact } from "../../coalitions/coalition.js";
import { coalitionsOfPairs } from "../../coalitions/complement-pairs.js";
import type { Gate, Values } from "../../games/game.js";
import type { Ends, Estimate } from "../estimator.js";

/**
 * What is evaluated for a pair of complements, and what the players of the regression are: units, or units beside open
 * gates.
 */
export interface Pairing {
  /** Players of the regression. */
  readonly players: number;
  /** Numbers that are kept for each pair. */
  readonly columns: number;
  /** Evaluations that a pair takes. */
  readonly evaluations: 1 | 2;
  /** v(all) - v(none), `[columns]`. */
  total(ends: Ends): Float64Array;
  /** What is evaluated for the pairs `from` to `to - 1`. */
  coalitions(sets: Coalitions, from: number, to: number): Coalitions;
  /** `(v(S) - v(complement)) / 2` of these pairs, from the values of their coalitions: `[to - from, columns]`. */
  differences(sets: Coalitions, from: number, values: Values, ends: Ends, to: Float64Array): void;
  /** Of an estimate for the players that for the units, `[units, outputs]`. */
  ofUnits(estimate: Estimate): Estimate;
}

/** Every unit is a player; both coalitions of a pair are evaluated. */
export function plainPairing(units: number, outputs: number): Pairing {
  return {
    players: units,
    columns: outputs,
    evaluations: 2,
    total: ({ all, none }) => all.map((value, o) => value - none[o]),
    coalitions: coalitionsOfPairs,
    differences(_sets, _from, values, _ends, to) {
      for (let pair = 0; pair * outputs < to.length; pair++) {
        const at = 2 * pair * outputs;
        for (let o = 0; o < outputs; o++) to[pair * outputs + o] = (values[at + o] - values[at + outputs + o]) / 2;
      }
    },
    ofUnits: (estimate) => estimate,
  };
}

/**
 * Where every output has a gate (`Game.gates`), an output is a game of the P units that are no gates and its own gate;
 * other gates do nothing to it. Of a pair {S, complement} of these P + 1 players one has the gate, and what the other
 * is worth is v(none), known beforehand. So a pair takes one evaluation, and one with all gates open serves all
 * outputs: the last player, number P, is for each output its own gate.
 *
 * Beside the outputs there is a column for each gate, the sum of its outputs' differences in shares of the number of
 * all outputs: its error is that of the gate's contribution averaged over all outputs.
 *
 * @param gates checked ones, which every output has one of
 */
export function gatedPairing(units: number, outputs: number, gates: readonly Gate[]): Pairing {
  const isGate = new Set(gates.map(({ unit }) => unit));
  const others = Array.from({ length: units }, (_, unit) => unit).filter((unit) => !isGate.has(unit));
  const gate = others.length;
  const columns = outputs + gates.length;
  /** Fills in the gates' columns of a row. */
  const sumUp = (row: Float64Array): void => {
    gates.forEach((own, g) => {
      let sum = 0;
      for (const [from, to] of own.outputs) for (let o = from; o < to; o++) sum += row[o];
      row[outputs + g] = sum / outputs;
    });
  };
  return {
    players: gate + 1,
    columns,
    evaluations: 1,
    total({ all, none }) {
      const total = new Float64Array(columns);
      for (let o = 0; o < outputs; o++) total[o] = all[o] - none[o];
      sumUp(total);
      return total;
    },
    coalitions(sets, from, to) {
      const open = noneIntact(units, to - from);
      for (let pair = from; pair < to; pair++) {
        const has = isIntact(sets, pair, gate);
        others.forEach((unit, player) => {
          if (isIntact(sets, pair, player) === has) addUnit(open, pair - from, unit);
        });
        for (const { unit } of gates) addUnit(open, pair - from, unit);
      }
      return open;
    },
    differences(sets, from, values, { none }, to) {
      for (let pair = 0; pair * columns < to.length; pair++) {
        const half = isIntact(sets, from + pair, gate) ? 0.5 : -0.5;
        const row = to.subarray(pair * columns, (pair + 1) * columns);
        for (let o = 0; o < outputs; o++) row[o] = half * (values[pair * outputs + o] - none[o]);
        sumUp(row);
      }
    },
    ofUnits({ values, standardErrors, meanStandardErrors, ...rest }) {
      const spread = (numbers: Float64Array) => {
        const spread = new Float64Array(units * outputs);
        others.forEach((unit, player) => {
          spread.set(numbers.subarray(player * columns, player * columns + outputs), unit * outputs);
        });
        for (const { unit, outputs: own } of gates) {
          for (const [from, to] of own) {
            spread.set(numbers.subarray(gate * columns + from, gate * columns + to), unit * outputs + from);
          }
        }
        return spread;
      };
      const means = new Float64Array(units);
      // The gates' columns sum to the mean over the outputs, which is so counted once more among columns than outputs
      // are.
      const rescaled = columns / (outputs + 1);
      others.forEach((unit, player) => {
        means[unit] = rescaled * meanStandardErrors[player];
      });
      gates.forEach(({ unit }, g) => {
        means[unit] = standardErrors[gate * columns + outputs + g];
      });
      return {
        ...rest,
        values: spread(values),
        standardErrors: spread(standardErrors),
        meanStandardErrors: means,
      };
    },
  };
}
