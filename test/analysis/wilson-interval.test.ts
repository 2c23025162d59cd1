import { describe, expect, it } from "vitest";
import { pooledWilsonInterval, wilsonInterval } from "../../src/analysis/wilson-interval.js";
import { fc } from "../helpers/properties.js";

describe("Wilson's interval of a share", () => {
  it("has the ends of the textbook: 0, 7 and 10 of 10", () => {
    // Brown, Cai, DasGupta, Statist. Sci. 2001; z = 1.959964.
    const none = wilsonInterval(0, 10);
    expect(none.low).toBe(0);
    expect(none.high).toBeCloseTo(0.277533, 5);
    const some = wilsonInterval(0.7, 10);
    expect(some.low).toBeCloseTo(0.396775, 4);
    expect(some.high).toBeCloseTo(0.892209, 4);
    const all = wilsonInterval(1, 10);
    expect(all.low).toBeCloseTo(1 - 0.277533, 5);
    expect(all.high).toBe(1);
  });

  it("lies within 0 and 1, holds the share, and is longer of fewer draws", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, share) => {
        const { low, high } = wilsonInterval(share, count);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low <= share && share <= high).toBe(true);
        const more = wilsonInterval(share, 2 * count);
        expect(high - low).toBeGreaterThan(more.high - more.low);
      }),
    );
  });

  it("of several groups is that of all their draws where these agree, and longer where they do not", () => {
    expect(pooledWilsonInterval([0.5, 0.5, 0.5], 20)).toEqual(wilsonInterval(0.5, 60));
    expect(pooledWilsonInterval([1, 1, 1], 20)).toEqual(wilsonInterval(1, 60));
    expect(pooledWilsonInterval([0.75], 20)).toEqual(wilsonInterval(0.75, 20));
    // Variance 1/16 of the groups against 1/80 by chance: five times.
    const apart = pooledWilsonInterval([0.25, 0.75, 0.5], 20);
    const expected = wilsonInterval(0.5, 12);
    expect(apart.low).toBeCloseTo(expected.low, 12);
    expect(apart.high).toBeCloseTo(expected.high, 12);
  });
});
