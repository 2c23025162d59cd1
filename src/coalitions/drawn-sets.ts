import type { Steps } from "../pace.js";
import { addUnit, type Coalitions, isIntact, wordsPerCoalition } from "./coalition.js";
import { uniformIndex } from "./random.js";
import type { Random } from "./random-streams.js";

/** Up to so many coalitions of a size are numbered, and numbers drawn; of more, coalitions, until they differ. */
const mostNumbered = 1 << 21;

/** Units that are put in order between two yields. */
const unitsAtOnce = 1 << 18;

/** Draws sets of units, of any size. */
export class Drawer {
  readonly #order: Uint32Array;

  constructor(
    readonly units: number,
    readonly random: Random,
  ) {
    this.#order = Uint32Array.from({ length: units }, (_, unit) => unit);
  }

  /** A set of some units, valid until the next. */
  next(size: number): Uint32Array {
    const order = this.#order;
    for (let at = 0; at < size; at++) swap(order, at, at + uniformIndex(this.random, order.length - at));
    return order.subarray(0, size);
  }
}

/**
 * Different sets of one size in random order, ever more of them: whatever their number, the first ones are the same. Of
 * half of all units they are those with unit 0.
 */
export class DrawnSets implements Coalitions {
  words = new Uint32Array(0);
  count = 0;
  readonly units: number;
  readonly #width: number;
  readonly #isHalf: boolean;
  #numbers: Uint32Array | undefined;
  readonly #seen = new Set<string>();

  /** @param all how many sets of this size there are */
  constructor(
    readonly drawer: Drawer,
    readonly size: number,
    readonly all: number,
  ) {
    this.units = drawer.units;
    this.#width = wordsPerCoalition(drawer.units);
    this.#isHalf = 2 * size === drawer.units;
  }

  /** Draws until there are so many. */
  *grow(number: number): Steps<void> {
    if (number * this.#width > this.words.length) {
      const words = new Uint32Array(number * this.#width);
      words.set(this.words.subarray(0, this.count * this.#width));
      this.words = words;
    }
    const pause = Math.max(1, Math.floor(unitsAtOnce / Math.max(1, this.size)));
    for (let drawn = 1; this.count < number; drawn++) {
      if (this.all <= mostNumbered) this.#addNumbered();
      else this.#addOther();
      if (drawn % pause === 0 || this.count === number) yield;
    }
  }

  #addNumbered(): void {
    const { all, size, units, count } = this;
    this.#numbers ??= Uint32Array.from({ length: all }, (_, index) => index);
    swap(this.#numbers, count, count + uniformIndex(this.drawer.random, all - count));
    const [from, choose] = this.#isHalf ? [1, size - 1] : [0, size];
    if (this.#isHalf) addUnit(this, count, 0);
    for (const unit of setOfNumber(this.#numbers[count], from, units, choose)) addUnit(this, count, unit);
    this.count++;
  }

  #addOther(): void {
    const { words, units, count } = this;
    const [start, end] = [count * this.#width, (count + 1) * this.#width];
    words.fill(0, start, end);
    for (const unit of this.drawer.next(this.size)) addUnit(this, count, unit);
    if (this.#isHalf && !isIntact(this, count, 0)) {
      for (let w = start; w < end; w++) words[w] = ~words[w];
      if (units % 32 > 0) words[end - 1] &= 2 ** (units % 32) - 1;
    }
    const key = String.fromCharCode(...new Uint16Array(words.buffer, 4 * start, 2 * this.#width));
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.count++;
  }
}

function swap(items: Uint32Array, a: number, b: number): void {
  const item = items[a];
  items[a] = items[b];
  items[b] = item;
}

/** Set number `index`, in lexicographic order, of those with `size` of the units `from` to `units - 1`. */
function setOfNumber(index: number, from: number, units: number, size: number): number[] {
  const set: number[] = [];
  let left = index;
  for (let unit = from; set.length < size; unit++) {
    // Sets that go on with this unit.
    const having = choose(units - unit - 1, size - set.length - 1);
    if (left < having) set.push(unit);
    else left -= having;
  }
  return set;
}

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return Math.round(result);
}
