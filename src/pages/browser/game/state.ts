import { randomOrdering } from "../../../coalitions/random.js";
import { randomStream } from "../../../coalitions/random-streams.js";
import type { GameFacts } from "../../game-facts.js";
import { contributionsIn, exactModes, type GameTable, tableOf, tableValue } from "../../game-table.js";
import type { PageContent } from "../../page-content.js";
import { numberText, signed } from "../kit/numbers.js";
import { OrderTally } from "./order-tally.js";

/** Which number of the value is looked at: one of them, or the mean of all. */
export type Shown = number | "mean";

/** All that changes on the page of a game, and who is to be told. */
export class GameState {
  /** What units are called: a number alone says little, so what it is stands before it. */
  readonly units: readonly string[];
  readonly table: GameTable;
  readonly everybody: number;
  shown: Shown;
  /** The group that the reader has put together, a bit for each unit. */
  group = 0;
  /** The order in which units arrive, and how many have. */
  ordering: Uint32Array;
  arrived = 0;
  tally: OrderTally;
  /** How many orders had been played when all of them took their place. */
  replaced = 0;
  /** How numbers of what is shown are written, and changes of it. */
  text: (value: number) => string = String;
  change: (value: number) => string = String;
  /** Least and largest value of any group, and 0. */
  low = 0;
  high = 0;
  readonly #random = randomStream(1);
  readonly #listeners: (() => void)[] = [];

  private constructor(
    readonly facts: GameFacts,
    table: GameTable,
    /** The Shapley Modes by Shapley's formula, `[units, outputs]`. */
    readonly modes: Float64Array,
  ) {
    this.units = facts.units.map((name) => (/^\d+$/.test(name) ? `${facts.unit} ${name}` : name));
    this.table = table;
    this.everybody = 2 ** table.units - 1;
    this.shown = table.outputs === 1 ? 0 : "mean";
    this.ordering = Uint32Array.from(this.units.keys());
    this.tally = new OrderTally(table.units);
    this.#measure();
  }

  static async of({ facts, arrays }: PageContent): Promise<GameState> {
    const known = facts as unknown as GameFacts;
    const outputs = known.outputShape.reduce((product, length) => product * length, 1);
    const table = tableOf(known.units.length, outputs, known.table, arrays.table);
    return new GameState(known, table, await exactModes(table));
  }

  /** v of a group. */
  value(group: number): number {
    return tableValue(this.table, group, this.shown);
  }

  /** The Shapley value of a unit: of what is shown. */
  shapley(unit: number): number {
    const { outputs } = this.table;
    const mode = this.modes.subarray(unit * outputs, (unit + 1) * outputs);
    return this.shown === "mean" ? mode.reduce((sum, value) => sum + value, 0) / outputs : mode[this.shown];
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Changes something, and tells everybody. */
  alter(work: () => void): void {
    work();
    for (const listener of this.#listeners) listener();
  }

  show(shown: Shown): void {
    this.alter(() => {
      this.shown = shown;
      this.#measure();
      this.tally = new OrderTally(this.table.units);
      if (this.arrived === this.units.length) this.#count();
    });
  }

  toggle(unit: number): void {
    this.alter(() => {
      this.group ^= 1 << unit;
    });
  }

  setGroup(group: number): void {
    this.alter(() => {
      this.group = group;
    });
  }

  /** Lets the next unit of the order arrive, or another that waits. */
  arrive(unit: number = this.ordering[this.arrived]): void {
    if (this.arrived === this.units.length) return;
    this.alter(() => {
      const at = this.ordering.indexOf(unit, this.arrived);
      this.ordering.copyWithin(this.arrived + 1, this.arrived, at);
      this.ordering[this.arrived++] = unit;
      if (this.arrived === this.units.length) this.#count();
    });
  }

  /** Sends everybody away, to come back in another order. */
  reorder(): void {
    this.alter(() => {
      this.ordering = randomOrdering(this.#random, this.units.length);
      this.arrived = 0;
    });
  }

  /** Counts the contributions of so many random orders; of none where all have been played, whose means are exact. */
  playMore(orders: number): void {
    if (this.tally.complete) return;
    this.alter(() => {
      for (let order = 0; order < orders; order++) {
        const ordering = randomOrdering(this.#random, this.units.length);
        this.tally.add(contributionsIn(this.table, ordering, this.shown));
      }
    });
  }

  /** Counts every order once, and nothing that was played before. */
  playAll(): void {
    if (this.tally.complete) return;
    this.alter(() => {
      this.replaced = this.tally.orders;
      this.tally = OrderTally.ofAll(this.table, this.shown);
    });
  }

  /** What a still picture of the page shows: half of the units in, and some orders played. */
  demonstrate(): void {
    this.setGroup(2 ** Math.ceil(this.units.length / 2) - 1);
    while (this.arrived < this.units.length) this.arrive();
    this.playMore(99);
  }

  /** Forgets all orders, and sends everybody away. */
  startOver(): void {
    this.alter(() => {
      this.tally = new OrderTally(this.table.units);
      this.arrived = 0;
    });
  }

  #count(): void {
    if (this.tally.complete) return;
    this.tally.add(contributionsIn(this.table, this.ordering, this.shown));
  }

  #measure(): void {
    const values = Float64Array.from({ length: this.everybody + 1 }, (_, group) => this.value(group));
    this.low = values.reduce((least, value) => Math.min(least, value), 0);
    this.high = values.reduce((most, value) => Math.max(most, value), 0);
    this.text = numberText(values);
    this.change = signed(this.text);
  }
}
