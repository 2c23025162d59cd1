import { describe, expect, it } from "vitest";
import {
  addUnit,
  allIntact,
  coalitionKey,
  coalitionSize,
  coalitionSlice,
  coalitionsOf,
  intactUnits,
  isIntact,
  nestedCoalitions,
  noneIntact,
} from "../../src/coalitions/coalition.js";
import { randomOrdering, shuffle } from "../../src/coalitions/random.js";
import { randomStream, randomStreams, trainingStreams } from "../../src/coalitions/random-streams.js";
import { fc } from "../helpers/properties.js";

const unitsAndMembers = fc
  .integer({ min: 1, max: 300 })
  .chain((units) => fc.tuple(fc.constant(units), fc.uniqueArray(fc.integer({ min: 0, max: units - 1 }))));

describe("coalitions", () => {
  it("hold exactly the units they were made of, for any number of units", () => {
    fc.assert(
      fc.property(unitsAndMembers, ([units, members]) => {
        const coalitions = coalitionsOf(units, [[], members]);
        const sorted = [...members].sort((a, b) => a - b);
        expect(intactUnits(coalitions, 1)).toEqual(sorted);
        expect(coalitionSize(coalitions, 1)).toBe(members.length);
        expect(intactUnits(coalitions, 0)).toEqual([]);
        for (let unit = 0; unit < units; unit++) expect(isIntact(coalitions, 1, unit)).toBe(members.includes(unit));
      }),
    );
  });

  it("have equal keys exactly when they hold the same units, whatever the order", () => {
    fc.assert(
      fc.property(unitsAndMembers, fc.integer(), ([units, members], seed) => {
        const shuffled = shuffle(randomStream(seed >>> 0), [...members]);
        const others = members.slice(1);
        const coalitions = coalitionsOf(units, [members, shuffled, others]);
        expect(coalitionKey(coalitions, 0)).toBe(coalitionKey(coalitions, 1));
        if (members.length > 0) expect(coalitionKey(coalitions, 0)).not.toBe(coalitionKey(coalitions, 2));
      }),
    );
  });

  it("of nobody and of everybody have size 0 and n", () => {
    for (const units of [1, 31, 32, 33, 64, 200]) {
      expect(coalitionSize(noneIntact(units), 0)).toBe(0);
      expect(coalitionSize(allIntact(units, 2), 1)).toBe(units);
    }
  });

  it("nest along an ordering, also from the middle", () => {
    const ordering = Uint32Array.of(3, 0, 40, 2);
    const ofUnits = Uint32Array.from({ length: 41 }, (_, i) =>
      i < 4 ? ordering[i] : i < 7 ? [1, 4, 5][i - 4] : i - 1,
    );
    const nested = nestedCoalitions(ofUnits, 0, 4);
    expect([0, 1, 2, 3].map((c) => intactUnits(nested, c))).toEqual([[3], [0, 3], [0, 3, 40], [0, 2, 3, 40]]);
    const tail = nestedCoalitions(ofUnits, 2, 4);
    expect(intactUnits(tail, 1)).toEqual([0, 2, 3, 40]);
    expect(intactUnits(coalitionSlice(nested, 1, 3), 1)).toEqual([0, 3, 40]);
  });

  it("share no bits between rows", () => {
    const coalitions = noneIntact(33, 3);
    addUnit(coalitions, 1, 32);
    expect([0, 1, 2].map((c) => coalitionSize(coalitions, c))).toEqual([0, 1, 0]);
  });

  it("refuse units that are not there", () => {
    expect(() => coalitionsOf(3, [[3]])).toThrow("invalid unit; expected an index from 0 to 2; received 3");
    expect(() => noneIntact(0)).toThrow("invalid units; expected a positive integer; received 0");
  });
});

describe("random streams", () => {
  it("give the same numbers for the same seed and index, other numbers for others; 0 is a seed", () => {
    const first = (seed: number, index: number) => Array.from(randomOrdering(randomStream(seed, index), 50)).join();
    expect(first(0, 0)).toBe(first(0, 0));
    const all = [0, 1, 2, 0xffffffff].flatMap((seed) => [0, 1, 2].map((index) => first(seed, index)));
    expect(new Set(all).size).toBe(all.length);
  });

  it("are the same whether reached one by one, back and forth, or directly", () => {
    const streams = randomStreams(5);
    for (const index of [0, 3, 3, 1, 7, 2]) expect(streams(index).next()).toBe(randomStream(5, index).next());
  });

  it("keep their sequence from version to version", () => {
    expect(Array.from(randomOrdering(randomStream(0), 10))).toEqual([6, 9, 0, 5, 8, 2, 4, 7, 3, 1]);
  });

  it("start from the first two numbers of splitmix64", () => {
    // Of seed 0, as published with its C code (Vigna 2015): e220a8397b1dcdaf, 6e789e6aa1b965f4.
    const state = [...randomStream(0).getState()].map((half) => half >>> 0);
    expect(state).toEqual([0xe220a839, 0x7b1dcdaf, 0x6e789e6a, 0xa1b965f4]);
  });

  it("of training keep the draws that the committed networks were trained with", () => {
    expect(Array.from(randomOrdering(trainingStreams(0)(0), 10))).toEqual([7, 1, 3, 8, 5, 4, 6, 2, 0, 9]);
  });

  it("order units uniformly: each unit stands at each place equally often", () => {
    const units = 5;
    const draws = 20_000;
    const random = randomStream(7);
    const counts = new Int32Array(units * units);
    for (let draw = 0; draw < draws; draw++) {
      randomOrdering(random, units).forEach((unit, rank) => counts[unit * units + rank]++);
    }
    const expected = draws / units;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(39.3); // 16 degrees of freedom, p = .001
  });

  it("refuse a seed that is none", () => {
    expect(() => randomStream(-1)).toThrow("invalid seed; expected an integer from 0 to 4294967295; received -1");
    expect(() => randomStream(0.5)).toThrow(RangeError);
    expect(() => randomStream("1" as never)).toThrow(TypeError);
  });
});
