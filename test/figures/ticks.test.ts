import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fittingTicks, spacedIndices } from "../../src/figures/kit/ticks.js";

describe("fittingTicks", () => {
  it("keeps positions of its own that are at least the room apart, the last always among them", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 200 }),
        (numbers, room) => {
          const positions = numbers.sort((a, b) => a - b);
          const ticks = fittingTicks(positions, room);
          expect(ticks.at(-1)).toBe(positions.at(-1));
          expect(ticks.every((tick) => positions.includes(tick))).toBe(true);
          for (let index = 1; index < ticks.length; index++) {
            expect(ticks[index] - ticks[index - 1]).toBeGreaterThanOrEqual(room);
          }
        },
      ),
    );
  });
});

describe("spacedIndices", () => {
  it("are no more than fit, equally spaced from the first on", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: -5, max: 200 }), (count, atMost) => {
        const indices = spacedIndices(count, atMost);
        expect(indices.length).toBeLessThanOrEqual(Math.max(1, atMost));
        const step = indices[1] ?? count;
        expect(indices).toEqual(Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step));
      }),
    );
    expect(spacedIndices(10, 10)).toHaveLength(10);
    expect(spacedIndices(200, 25)).toEqual([
      0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190,
    ]);
  });
});
