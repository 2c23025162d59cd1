import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { shapley } from "../../src/engine/shapley.js";
import { gloveGame, interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import { kendall, linearCorrelation, spearman } from "../../src/modes/rank-correlation.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { normalQuantile, studentFactor } from "../../src/quantiles.js";

/** Two games of 20 units whose values are correlated, but not alike. */
const one = interactionGame(20, { seed: 1 });
const other = (() => {
  const more = interactionGame(20, { seed: 9 });
  return {
    ...more,
    shapleyValues: one.shapleyValues.map((value, u) => value + 0.7 * more.shapleyValues[u]),
    async evaluate(coalitions: Parameters<typeof one.evaluate>[0]) {
      const [a, b] = [await one.evaluate(coalitions), await more.evaluate(coalitions)];
      return Float64Array.from(a, (value, i) => value + 0.7 * b[i]);
    },
  };
})();

describe("intervals of a comparison", () => {
  it("over orderings hold the correlation of the exact contributions in about 95 % of runs", async () => {
    const truth = {
      pearson: linearCorrelation(one.shapleyValues, other.shapleyValues),
      spearman: spearman(one.shapleyValues, other.shapleyValues),
      kendall: kendall(one.shapleyValues, other.shapleyValues),
    };
    const names = ["pearson", "spearman", "kendall"] as const;
    const held = { pearson: 0, spearman: 0, kendall: 0 };
    const runs = 60;
    for (let seed = 0; seed < runs; seed++) {
      const options = { orderings: 80, blocks: 20 };
      const here = await shapley(one, { ...options, seed });
      const intervals = here
        .compare(await shapley(other, { ...options, seed: 1000 + seed }))
        .intervals({ resamples: 200 });
      expect(intervals.over).toBe("orderings");
      for (const name of names) {
        if (intervals[name].low <= truth[name] && truth[name] <= intervals[name].high) held[name]++;
      }
    }
    // Four standard deviations of 60 runs below 0.92.
    for (const name of names)
      expect(held[name] / runs, name).toBeGreaterThan(0.92 - 4 * Math.sqrt((0.92 * 0.08) / runs));
  });

  it("of ranks are as wide as their steps where draws agree wholly or all but two units, and hold the correlation that they are of", async () => {
    const weights = [...Array.from({ length: 19 }, (_, u) => u + 1), 1]; // two units are alike
    const game = await gameFrom(20, (S) => S.indices.reduce((sum, u) => sum + weights[u], 0) ** 1.2);
    const run = (seed: number) => shapley(game, { estimator: "permutation", orderings: 400, blocks: 40, seed });
    const kinds = new Set<boolean>();
    for (const seed of [0, 1]) {
      const { spearman: rho, kendall: tau } = (await run(seed)).compare(await run(seed + 100)).intervals();
      kinds.add(rho.value === 1);
      expect(rho.low).toBeGreaterThan(0.98);
      expect(tau.low).toBeGreaterThan(0.9);
      for (const { value, low, high } of [rho, tau]) expect([low <= value, high]).toEqual([true, 1]);
      // A step of Spearman's correlation is 12 / (n^3 - n).
      expect(rho.low).toBeLessThan(1 - 2 / (20 ** 3 - 20));
    }
    expect(kinds.size).toBe(2);
  });

  it("over units are a bootstrap, the same for the same seed, and where there are no blocks the default", async () => {
    const [a, b] = [await shapley(one, { orderings: 40 }), await shapley(other, { orderings: 40, seed: 2 })];
    const intervals = a.compare(b).intervals();
    expect(intervals.over).toBe("units");
    expect(a.compare(b).intervals({ seed: 1 })).toEqual(intervals);
    for (const { value, low, high } of [intervals.pearson, intervals.spearman, intervals.kendall]) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
    expect(() => a.compare(b).intervals({ over: "orderings" })).toThrow(
      'invalid over; expected "units" where not both results have blocks',
    );
    expect(() => a.compare(b).intervals({ confidence: 95 })).toThrow("invalid confidence");
  });

  it("over few units hold the correlation of all such units, and have a width where ranks agree wholly", () => {
    const random = randomStream(5);
    const share = () => ((random.next() >>> 0) + 0.5) / 2 ** 32;
    const normal = () => normalQuantile(share());
    const of = (values: number[]) =>
      new ShapleyModes({
        units: values.map((_, u) => String(u)),
        outputShape: [],
        values: Float64Array.from(values),
      });
    const runs = 200;
    for (const [units, rho] of [
      [5, 0.5],
      [6, 0.9],
      [8, 0],
    ]) {
      let held = 0;
      for (let run = 0; run < runs; run++) {
        const a = Array.from({ length: units }, normal);
        const b = a.map((x) => rho * x + Math.sqrt(1 - rho ** 2) * normal());
        const { pearson } = of(a).compare(of(b)).intervals({ resamples: 200 });
        if (pearson.low <= rho && rho <= pearson.high) held++;
      }
      // Four standard deviations below 0.95; the percentiles alone held .82 of five units.
      expect(held / runs, `${units} units`).toBeGreaterThan(0.95 - 4 * Math.sqrt((0.95 * 0.05) / runs));
    }
    const { spearman: rho, kendall: tau } = of([1, 2, 3, 5, 8])
      .compare(of([1, 4, 9, 25, 64]))
      .intervals();
    for (const { value, low, high } of [rho, tau]) expect([value, low < 0.9, high]).toEqual([1, true, 1]);
  });

  it("every unit's difference has Welch's interval", () => {
    const of = (values: number[], errors: number[], orderings: number) =>
      new ShapleyModes({
        units: ["a", "b", "c"],
        outputShape: [],
        values: Float64Array.from(values),
        standardErrors: Float64Array.from(errors),
        provenance: { orderings, standard_error_over: "ordering" },
      });
    const [a, b, c] = of([1, 2, 3], [3, 0, 0], 11).compare(of([0, 0, 3], [4, 1, 0], 21)).rows;
    const degrees = 25 ** 2 / (81 / 10 + 256 / 20);
    expect([a.low, a.high]).toEqual(
      [1 - 5 * studentFactor(0.05, degrees), 1 + 5 * studentFactor(0.05, degrees)].map((x) => expect.closeTo(x, 10)),
    );
    expect(b.high).toBeCloseTo(2 + studentFactor(0.05, 20), 10);
    expect([c.low, c.high]).toEqual([0, 0]);
    const unknown = new ShapleyModes({ units: ["a", "b", "c"], outputShape: [], values: Float64Array.of(1, 2, 3) });
    expect(unknown.compare(unknown).rows[0].low).toBeNaN();
  });

  it("a list that does not vary has no correlation and no interval", async () => {
    const exact = await shapley(gloveGame(2, 2), { estimator: "exact" });
    expect(exact.compare(exact).intervals().spearman.low).toBeNaN();
  });

  it("over two or three units there is none", async () => {
    const of = (values: number[]) =>
      new ShapleyModes({ units: values.map(String), outputShape: [], values: Float64Array.from(values) });
    for (const values of [
      [1, 2],
      [1, 2, 3],
    ]) {
      const { kendall: tau } = of(values).compare(of(values)).intervals();
      expect(tau).toEqual({ value: 1, low: Number.NaN, high: Number.NaN });
    }
    const eight = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(kendall(eight, [...eight].reverse())).toBe(-1);
  });
});
