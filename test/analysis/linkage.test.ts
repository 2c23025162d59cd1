import { describe, expect, it } from "vitest";
import { averageLinkage } from "../../src/analysis/linkage.js";
import { fc } from "../helpers/properties.js";

/** The definition: of all groups the two with the smallest mean distance, until one is left. */
function slowly(items: number, distance: (a: number, b: number) => number): number[] {
  let groups = Array.from({ length: items }, (_, item) => [item]);
  const heights: number[] = [];
  while (groups.length > 1) {
    let best = { mean: Number.POSITIVE_INFINITY, a: 0, b: 0 };
    groups.forEach((first, a) => {
      groups.slice(0, a).forEach((second, b) => {
        const all = first.flatMap((i) => second.map((j) => distance(i, j)));
        const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
        if (mean < best.mean) best = { mean, a, b };
      });
    });
    const { a, b, mean } = best;
    groups = [...groups.filter((_, g) => g !== a && g !== b), [...groups[a], ...groups[b]]];
    heights.push(mean);
  }
  return heights;
}

describe("averageLinkage", () => {
  it("joins at the heights of its definition, each group side by side in the order", () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 9 })
          .chain((items) =>
            fc.tuple(
              fc.constant(items),
              fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 81, maxLength: 81 }),
            ),
          ),
        ([items, numbers]) => {
          const distance = (a: number, b: number) => numbers[9 * Math.min(a, b) + Math.max(a, b)];
          const { merges, order } = averageLinkage(items, distance);
          const wanted = slowly(items, distance);
          expect(merges.length).toBe(items - 1);
          // Equal distances may be joined in another order.
          if (new Set(numbers).size === numbers.length) {
            merges.forEach(({ height }, m) => expect(height).toBeCloseTo(wanted[m], 10));
          }
          expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: items }, (_, item) => item));
          const members = order.map((item) => [item]).sort((a, b) => a[0] - b[0]);
          for (const { groups } of merges) members.push(groups.flatMap((group) => members[group]));
          for (const group of members) {
            const places = group.map((item) => order.indexOf(item));
            expect(Math.max(...places) - Math.min(...places)).toBe(group.length - 1);
          }
        },
      ),
    );
  });

  it("refuses distances that are none", () => {
    expect(() => averageLinkage(2, () => -1)).toThrow("invalid distance");
    expect(() => averageLinkage(2, () => Number.NaN)).toThrow("invalid distance");
    expect(() => averageLinkage(0, () => 1)).toThrow("invalid items");
  });
});
