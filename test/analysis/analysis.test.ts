import { describe, expect, it } from "vitest";
import { distributionOfProcessing, indexOfDistributedComputation } from "../../src/analysis/concentration.js";
import { outputCorrelation, pearson } from "../../src/analysis/correlation.js";
import { summarise } from "../../src/analysis/summary.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { fc } from "../helpers/properties.js";

describe.each([
  ["index of distributed computation", indexOfDistributedComputation],
  ["distribution of processing", distributionOfProcessing],
])("%s", (_, index) => {
  it("is 1 where all units contribute alike, 0 where one does everything or nobody does anything", () => {
    for (const n of [2, 10, 200]) {
      expect(index(new Float64Array(n).fill(0.3))).toBeCloseTo(1, 12);
      expect(index(Float64Array.from({ length: n }, (_, u) => (u === 1 ? 5 : 0)))).toBeCloseTo(0, 6);
      expect(index(new Float64Array(n))).toBe(0);
    }
  });

  it("does not depend on scale or order", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 2 }), (c) => {
        expect(index(c.map((value) => 7 * value))).toBeCloseTo(index(c), 10);
        expect(index([...c].reverse())).toBeCloseTo(index(c), 10);
      }),
    );
  });

  it("refuses no numbers and NaN", () => {
    expect(() => index([])).toThrow(TypeError);
    expect(() => index([1, Number.NaN])).toThrow("expected one finite number per unit");
  });
});

describe("index of distributed computation", () => {
  it("is the entropy of squared shares over ln N", () => {
    const p = [1 / 14, 4 / 14, 9 / 14];
    const entropy = -p.reduce((sum, share) => sum + share * Math.log(share), 0) / Math.log(3);
    expect(indexOfDistributedComputation([1, -2, 3])).toBeCloseTo(entropy, 12);
  });
});

describe("correlation", () => {
  it("is Pearson's r, NaN where nothing varies", () => {
    expect(pearson([1, 2, 3, 4], [2, 4, 6, 9])).toBeCloseTo(11.5 / Math.sqrt(5 * 26.75), 12);
    expect(pearson([1, 2, 3], [3, 2, 1])).toBe(-1);
    expect(pearson([1, 1, 1], [1, 2, 3])).toBeNaN();
    expect(() => pearson([1, 2], [1, 2, 3])).toThrow(RangeError);
  });

  it("of outputs runs over the units", () => {
    const values = Float64Array.of(1, -1, 2, -2, 5, -5);
    const modes = new ShapleyModes({ units: ["a", "b", "c"], outputShape: [2], values });
    const matrix = outputCorrelation(modes);
    expect(matrix[0][0]).toBeCloseTo(1, 12);
    expect(matrix[0][1]).toBeCloseTo(-1, 12);
    expect(matrix[1][0]).toBe(matrix[0][1]);
  });
});

describe("summarise", () => {
  it("tells the two standard deviations apart", () => {
    const summary = summarise([1, 2, 3, 4]);
    expect(summary).toMatchObject({ count: 4, mean: 2.5 });
    expect(summary.populationSd).toBeCloseTo(Math.sqrt(1.25), 12);
    expect(summary.sd).toBeCloseTo(Math.sqrt(5 / 3), 12);
    expect(summarise([3]).sd).toBeNaN();
  });
});
