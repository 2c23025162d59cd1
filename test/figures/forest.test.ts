import { describe, expect, it } from "vitest";
import { forestFigure } from "../../src/figures/forest.js";
import { rankRanges, rankText } from "../../src/figures/kit/rank-ranges.js";
import { fc } from "../helpers/properties.js";
import { anyNames, anySize, anyValue, axis, drawnTexts, expectSound, traces } from "./figure-helpers.js";

const anyContributions = anyNames(1, 40).chain((units) => {
  const lengths = { minLength: units.length, maxLength: units.length };
  return fc.record({
    units: fc.constant(units),
    values: fc.array(anyValue, lengths),
    standardErrors: fc.array(fc.oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.constant(Number.NaN)), lengths),
  });
});

describe("forestFigure", () => {
  it("has the units of largest absolute contribution, sorted, with intervals within the axis", () => {
    fc.assert(
      fc.property(anyContributions, fc.integer({ min: 1, max: 50 }), anySize, (input, top, size) => {
        const figure = forestFigure(input, { top, size, confidence: false });
        expectSound(figure);
        const [{ x, y, error_x }] = traces(figure);
        expect(y).toHaveLength(Math.min(top, input.units.length));
        expect(x).toEqual([...(x as number[])].sort((a, b) => b - a));
        const places = y.map((unit) => input.units.indexOf(unit as string));
        expect(x).toEqual(places.map((place) => input.values[place]));
        expect(error_x?.array).toEqual(places.map((place) => input.standardErrors[place] || 0));
        const [low, high] = axis(figure, "xaxis").range as number[];
        places.forEach((place) => {
          const error = input.standardErrors[place] || 0;
          expect(input.values[place] - error).toBeGreaterThanOrEqual(low);
          expect(input.values[place] + error).toBeLessThanOrEqual(high);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("draws intervals of one's own, and says that they are not corrected", () => {
    const input = {
      units: ["a", "b"],
      values: [1, 0.5],
      standardErrors: [0.1, 0.1],
      low: [-0.2, 0.1],
      high: [1.5, 0.6],
    };
    const figure = forestFigure({ ...input, intervals: "95 % of 200 draws of patients" });
    const [{ marker, error_x }] = traces(figure);
    expect(marker.symbol).toEqual(["square-open", "square"]);
    expect(error_x?.array.map((end) => end.toFixed(2))).toEqual(["0.50", "0.10"]);
    expect(drawnTexts(figure)).toContain("1.00 [−0.20, 1.50]");
    expect(figure.caption).toContain(
      "Intervals: 95 % of 200 draws of patients, each by itself, not corrected for 2 units",
    );
    expect(() => forestFigure({ ...input, high: undefined })).toThrow("invalid high");
    expect(() => forestFigure({ ...input, high: [-1, 1] })).toThrow("invalid high[0]");
  });

  it("draws a unit hollow whose interval holds 0, and has numbers and ranks beside each", () => {
    const figure = forestFigure({ units: ["a", "b", "c"], values: [1, 0.01, -1], standardErrors: [0.1, 0.1, 0.1] });
    expect(traces(figure)[0].marker.symbol).toEqual(["square", "square-open", "square"]);
    expect(drawnTexts(figure)).toEqual(
      expect.arrayContaining([
        "1.00 [0.80, 1.20]",
        "0.01 [−0.19, 0.21]",
        "−1.00 [−1.20, −0.80]",
        "1",
        "2",
        "3",
        "Rank",
      ]),
    );
  });

  it("without standard errors has neither intervals nor ranks", () => {
    const figure = forestFigure({ units: ["a", "b"], values: [2, 1] });
    expect(traces(figure)[0].error_x).toBeUndefined();
    expect(drawnTexts(figure)).not.toContain("Rank");
    expect(figure.caption).toBe("Contribution of each unit to the score.");
  });
});

describe("rankRanges", () => {
  it("hold the true ranks wherever the intervals hold the true values", () => {
    const anyCase = fc.integer({ min: 1, max: 12 }).chain((units) =>
      fc.record({
        truth: fc.array(fc.integer({ min: -20, max: 20 }), { minLength: units, maxLength: units }),
        off: fc.array(fc.integer({ min: -5, max: 5 }), { minLength: units, maxLength: units }),
        more: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: units, maxLength: units }),
      }),
    );
    fc.assert(
      fc.property(anyCase, ({ truth, off, more }) => {
        const ranges = rankRanges(
          truth.map((value, i) => value + off[i]),
          off.map((error, i) => Math.abs(error) + more[i]),
        );
        truth.forEach((value, i) => {
          const above = truth.filter((other) => other > value).length;
          const below = truth.filter((other) => other < value).length;
          expect(ranges[i].best).toBeLessThanOrEqual(1 + above);
          expect(ranges[i].worst).toBeGreaterThanOrEqual(truth.length - below);
        });
      }),
    );
  });

  it("are single ranks where nothing overlaps, and all of them where nothing is known", () => {
    // Equal but for rounding.
    expect(rankRanges([0.1 + 0.2, 0.3, 0.3 - 1e-12], [0, 0, 0]).map(rankText)).toEqual(["1–2", "1–2", "3"]);
    expect(rankRanges([3, 1, 2], [0.1, 0.1, 0.1]).map(rankText)).toEqual(["1", "3", "2"]);
    expect(rankRanges([3, 1], [Number.NaN, 0]).map(rankText)).toEqual(["1–2", "1–2"]);
  });
});
