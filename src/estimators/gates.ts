import type { Ordering } from "../coalitions/coalition.js";
import { invalid, wrongKind } from "../errors.js";
import { type Game, type Gate, outputSize } from "../games/game.js";
import { type Block, blocksOf, type differences, type Fold, mostOutputs, weightedDifferences } from "./blocks.js";

/**
 * The gates of a game, checked: units that are there, each once, and outputs that no other gate has.
 *
 * @throws RangeError for any others
 */
export function gatesOf(game: Pick<Game, "gates" | "units" | "outputShape">): readonly Gate[] {
  const { gates = [] } = game;
  const units = new Set<number>();
  const taken = new Uint8Array(gates.length > 0 ? outputSize(game.outputShape) : 0);
  const kind = "a list of { unit, outputs }, ranges of them";
  if (!Array.isArray(gates)) throw wrongKind("gates", kind, gates);
  for (const gate of gates as readonly Gate[]) {
    if (!Array.isArray(gate?.outputs) || !gate.outputs.every(Array.isArray)) throw wrongKind("gate", kind, gate);
    const { unit, outputs } = gate;
    if (!(Number.isInteger(unit) && unit >= 0 && unit < game.units.length) || units.has(unit)) {
      throw invalid("gate", `units of the game, 0 to ${game.units.length - 1}, each once`, unit);
    }
    units.add(unit);
    for (const [from, to] of outputs) {
      const fits = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= taken.length;
      if (!fits || taken.subarray(from, to).includes(1)) {
        const rule = `ranges within the ${taken.length} outputs, none of them another gate's`;
        throw invalid(`outputs of the gate ${game.units[unit]}`, rule, [from, to]);
      }
      taken.fill(1, from, to);
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
  /** All outputs, in blocks that have a gate or none. */
  readonly blocks: readonly (Block & { readonly gated: boolean })[];
  /**
   * `differences` of a gated block, weighed: what the unit contributes that came back as number `returned` of those
   * that are no gates, from 1.
   */
  weighed(returned: number, ...block: Parameters<typeof differences>): number;
  /** Contributions of the gates, once all other units are back and have left v at `all`. */
  contributions(all: Float64Array, fold: Fold): void;
}

/**
 * Beside P other units in a given order, a gate comes back at each of P + 1 places with equal probability, whatever
 * other gates do. So the unit that comes back as number r of the P finds it there with probability r / (P + 1): its
 * contribution to the gate's outputs, when the gate is intact, has that weight. The gate itself adds v with the first r
 * others intact, less what its outputs are without it, averaged over r = 0 to P. With d_r for the contributions that
 * the others have beside intact gates, that is v(all) - v(none) less the sum of all r d_r / (P + 1): what the weighted
 * contributions of the others leave over.
 *
 * Both are exact, so in every single ordering all contributions still add up to v(all) - v(none).
 *
 * @param others P
 * @param none v(none)
 */
export function gateAverages(gates: readonly Gate[], others: number, none: Float64Array): GateAverages {
  const weighted = new Float64Array(none.length);
  const blocks = gatedBlocks(joined(gates.flatMap(({ outputs }) => outputs)), none.length);
  return {
    blocks,
    weighed: (returned, values, at, previous, from, contribution) =>
      weightedDifferences(values, at, previous, from, contribution, returned / (others + 1), weighted),
    contributions(all, fold) {
      const contribution = new Float64Array(mostOutputs);
      for (const { unit, outputs } of gates) {
        for (const { from, to } of blocks) {
          contribution.fill(0);
          for (const [start, end] of outputs) {
            for (let o = Math.max(from, start); o < Math.min(to, end); o++) {
              contribution[o - from] = all[o] - none[o] - weighted[o];
            }
          }
          fold(unit, contribution.subarray(0, to - from), from);
        }
      }
    },
  };
}

/** All outputs as blocks that lie in one of the ranges, or in none. */
function gatedBlocks(ranges: readonly (readonly [number, number])[], outputs: number) {
  const blocks: (Block & { gated: boolean })[] = [];
  const add = (from: number, to: number, gated: boolean) =>
    blocks.push(...blocksOf(from, to).map((block) => ({ ...block, gated })));
  let done = 0;
  for (const [from, to] of ranges) {
    add(done, from, false);
    add(from, to, true);
    done = to;
  }
  add(done, outputs, false);
  return blocks;
}

/** The same outputs as ranges that do not touch each other, in ascending order. */
function joined(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const apart: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = apart.at(-1);
    if (last && last[1] === from) last[1] = to;
    else apart.push([from, to]);
  }
  return apart;
}
