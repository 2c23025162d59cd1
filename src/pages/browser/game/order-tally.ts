import { contributionsIn, type GameTable } from "../../game-table.js";

/** What units have added in the orders counted so far. */
export class OrderTally {
  orders = 0;
  /** Whether every order has been counted once, and nothing else. */
  complete = false;
  /** By unit: how often it has added each amount. */
  readonly amounts: readonly Map<number, number>[];
  readonly #sums: Float64Array;

  constructor(units: number) {
    this.amounts = Array.from({ length: units }, () => new Map());
    this.#sums = new Float64Array(units);
  }

  /** All n! orders. */
  static ofAll(table: GameTable, output: number | "mean"): OrderTally {
    const tally = new OrderTally(table.units);
    for (const ordering of permutations(table.units)) tally.add(contributionsIn(table, ordering, output));
    tally.complete = true;
    return tally;
  }

  /** Counts the contributions of one order, by unit. */
  add(contributions: Float64Array): void {
    this.orders++;
    contributions.forEach((amount, unit) => {
      this.#sums[unit] += amount;
      // Differences of equal amounts differ in their last digits.
      const rounded = Number(amount.toPrecision(6));
      this.amounts[unit].set(rounded, (this.amounts[unit].get(rounded) ?? 0) + 1);
    });
  }

  /** Mean of what a unit has added; NaN before the first order. */
  mean(unit: number): number {
    return this.#sums[unit] / this.orders;
  }
}

/** All orders of n units, each by exchanging two of the one before (Heap's algorithm); the same array written anew. */
export function* permutations(n: number): Generator<Uint32Array, void> {
  const ordering = Uint32Array.from({ length: n }, (_, unit) => unit);
  const counters = new Uint32Array(n);
  yield ordering;
  for (let i = 1; i < n; ) {
    if (counters[i] < i) {
      const other = i % 2 === 0 ? 0 : counters[i];
      [ordering[other], ordering[i]] = [ordering[i], ordering[other]];
      counters[i]++;
      i = 1;
      yield ordering;
    } else counters[i++] = 0;
  }
}
