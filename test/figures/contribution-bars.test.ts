import { describe, expect, it } from "vitest";
import { contributionBarsFigure } from "../../src/figures/contribution-bars.js";
import { fc } from "../helpers/properties.js";
import { anyNames, anySize, anyValue, axis, expectSound, numbered, traces } from "./figure-helpers.js";

const anyContributions = anyNames(1, 60).chain((units) => {
  const lengths = { minLength: units.length, maxLength: units.length };
  return fc.record({
    units: fc.constant(units),
    values: fc.array(anyValue, lengths),
    standardErrors: fc.array(fc.double({ min: 0, max: 10, noNaN: true }), lengths),
  });
});

describe("contributionBarsFigure", () => {
  it("has the units of largest absolute contribution, sorted, each with its own error bar", () => {
    fc.assert(
      fc.property(anyContributions, fc.integer({ min: 1, max: 70 }), anySize, (input, top, size) => {
        const figure = contributionBarsFigure(input, { top, size });
        expectSound(figure);
        const [{ x, y, error_x }] = traces(figure);
        expect(y).toHaveLength(Math.min(top, input.units.length));
        expect(x).toEqual([...(x as number[])].sort((a, b) => b - a));
        const places = y.map((unit) => input.units.indexOf(unit as string));
        expect(x).toEqual(places.map((place) => input.values[place]));
        expect(error_x?.array).toEqual(places.map((place) => input.standardErrors[place]));
        const leastShown = Math.min(...places.map((place) => Math.abs(input.values[place])));
        const left = input.values.filter((_, place) => !places.includes(place));
        expect(left.every((value) => Math.abs(value) <= leastShown)).toBe(true);
        const [low, high] = axis(figure, "xaxis").range as number[];
        places.forEach((place) => {
          expect(input.values[place] - input.standardErrors[place]).toBeGreaterThanOrEqual(low);
          expect(input.values[place] + input.standardErrors[place]).toBeLessThanOrEqual(high);
        });
      }),
      { numRuns: 100 },
    );
  });

  it("without standard errors has no error bars and does not speak of them", () => {
    const figure = contributionBarsFigure({ units: ["a"], values: [1] });
    expect(traces(figure)[0].error_x).toBeUndefined();
    expect(figure.caption).toBe("Contribution of each unit to the score.");
  });

  it("a standard error that is unknown is no error bar, and does not stretch the axis", () => {
    const known = { units: ["a", "b"], values: [1, 2], standardErrors: [0.5, 0] };
    const [unknown, whole] = [{ ...known, standardErrors: [0.5, Number.NaN] }, known].map((input) =>
      contributionBarsFigure(input),
    );
    expect(unknown.data).toEqual(whole.data);
    expect([axis(unknown, "xaxis"), axis(unknown, "yaxis")]).toEqual([axis(whole, "xaxis"), axis(whole, "yaxis")]);
  });

  it("takes typed arrays, and puts plain ones into the figure", () => {
    const plain = { units: ["a", "b"], values: [1, 2], standardErrors: [0.5, 0.25] };
    const typed = { ...plain, values: Float64Array.of(1, 2), standardErrors: Float32Array.of(0.5, 0.25) };
    expect(contributionBarsFigure(typed)).toEqual(contributionBarsFigure(plain));
  });

  it("of 200 units shows 40 and says so, of 10 all", () => {
    const bars = (count: number) =>
      contributionBarsFigure({ units: numbered(count), values: numbered(count).map(Number) });
    expect(traces(bars(200))[0].y).toEqual(numbered(200).slice(160).reverse());
    expect(bars(200).caption).toContain("Shown are the 40 of 200 units");
    expect(traces(bars(10))[0].y).toHaveLength(10);
    expect(bars(10).caption).not.toContain("Shown are");
  });

  it("labels leave out the path that all units share and are shortened where they are long", () => {
    const labels = (units: string[]) => axis(contributionBarsFigure({ units, values: [2, 1] }), "yaxis").ticktext;
    expect(labels(["layer/a", "layer/b"])).toEqual(["a", "b"]);
    expect(labels(["x<y", `start${"-".repeat(200)}end`])).toEqual(["x&lt;y", expect.stringMatching(/^start.*….*end$/)]);
  });

  it("refuses what can not be drawn", () => {
    const message = (parts: object, options = {}) => {
      return () => contributionBarsFigure({ units: ["a", "b"], values: [1, 2], ...parts }, options);
    };
    expect(message({ units: [] })).toThrow(
      "invalid units; expected at least one of the names of the units; received []",
    );
    expect(message({ units: ["a", "a"] })).toThrow('invalid units; expected each name once; received "a"');
    expect(message({ values: [1] })).toThrow("invalid values; expected 2 values (one per unit); received 1");
    expect(message({ values: [1, Number.NaN] })).toThrow("invalid values[1]; expected a finite number; received NaN");
    expect(message({ standardErrors: [0, -1] })).toThrow(
      "invalid standardErrors[1]; expected a finite number from 0 on; received -1",
    );
    expect(message({}, { top: 0 })).toThrow("invalid top; expected a positive integer; received 0");
  });
});
