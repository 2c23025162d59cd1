import { describe, expect, it } from "vitest";
import { interactions } from "../../src/engine/interactions/interactions.js";
import { shapley } from "../../src/engine/shapley.js";
import { estimators } from "../../src/estimators/registry.js";
import { gameFrom } from "../../src/games/from-function.js";

const names = ["a", "b", "c", "d", "e", "f"];

/** Integers, of interactions of all orders; with any offset up to 2^53 they are exact, and so are their differences. */
const game = (offset: number) =>
  gameFrom(names, (intact) => {
    let code = 0;
    names.forEach((name, bit) => {
      if (intact.has(name)) code += 1 << bit;
    });
    return [offset + intact.size, offset + ((code * 37) % 101)];
  });

describe.each([1e6, 1e12, 1e15, -1e15])("a number that all values have in common, %s, costs no digits", (offset) => {
  it.each(Object.keys(estimators) as (keyof typeof estimators)[])("%s", async (estimator) => {
    for (const evaluations of estimator === "exact" ? [64] : [40, 62, 64]) {
      const options = { estimator, evaluations, seed: 3 } as const;
      const [plain, moved] = [await shapley(await game(0), options), await shapley(await game(offset), options)];
      const largest = moved.values.reduce((most, value, i) => Math.max(most, Math.abs(value - plain.values[i])), 0);
      // Rounding of sums of at most 64 numbers of at most 101.
      expect(largest).toBeLessThan(1e-12);
      expect(moved.efficiencyGap).toBeLessThan(1e-12);
    }
  });

  it.each([
    { estimator: "exact", index: "sii" },
    { estimator: "exact", index: "fsii" },
    { estimator: "pairs", index: "sii", evaluations: 60 },
    { estimator: "walks", index: "sii", orderings: 6 },
    { estimator: "walks", index: "banzhaf", order: 3, orderings: 6 },
  ] as const)("interactions: $estimator, $index", async (options) => {
    const [plain, moved] = [
      await interactions(await game(0), options),
      await interactions(await game(offset), options),
    ];
    const largest = moved.values.reduce((most, value, i) => Math.max(most, Math.abs(value - plain.values[i])), 0);
    expect(largest).toBeLessThan(1e-11);
  });
});

it("v(S) = 1e15 + |S| has contributions of 1", async () => {
  const sizes = await gameFrom(10, (intact) => 1e15 + intact.size);
  for (const estimator of Object.keys(estimators) as (keyof typeof estimators)[]) {
    const { values } = await shapley(sizes, { estimator, evaluations: 1024 });
    for (const value of values) expect(Math.abs(value - 1)).toBeLessThan(1e-14);
  }
});
