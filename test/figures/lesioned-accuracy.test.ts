import { describe, expect, it } from "vitest";
import { regulariserStyles } from "../../src/figures/kit/theme.js";
import { type LesionedAccuracyRow, lesionedAccuracyFigure } from "../../src/figures/lesioned-accuracy.js";
import { regularisers } from "../../src/networks/mlp/regulariser.js";
import { fc } from "../helpers/properties.js";
import {
  anyFraction,
  anyRegulariser,
  anySize,
  axis,
  expectRegulariserStyle,
  expectSound,
  named,
  traces,
} from "./figure-helpers.js";

const row: LesionedAccuracyRow = { regulariser: "l1", trial: 0, intact: 0.96, topLesioned: 0.1, restLesioned: 0.95 };
const anyRow = fc.record({
  regulariser: anyRegulariser,
  trial: fc.nat(9),
  intact: anyFraction,
  topLesioned: anyFraction,
  restLesioned: anyFraction,
});
const conditions = ["intact", "topLesioned", "restLesioned"] as const;

describe("lesionedAccuracyFigure (A1)", () => {
  it("has a marker for every network and condition, near its condition, in its regulariser's style", () => {
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: 1, maxLength: 40 }), anySize, (rows, size) => {
        const figure = lesionedAccuracyFigure(rows, { size });
        expectSound(figure);
        for (const key of regularisers) {
          const own = rows.filter((each) => each.regulariser === key);
          const strips = named(figure, regulariserStyles[key].name);
          expect(strips).toHaveLength(own.length > 0 ? 1 : 0);
          if (own.length === 0) continue;
          expectRegulariserStyle(strips[0], key);
          expect(strips[0].y).toEqual(conditions.flatMap((condition) => own.map((each) => each[condition])));
          expect(strips[0].x.map((x) => Math.abs(Math.round(x as number)))).toEqual(
            conditions.flatMap((_, place) => own.map(() => place)),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it("draws the mean of each strip, over the strip", () => {
    const rows = [row, { ...row, trial: 1, intact: 0.5, topLesioned: 0.3, restLesioned: 0.75 }];
    const [means] = named(lesionedAccuracyFigure(rows), "Mean");
    const drawn = means.y.filter((value): value is number => value !== null);
    [0.73, 0.73, 0.2, 0.2, 0.85, 0.85].forEach((value, place) => {
      expect(drawn[place]).toBeCloseTo(value, 12);
    });
    expect(means.x.slice(0, 2)).toEqual([-0.075, 0.075]);
  });

  it("with one network per regulariser has no mean line that would hide its marker", () => {
    const figure = lesionedAccuracyFigure(regularisers.map((regulariser) => ({ ...row, regulariser })));
    expect(traces(figure).map((trace) => trace.name)).toEqual(["L1", "L2", "None"]);
    expect(figure.caption).not.toContain("means");
  });

  it("ten networks stand side by side within their strip", () => {
    const rows = Array.from({ length: 10 }, (_, trial) => ({ ...row, trial }));
    const { x } = traces(lesionedAccuracyFigure(rows))[0];
    expect(new Set(x).size).toBe(30);
    expect(x.slice(0, 10).every((place) => Math.abs(place as number) < 0.075)).toBe(true);
  });

  it("names how many units are lesioned", () => {
    const figure = lesionedAccuracyFigure([row], { top: 3, width: 20 });
    expect(axis(figure, "xaxis").ticktext).toEqual(["All units intact", "Top 3 of 20 lesioned", "Other 17 lesioned"]);
  });

  it("published means have error bars of one sd, only beside regularisers that are shown", () => {
    const published = regularisers.map((regulariser) => ({
      regulariser,
      intact: { mean: 0.96, sd: 0.01 },
      topLesioned: { mean: 0.11, sd: 0.02 },
      restLesioned: { mean: 0.95, sd: 0.03 },
    }));
    const figure = lesionedAccuracyFigure([row], { published });
    const [marks, ...others] = named(figure, "Published");
    expect(others).toEqual([]);
    expect(marks.y).toEqual([0.96, 0.11, 0.95]);
    expect(marks.error_y?.array).toEqual([0.01, 0.02, 0.03]);
    expect(figure.caption).toContain("published means ±1 standard deviation (population)");
  });

  it("refuses what can not be drawn, naming the row", () => {
    expect(() => lesionedAccuracyFigure([])).toThrow(
      "invalid rows; expected at least one of the networks' accuracies; received []",
    );
    expect(() => lesionedAccuracyFigure([row, { ...row, topLesioned: Number.NaN }])).toThrow(
      "invalid rows[1].topLesioned; expected a finite number; received NaN",
    );
    expect(() => lesionedAccuracyFigure([{ ...row, intact: 96 }])).toThrow(
      "invalid rows[0].intact; expected a number from 0 to 1; received 96",
    );
    expect(() => lesionedAccuracyFigure([{ ...row, regulariser: "l3" as "l1" }])).toThrow(
      'invalid rows[0].regulariser; expected one of l1, l2, none; received "l3"',
    );
    expect(() => lesionedAccuracyFigure([row], { top: 200, width: 200 })).toThrow(
      "invalid top; expected fewer units than the network's 200; received 200",
    );
    expect(() => lesionedAccuracyFigure("rows" as never)).toThrow(TypeError);
  });
});
