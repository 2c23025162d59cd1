import { shuffle } from "../../coalitions/random.js";
import type { Random } from "../../coalitions/random-streams.js";
import { layerGroups } from "../layers.js";

/**
 * How many units of which layers a set has: what random sets to compare it with have too. Layers in alphabetical order.
 */
export type Composition = readonly (readonly [layer: string, units: number])[];

/** The composition of a set. */
export function compositionOf(set: readonly string[]): Composition {
  const counts = Object.entries(layerGroups(set)).map(([layer, units]) => [layer, units.length] as const);
  return counts.sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Different random sets of units of a composition: `count` of them, each as likely as any other, or all there are where
 * these are no more.
 */
export function randomSets(
  random: Random,
  layers: Readonly<Record<string, readonly string[]>>,
  composition: Composition,
  count: number,
): string[][] {
  const possible = composition.reduce((product, [layer, k]) => product * combinations(layers[layer].length, k), 1);
  if (possible <= count) return allSets(layers, composition);
  const found = new Map<string, string[]>();
  while (found.size < count) {
    const set = composition.flatMap(([layer, units]) => {
      const order = shuffle(random, Uint32Array.from(layers[layer].keys()));
      return [...order.subarray(0, units)].map((unit) => layers[layer][unit]);
    });
    found.set(setKey(set), set);
  }
  return [...found.values()];
}

/** The same for the same units, in whatever order. */
export function setKey(set: readonly string[]): string {
  return JSON.stringify([...set].sort());
}

/** n over k; not exact where it is beyond 2^53. */
function combinations(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) product = Math.round((product * (n + 1 - i)) / i);
  return product;
}

/** All sets of a composition: the subsets of the first layer's units, each with all sets of the other layers. */
function allSets(layers: Readonly<Record<string, readonly string[]>>, [first, ...others]: Composition): string[][] {
  if (first === undefined) return [[]];
  const rest = allSets(layers, others);
  return subsets(layers[first[0]], first[1]).flatMap((subset) => rest.map((set) => [...subset, ...set]));
}

/** All subsets of a size; no start is taken that leaves too few units for the rest. */
function subsets(units: readonly string[], size: number): string[][] {
  if (size === 0) return [[]];
  const starts = units.slice(0, units.length - size + 1);
  return starts.flatMap((unit, u) => subsets(units.slice(u + 1), size - 1).map((set) => [unit, ...set]));
}

/** Selectivities of random sets beside that of a chosen one. */
export interface RandomComparison {
  /** How many other sets of as many units of the same layers: all there are, or random ones. */
  readonly sets: number;
  /** NaN where there are none. */
  readonly mean: number;
  readonly sd: number;
  /** Other sets that are at least as selective, and one: 1 where none is. */
  readonly rank: number;
  /**
   * `rank / (sets + 1)`: how likely a set drawn from these and the chosen one is to be as selective as the chosen one.
   */
  readonly p: number;
  /**
   * `1 / (sets + 1)`: p of a set that is more selective than all others. Where it is above 0.05, p tells nothing at
   * that level.
   */
  readonly leastP: number;
  /** The chosen set's selectivity over the mean of the others; NaN where there are none. */
  readonly advantage: number;
}

/**
 * Compares a selectivity with those of other sets, of which none is the chosen one; of sets that change nothing at all
 * it is NaN, and they are left out.
 */
export function compareWithRandom(chosen: number, others: readonly number[]): RandomComparison {
  const known = others.filter(Number.isFinite);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const rank = 1 + known.filter((value) => value >= chosen).length;
  return {
    sets: known.length,
    mean,
    sd: known.length > 1 ? Math.sqrt(squares / (known.length - 1)) : Number.NaN,
    rank,
    p: rank / (known.length + 1),
    leastP: 1 / (known.length + 1),
    advantage: chosen / mean,
  };
}
