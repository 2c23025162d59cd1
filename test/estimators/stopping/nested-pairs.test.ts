import { describe, expect, it } from "vitest";
import { intactUnits } from "../../../src/coalitions/coalition.js";
import { allPairs, complementPairs } from "../../../src/coalitions/complement-pairs.js";
import { nestedPairs } from "../../../src/coalitions/nested-pairs.js";
import { fc } from "../../helpers/properties.js";

const setsOf = (pairs: ReturnType<typeof complementPairs>) =>
  Array.from(pairs.sizes, (_, pair) => intactUnits(pairs.sets, pair).join());

describe("nestedPairs", () => {
  it("draws different pairs, none more than there are, and each stage holds the one before", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 24 }),
        fc.integer({ min: 60, max: 400 }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (units, most, seed) => {
          const nested = nestedPairs(units, most, 2 * units, 1.5, seed);
          const all = setsOf(nested.first(nested.ends[nested.ends.length - 1]));
          expect(all.length).toBeLessThanOrEqual(Math.min(most, allPairs(units)));
          expect(new Set(all).size).toBe(all.length);
          for (const end of nested.ends) {
            const { sets, sizes, expected, complete } = nested.first(end);
            expect(setsOf(nested.first(end))).toEqual(all.slice(0, end));
            expect(complete).toBe(end === allPairs(units));
            const drawn = expected.map((_, size) => sizes.filter((each) => each === size).length);
            drawn.forEach((number, size) => {
              expect(Math.abs(number - expected[size])).toBeLessThan(1);
            });
            sizes.forEach((size, pair) => {
              expect(intactUnits(sets, pair)).toHaveLength(size);
            });
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it("has in each stage the numbers of each size that a draw of so many has, to within what rounding does", () => {
    const nested = nestedPairs(14, 3000, 28, 1.5, 5);
    for (const end of nested.ends) {
      const own = nested.first(end);
      const other = complementPairs(14, end, 5);
      own.expected.forEach((mean, size) => {
        expect(Math.abs(mean - other.expected[size])).toBeLessThan(2);
      });
    }
  });

  it("draws the same first stages whatever is planned, and all pairs where there are enough", () => {
    const [short, long] = [nestedPairs(12, 200, 24, 1.5, 9), nestedPairs(12, 5000, 24, 1.5, 9)];
    const shared = short.ends.filter((end) => long.ends.includes(end));
    expect(shared.length).toBeGreaterThan(4);
    for (const end of shared) expect(setsOf(short.first(end))).toEqual(setsOf(long.first(end)));
    expect(long.ends.at(-1)).toBe(allPairs(12));
  });

  it("draws each set of a size equally often", () => {
    const counts = new Map<string, number>();
    const seeds = 2000;
    for (let seed = 0; seed < seeds; seed++) {
      const nested = nestedPairs(6, 24, 12, 1.5, seed);
      for (const set of setsOf(nested.first(nested.ends[0]))) counts.set(set, (counts.get(set) ?? 0) + 1);
    }
    // Of 12 pairs 4.8 are expected of each size, of the 6 there are of one unit, of 15 of two, and half as many of the
    // 10 halves.
    for (const [set, count] of counts) {
      const share = [0, 4.8 / 6, 4.8 / 15, 2.4 / 10][set.split(",").length];
      const sd = Math.sqrt((share * (1 - share)) / seeds);
      expect(Math.abs(count / seeds - share)).toBeLessThan(5 * sd + 1e-12);
    }
  });
});
