import { invalid, positiveInteger } from "../errors.js";
import { isList, isNumber } from "../kinds.js";

/**
 * A batch of coalitions over the same units, as bit sets: unit u is intact in coalition c when bit `u % 32` of
 * `words[c * wordsPerCoalition + (u >> 5)]` is set. Any number of units; bits beyond the last unit are 0.
 */
export interface Coalitions {
  /** How many coalitions. */
  readonly count: number;
  /** How many units each is drawn from. */
  readonly units: number;
  /** The bits, `count` rows of `wordsPerCoalition(units)` words. */
  readonly words: Uint32Array;
}

/** A permutation of the unit indices 0..n-1: the order in which units come back. */
export type Ordering = Uint32Array;

/** 32-bit words that one coalition takes. */
export function wordsPerCoalition(units: number): number {
  return (units + 31) >>> 5;
}

/** A batch of coalitions in which every unit is lesioned. */
export function noneIntact(units: number, count = 1): Coalitions {
  isNumber("units", units);
  positiveInteger("units", units);
  return { count, units, words: new Uint32Array(count * wordsPerCoalition(units)) };
}

/** A batch of coalitions in which every unit is intact. */
export function allIntact(units: number, count = 1): Coalitions {
  isNumber("units", units);
  const coalitions = noneIntact(units, count);
  for (let c = 0; c < count; c++) for (let u = 0; u < units; u++) addUnit(coalitions, c, u);
  return coalitions;
}

/** A batch of coalitions from lists of intact unit indices. */
export function coalitionsOf(units: number, intact: readonly Iterable<number>[]): Coalitions {
  isNumber("units", units);
  const coalitions = noneIntact(units, intact.length);
  intact.forEach((members, c) => {
    for (const unit of members) {
      if (!Number.isInteger(unit) || unit < 0 || unit >= units) {
        throw invalid("unit", `an index from 0 to ${units - 1}`, unit);
      }
      addUnit(coalitions, c, unit);
    }
  });
  return coalitions;
}

/**
 * The coalitions that an ordering passes through: row r holds the units `ordering[0..from + r]`.
 *
 * @param from first rank, default 0 (one unit intact)
 * @param to rank after the last, default the number of units (the last row has all units intact)
 */
export function nestedCoalitions(ordering: Ordering, from = 0, to: number = ordering?.length): Coalitions {
  isList("ordering", ordering, "numbers");
  const units = ordering.length;
  const width = wordsPerCoalition(units);
  const coalitions = noneIntact(units, to - from);
  for (let rank = 0; rank < from; rank++) addUnit(coalitions, 0, ordering[rank]);
  for (let row = 0; row < to - from; row++) {
    if (row > 0) coalitions.words.copyWithin(row * width, (row - 1) * width, row * width);
    addUnit(coalitions, row, ordering[from + row]);
  }
  return coalitions;
}

/** Coalitions number `from` to `to - 1` of up to 32 units: unit u is intact where bit u of the number is set. */
export function numberedCoalitions(units: number, from: number, to: number): Coalitions {
  return { count: to - from, units, words: Uint32Array.from({ length: to - from }, (_, c) => from + c) };
}

/** Whether a unit is intact in coalition `c` of a batch. */
export function isIntact(coalitions: Coalitions, c: number, unit: number): boolean {
  const word = coalitions.words[c * wordsPerCoalition(coalitions.units) + (unit >>> 5)];
  return ((word >>> (unit & 31)) & 1) === 1;
}

/** Makes a unit intact in coalition `c` of a batch. */
export function addUnit(coalitions: Coalitions, c: number, unit: number): void {
  coalitions.words[c * wordsPerCoalition(coalitions.units) + (unit >>> 5)] |= 1 << (unit & 31);
}

/** Indices of the intact units of coalition `c`, ascending. */
export function intactUnits(coalitions: Coalitions, c: number): number[] {
  const intact = [];
  for (let unit = 0; unit < coalitions.units; unit++) if (isIntact(coalitions, c, unit)) intact.push(unit);
  return intact;
}

/** How many units are intact in coalition `c`. */
export function coalitionSize(coalitions: Coalitions, c: number): number {
  const width = wordsPerCoalition(coalitions.units);
  let size = 0;
  for (let w = c * width; w < (c + 1) * width; w++) size += popcount(coalitions.words[w]);
  return size;
}

/** A text that is equal for equal coalitions, whatever the order in which their units came back. */
export function coalitionKey(coalitions: Coalitions, c: number): string {
  const width = wordsPerCoalition(coalitions.units);
  let key = "";
  for (let w = c * width; w < (c + 1) * width; w++) key += `${coalitions.words[w].toString(36)},`;
  return key;
}

/** Some rows of a batch, sharing its memory. */
export function coalitionSlice(coalitions: Coalitions, from: number, to: number): Coalitions {
  const width = wordsPerCoalition(coalitions.units);
  return { count: to - from, units: coalitions.units, words: coalitions.words.subarray(from * width, to * width) };
}

function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
