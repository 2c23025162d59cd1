import { describe, expect, it } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { gameFrom } from "../../src/games/from-function.js";

const units = 16;
/** What depends on size, and three units that meet: exact with these terms, far from it without. */
const curved = (size: number, together: boolean) => size ** 3 + (together ? 50 : 0);
const exact = (unit: number) => units ** 2 + (unit >= 1 && unit <= 3 ? 50 / 3 : 0);

describe("outputs that are fitted to rounding", () => {
  it.each([
    ["one unit", () => [1]],
    ["linear", () => [0.1, 0.7, -0.3]],
    ["linear, rounded to single precision", () => [Math.PI, Math.E, Math.SQRT1_2]],
    ["nothing", () => [0]],
  ] as const)("have no vote on the terms of others (%s)", async (name, weights) => {
    const single = name.includes("single");
    const game = await gameFrom(units, ({ indices, size, has }) => {
      const sum = weights().reduce((total, weight, u) => total + (indices.includes(u) ? weight : 0), 0);
      return [
        curved(
          size,
          [1, 2, 3].every((u) => has(u)),
        ),
        single ? Math.fround(sum) : sum,
      ];
    });
    const modes = await shapley(game, { estimator: "leverage", evaluations: 700, seed: 1, onRemark() {} });
    expect(modes.provenance.terms).toEqual(expect.arrayContaining(["size", "triples"]));
    modes.output(0).values.forEach((value, u) => {
      expect(Math.abs(value - exact(u))).toBeLessThan(1e-5);
    });
  });
});
