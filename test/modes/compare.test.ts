import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { additiveGame, interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import { mergeModes } from "../../src/modes/merge.js";
import { kendall, ranks, spearman } from "../../src/modes/rank-correlation.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { fc } from "../helpers/properties.js";

const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, min: -1e3, max: 1e3 }));
const lists = fc
  .integer({ min: 2, max: 30 })
  .chain((length) => fc.tuple(...[0, 1].map(() => fc.array(number, { minLength: length, maxLength: length }))));

/** Kendall's tau-b by its definition, pair by pair. */
function tauByPairs(x: readonly number[], y: readonly number[]): number {
  let [concordant, inX, inY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) {
      const [dx, dy] = [Math.sign(x[i] - x[j]), Math.sign(y[i] - y[j])];
      concordant += dx * dy;
      inX += dx * dx;
      inY += dy * dy;
    }
  }
  return concordant / Math.sqrt(inX * inY);
}

describe("rank correlations", () => {
  it("kendall is tau-b as its definition counts pairs, ties included", () => {
    fc.assert(
      fc.property(lists, ([x, y]) => {
        const expected = tauByPairs(x, y);
        if (Number.isNaN(expected)) expect(kendall(x, y)).toBeNaN();
        else expect(kendall(x, y)).toBeCloseTo(expected, 10);
      }),
    );
  });

  it("ranks share the mean of ties, and spearman is 1 for any increasing function", () => {
    expect([...ranks([3, 1, 3, 2])]).toEqual([3.5, 1, 3.5, 2]);
    expect(spearman([1, 2, 3, 4], [0, 1e-3, 5, 1e6])).toBe(1);
    expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1);
    // A published example (Kendall 1948): d squared adds up to 194 over ten ranks, so rho = 1 - 6 * 194 / 990.
    const iq = [106, 86, 100, 101, 99, 103, 97, 113, 112, 110];
    expect(spearman(iq, [7, 0, 27, 50, 28, 29, 20, 12, 6, 17])).toBeCloseTo(-29 / 165, 12);
  });

  it("are NaN where a list does not vary, and of one number", () => {
    expect(kendall([1, 1], [1, 2])).toBeNaN();
    expect(spearman([1], [2])).toBeNaN();
  });
});

const anyPair = fc
  .record({ units: fc.integer({ min: 1, max: 6 }), outputs: fc.integer({ min: 1, max: 4 }) })
  .chain((size) => {
    const count = size.units * size.outputs;
    const values = fc.array(number, { minLength: count, maxLength: count });
    const errors = fc.array(fc.double({ min: 0, max: 2, noNaN: true }), {
      minLength: size.units,
      maxLength: size.units,
    });
    return fc.tuple(values, errors, values, errors).map(([a, sa, b, sb]) => {
      const modes = (numbers: number[], mean: number[]) =>
        new ShapleyModes({
          units: Array.from({ length: size.units }, (_, u) => `u${u}`),
          outputShape: [size.outputs],
          values: Float64Array.from(numbers),
          meanStandardErrors: Float64Array.from(mean),
        });
      return [modes(a, sa), modes(b, sb)] as const;
    });
  });

describe("modes.compare", () => {
  it("is symmetric: the same numbers, differences of opposite sign", () => {
    fc.assert(
      fc.property(anyPair, ([a, b]) => {
        const [there, back] = [a.compare(b), b.compare(a)];
        for (const name of ["pearson", "spearman", "kendall", "rms", "largest", "unitsThatDiffer"] as const) {
          expect(back[name]).toBe(there[name]);
        }
        there.rows.forEach((row, u) => {
          const mirrored = back.rows[u];
          expect(mirrored.difference).toBe(0 - row.difference);
          expect(Math.abs(mirrored.z)).toBe(Math.abs(row.z));
          expect([mirrored.correlation, mirrored.rms, mirrored.largest]).toEqual([
            row.correlation,
            row.rms,
            row.largest,
          ]);
        });
      }),
    );
  });

  it("finds nothing between a result and itself", () => {
    fc.assert(
      fc.property(anyPair, ([a]) => {
        const same = a.compare(a);
        expect([same.rms, same.largest, same.unitsThatDiffer]).toEqual([0, 0, 0]);
        if (!Number.isNaN(same.pearson)) expect(same.pearson).toBeCloseTo(1, 9);
      }),
    );
  });

  const modesOf = (units: string[], values: number[], errors?: number[]) =>
    new ShapleyModes({
      units,
      outputShape: [],
      values: Float64Array.from(values),
      standardErrors: errors && Float64Array.from(errors),
    });

  it("matches units by name and counts differences in combined standard errors", () => {
    const a = modesOf(["x", "y", "z"], [1, 2, 3], [0.3, 0.3, 0]);
    const b = modesOf(["z", "y", "x"], [3.5, 2, 0], [0, 0.4, 0.4]);
    const { rows, rms, largest, unitsThatDiffer } = a.compare(b);
    expect(rows.map(({ z }) => z)).toEqual([2, 0, Number.NEGATIVE_INFINITY]);
    expect(rms).toBeCloseTo(Math.sqrt(1.25 / 3), 15);
    expect([largest, unitsThatDiffer]).toEqual([1, 1]);
  });

  it("units that are equal but for rounding share their rank", async () => {
    const game = additiveGame([2, 1, 2, 0.3, 1, 0.3, 2].map((x) => x / 7));
    const [exact, pairs] = await Promise.all([
      shapley(game, { estimator: "exact" }),
      shapley(game, { estimator: "leverage", evaluations: 2 ** 7 }),
    ]);
    expect(new Set(exact.values).size).toBeGreaterThan(3); // or there is nothing to round
    const { spearman, kendall } = exact.compare(pairs);
    expect([spearman, kendall]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)]);
    const noise = modesOf(["x", "y", "z"], [1, 1 + 1e-15, 1 - 1e-15]);
    expect(noise.compare(modesOf(["x", "y", "z"], [1, 2, 3])).kendall).toBeNaN();
    expect(noise.compare(modesOf(["x", "y", "z"], [1, 2, 3])).pearson).toBeNaN();
  });

  it("has no correlation of contributions that cancel in the mean over the outputs, and says so", async () => {
    const weights = [0.3, -1.2, 2.5, 0.7, -0.4];
    const game = await gameFrom(5, (S) => {
      const p = 1 / (1 + Math.exp(-S.indices.reduce((sum, u) => sum + weights[u], 0.1)));
      return [p, 1 - p];
    });
    const [a, b] = await Promise.all([1, 2].map((seed) => shapley(game, { orderings: 40, blocks: 10, seed })));
    const exact = await shapley(game, { estimator: "exact" });
    for (const found of [exact.compare(a), a.compare(exact), a.compare(b)]) {
      expect(found.cancelled).toBe(true);
      expect([found.pearson, found.spearman, found.kendall]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      expect(found.unitsThatDiffer).toBe(0);
      expect(found.rms).toBeGreaterThan(1e-4); // of each output
      expect(String(found)).toContain("cancel in the mean over the outputs");
    }
    expect(a.compare(b).intervals().spearman.low).toBeNaN();
    expect(inspect(exact)).toContain("cancel in the mean over the outputs");
    expect(inspect(exact.slice(0))).not.toContain("cancel");
    expect(a.slice(0).compare(b.slice(0)).cancelled).toBe(false);
    expect(a.slice(0).compare(b.slice(0)).pearson).toBeGreaterThan(0.9);
  });

  it("takes names of units that the other result calls something else", () => {
    const a = modesOf(["x", "y", "z"], [1, 2, 3]);
    const b = modesOf(["c", "x", "a"], [3, 1.5, 1]);
    const { rows } = a.compare(b, { names: { x: "a", y: "x", z: "c" } });
    expect(rows.map(({ unit, other }) => [unit, other])).toEqual([
      ["x", 1],
      ["y", 1.5],
      ["z", 3],
    ]);
    expect(() => a.compare(b)).toThrow("or names that say which unit there is which here");
    expect(() => a.compare(b, { names: { w: "a" } })).toThrow("invalid name in names");
    expect(() => a.compare(b, { names: { x: "a", y: "a" } })).toThrow("another unit for each");
  });

  it("prints in a few lines, with the units that differ most, and says where both have one seed", async () => {
    const text = String(modesOf(["x", "y"], [1, 2], [0.1, 0.1]).compare(modesOf(["x", "y"], [1, 3], [0.1, 0.1])));
    expect(text.split("\n")).toEqual([
      "2 units: Pearson 1, Spearman 1, Kendall 1",
      "differences: root mean square 0.707, largest 1",
      "1 of 2 units differ by more than 2 combined standard errors",
      "units that differ most:",
      "  y  2 here, 3 there; -7.07 standard errors",
      "  x  1 here, 1 there; 0 standard errors",
    ]);
    expect(String(modesOf(["x"], [1]).compare(modesOf(["x"], [1])))).toContain("standard errors are not known");
    const play = (seed: number) => shapley(interactionGame(4), { orderings: 8, seed });
    expect((await play(3)).compare(await play(3)).sharedSeed).toBe(true);
    expect((await play(3)).compare(await play(4)).sharedSeed).toBe(false);
    const merged = mergeModes(await play(3), await play(4));
    expect([merged.compare(await play(4)).sharedSeed, merged.compare(await play(5)).sharedSeed]).toEqual([true, false]);
  });

  it("of two seeds differs by more than 2 standard errors about as often as chance has it", async () => {
    const game = interactionGame(40);
    let differing = 0;
    for (let seed = 0; seed < 10; seed++) {
      const [a, b] = await Promise.all([1, 2].map((k) => shapley(game, { orderings: 200, seed: 2 * seed + k })));
      differing += a.compare(b).unitsThatDiffer;
    }
    // 400 units, of which chance lets 18 differ; 5 standard deviations of that count, were units independent, are 21.
    expect(differing).toBeLessThan(40);
    expect(differing).toBeGreaterThan(2);
  });

  it("refuses other units and shapes", () => {
    const a = modesOf(["x", "y"], [1, 2]);
    expect(() => a.compare(modesOf(["x", "z"], [1, 2]))).toThrow("expected the same units, or names");
    expect(() => a.compare(modesOf(["x"], [1]))).toThrow("expected all 2 units; received 1");
    const wide = new ShapleyModes({ units: ["x", "y"], outputShape: [2], values: new Float64Array(4) });
    expect(() => a.compare(wide)).toThrow("expected outputs of shape []; received [2]");
    expect(() => a.compare({} as never)).toThrow(TypeError);
  });
});
