import type { Ordering } from "../coalitions/coalition.js";
import { invalid } from "../errors.js";
import { type Game, type Gate, outputSize } from "../games/game.js";

/**
 * The gates of a game, checked: units that are there, each once, and outputs that no other gate has.
 *
 * @throws RangeError for any others
 */
export function gatesOf(game: Pick<Game, "gates" | "units" | "outputShape">): readonly Gate[] {
  const { gates = [] } = game;
  const units = new Set<number>();
  const taken = new Uint8Array(gates.length > 0 ? outputSize(game.outputShape) : 0);
  for (const { unit, outputs } of gates) {
    if (!(Number.isInteger(unit) && unit >= 0 && unit < game.units.length) || units.has(unit)) {
      throw invalid("gate", `units of the game, 0 to ${game.units.length - 1}, each once`, unit);
    }
    units.add(unit);
    for (const o of outputs) {
      if (o >= taken.length || taken[o] === 1) {
        throw invalid(`outputs of the gate ${game.units[unit]}`, `outputs of the game that no other gate has`, o);
      }
      taken[o] = 1;
    }
  }
  return gates;
}

/** An ordering in which the gates come back first, in the game's order; all others in the order given. */
export function gatesFirst(ordering: Ordering, gates: readonly Gate[]): Ordering {
  const units = gates.map(({ unit }) => unit);
  const isGate = new Set(units);
  const first = new Uint32Array(ordering.length);
  first.set(units);
  let rank = units.length;
  for (const unit of ordering) if (!isGate.has(unit)) first[rank++] = unit;
  return first;
}

/** Averages of one ordering over all places at which gates may come back. */
export interface GateAverages {
  /** Takes in v of the gates and some others: of none of these, of the first, of the first two, and so on. */
  see(values: ArrayLike<number>): void;
  /** Weighs the contribution of the unit that came back as number `returned` of those that are no gates, from 1. */
  weigh(contribution: Float64Array, returned: number): void;
  /** Contributions of the gates, once all units are back. */
  contributions(give: (unit: number, contribution: Float64Array) => void): void;
}

/**
 * Beside P other units in a given order, a gate comes back at each of P + 1 places with equal probability, whatever other gates
 * do. So the unit that comes back as number r of the P (from 1) finds it there with probability r / (P + 1): its contribution
 * to the gate's outputs has that weight. The gate itself adds v with r others intact, less what its outputs are without it,
 * averaged over r = 0 to P. Both are exact, and in every ordering all contributions still add up to v(all) - v(none).
 *
 * @param others P
 * @param none v(none), from which the gates' outputs start
 */
export function gateAverages(gates: readonly Gate[], others: number, none: Float64Array): GateAverages {
  const sums = gates.map(({ outputs }) => new Float64Array(outputs.length));
  return {
    see(values) {
      gates.forEach(({ outputs }, g) => {
        const sum = sums[g];
        for (let i = 0; i < outputs.length; i++) sum[i] += values[outputs[i]];
      });
    },
    weigh(contribution, returned) {
      const weight = returned / (others + 1);
      for (const { outputs } of gates) for (let i = 0; i < outputs.length; i++) contribution[outputs[i]] *= weight;
    },
    contributions(give) {
      const contribution = new Float64Array(none.length);
      gates.forEach(({ unit, outputs }, g) => {
        contribution.fill(0);
        for (let i = 0; i < outputs.length; i++) {
          const o = outputs[i];
          contribution[o] = sums[g][i] / (others + 1) - none[o];
        }
        give(unit, contribution);
      });
    },
  };
}
