import { describe, expect, it } from "vitest";
import { reduceToRest } from "../../../src/analysis/smaller/reduce-to-rest.js";
import { gameFrom } from "../../../src/games/from-function.js";
import { fc } from "../../helpers/properties.js";

const exact = { estimator: "exact" } as const;

describe("reduceToRest", () => {
  it("keeps the units of largest worth in an additive game; the rest is worth what its units are", async () => {
    const worths = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 3, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(
        worths,
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom(0.1, 0.5, 0.9),
        async (worth, most, share) => {
          const keep = Math.min(most, worth.length - 1);
          const signs = worth.map((value, unit) => (unit % 2 ? -value : value));
          const game = await gameFrom(worth.length, (intact) => [
            signs.reduce((sum, value, unit) => sum + (intact.has(String(unit)) ? value : 0), 0),
            0,
          ]);
          const { modes, kept, rest, rounds } = await reduceToRest(game, { keep, share, shapley: exact });
          const largest = [...worth.keys()].sort((a, b) => worth[b] - worth[a]).slice(0, keep);
          expect([...kept].sort()).toEqual(largest.map(String).sort());
          for (const unit of kept) expect(modes.unit(unit).values[0]).toBeCloseTo(signs[Number(unit)], 9);
          const others = rest.reduce((sum, unit) => sum + signs[Number(unit)], 0);
          expect(modes.unit("rest").values[0]).toBeCloseTo(others, 9);
          expect(modes.efficiencyGap).toBeLessThan(1e-9);
          expect(rest).toHaveLength(worth.length - keep);
          expect(rounds[0]).toEqual({ players: worth.length, inRest: 0 });
          expect(rounds[rounds.length - 1]).toEqual({ players: keep + 1, inRest: rest.length });
        },
      ),
      { numRuns: 30, seed: 2 },
    );
  });

  it("shows what units do that stand in for each other, once they are the rest", async () => {
    const game = await gameFrom(["a", "b", "c", "d"], (intact) => {
      return (intact.has("a") ? 1 : 0) + (["b", "c", "d"].some((unit) => intact.has(unit)) ? 1.5 : 0);
    });
    const { modes, kept } = await reduceToRest(game, { keep: 1, share: 0.9, shapley: exact });
    expect(kept).toEqual(["a"]);
    expect(modes.unit("rest").values[0]).toBeCloseTo(1.5, 12);
  });

  it("refuses what can not be", async () => {
    const game = await gameFrom(["a", "rest"], (intact) => intact.size);
    await expect(reduceToRest(game, { keep: 1 })).rejects.toThrow("none of the name rest");
    const other = await gameFrom(3, (intact) => intact.size);
    await expect(reduceToRest(other, { keep: 3 })).rejects.toThrow("fewer than the game's 3 units");
    await expect(reduceToRest(other, { keep: 1, share: 1 })).rejects.toThrow("invalid share");
    await expect(reduceToRest(other, { keep: 1, importance: () => Number.NaN, shapley: exact })).rejects.toThrow(
      "invalid importance of 0",
    );
  });
});
