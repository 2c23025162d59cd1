import { type Random, shuffle } from "../coalitions/random.js";
import { layerGroups } from "./layers.js";

/** How many units of which layers a set has: what random sets to compare it with have too. Layers in alphabetical order. */
export type Composition = readonly (readonly [layer: string, units: number])[];

/** The composition of a set. */
export function compositionOf(set: readonly string[]): Composition {
  const counts = Object.entries(layerGroups(set)).map(([layer, units]) => [layer, units.length] as const);
  return counts.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Random sets of units of a composition, each independent of the others. */
export function randomSets(
  random: Random,
  layers: Readonly<Record<string, readonly string[]>>,
  composition: Composition,
  count: number,
): string[][] {
  return Array.from({ length: count }, () =>
    composition.flatMap(([layer, units]) => {
      const order = shuffle(random, Uint32Array.from(layers[layer].keys()));
      return [...order.subarray(0, units)].map((unit) => layers[layer][unit]);
    }),
  );
}

/** Selectivities of random sets beside that of a chosen one. */
export interface RandomComparison {
  /** How many random sets. */
  readonly sets: number;
  readonly mean: number;
  readonly sd: number;
  /** Random sets that are at least as selective, and one: 1 where none is. */
  readonly rank: number;
  /** `rank / (sets + 1)`: how likely a random set is to be as selective. */
  readonly p: number;
  /** The chosen set's selectivity over the mean of the random ones. */
  readonly advantage: number;
}

/** Compares a selectivity with those of random sets; of sets that change nothing at all it is NaN, and they are left out. */
export function compareWithRandom(chosen: number, random: readonly number[]): RandomComparison {
  const known = random.filter(Number.isFinite);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const rank = 1 + known.filter((value) => value >= chosen).length;
  return {
    sets: known.length,
    mean,
    sd: Math.sqrt(squares / (known.length - 1)),
    rank,
    p: rank / (known.length + 1),
    advantage: chosen / mean,
  };
}
