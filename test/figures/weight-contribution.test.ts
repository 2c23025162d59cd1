import { describe, expect, it } from "vitest";
import { regulariserStyles } from "../../src/figures/kit/theme.js";
import { type WeightContributionPanel, weightContributionFigure } from "../../src/figures/weight-contribution.js";
import { regularisers } from "../../src/networks/mlp/regulariser.js";
import { fc } from "../helpers/properties.js";
import {
  anyRegulariser,
  anySize,
  anyValue,
  axis,
  drawnTexts,
  expectRegulariserStyle,
  expectSound,
  steps,
  traces,
} from "./figure-helpers.js";

const anyPoint = fc.record({ regulariser: anyRegulariser, weight: anyValue, contribution: anyValue });
const anyPanel = fc.record({
  width: fc.integer({ min: 1, max: 400 }),
  points: fc.array(anyPoint, { minLength: 1, maxLength: 30 }),
});
const panelOf = (width: number): WeightContributionPanel => ({
  width,
  points: regularisers.flatMap((regulariser, kind) =>
    Array.from({ length: width }, (_, unit) => ({
      regulariser,
      weight: 0.02 + unit / width / 20,
      contribution: ((3 - kind) * Math.cos(unit)) / width,
    })),
  ),
});

describe("weightContributionFigure (A7)", () => {
  it("has a marker for every unit, within its panel's range, in its regulariser's style", () => {
    fc.assert(
      fc.property(
        fc.array(anyPanel, { minLength: 1, maxLength: 12 }),
        fc.constantFrom("free" as const, "shared" as const),
        anySize,
        (panels, axes, size) => {
          const figure = weightContributionFigure(panels, { axes, size });
          expectSound(figure);
          panels.forEach((panel, index) => {
            const suffix = index === 0 ? "" : String(index + 1);
            const clouds = traces(figure).filter((trace) => trace.xaxis === `x${suffix}`);
            const drawn = clouds.reduce((sum, cloud) => sum + cloud.x.length, 0);
            expect(drawn).toBe(panel.points.length);
            const [left, right] = axis(figure, `xaxis${suffix}`).range as number[];
            const [low, high] = axis(figure, `yaxis${suffix}`).range as number[];
            for (const cloud of clouds) {
              const key = regularisers.find((each) => regulariserStyles[each].name === cloud.name) ?? "none";
              expectRegulariserStyle(cloud, key);
              const own = panel.points.filter((point) => point.regulariser === key);
              expect(cloud.x).toEqual(own.map((point) => point.weight));
              expect(cloud.y).toEqual(own.map((point) => point.contribution));
              for (const { weight, contribution } of own) {
                expect(left <= weight && weight <= right && low <= contribution && contribution <= high).toBe(true);
              }
            }
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([4, 9, 40])("%i panels stand in a grid in which none overlaps another", (count) => {
    for (const size of ["talk", "column"] as const) {
      const figure = weightContributionFigure(steps(count, 5).map(panelOf), { size });
      expectSound(figure);
      const boxes = Array.from({ length: count }, (_, index) => {
        const suffix = index === 0 ? "" : String(index + 1);
        return [axis(figure, `xaxis${suffix}`).domain, axis(figure, `yaxis${suffix}`).domain] as number[][];
      });
      boxes.forEach(([x, y], first) => {
        for (const [otherX, otherY] of boxes.slice(first + 1)) {
          const apart = x[1] < otherX[0] || otherX[1] < x[0] || y[1] < otherY[0] || otherY[1] < y[0];
          expect(apart).toBe(true);
        }
      });
      expect(drawnTexts(figure)).toEqual(expect.arrayContaining(steps(count, 5).map((n) => `<i>n</i> = ${n}`)));
    }
  });

  it("every regulariser is in the legend once, also one that the first panel lacks", () => {
    const [l1, ...rest] = [5, 10].map(panelOf);
    const first = { ...l1, points: l1.points.filter((point) => point.regulariser === "l1") };
    const entries = traces(weightContributionFigure([first, ...rest])).filter((trace) => trace.showlegend !== false);
    expect(entries.map((trace) => trace.name)).toEqual(["L1", "L2", "None"]);
    // Plotly leaves a trace without points out of the legend.
    expect(entries.every((trace) => trace.x.length > 0)).toBe(true);
  });

  it("shared axes are the same in all panels, free ones follow the panel's units", () => {
    const ranges = (axes: "free" | "shared") => {
      const figure = weightContributionFigure([5, 10].map(panelOf), { axes });
      return ["yaxis", "yaxis2"].map((name) => axis(figure, name).range);
    };
    const [first, second] = ranges("shared");
    expect(second).toEqual(first);
    const [own, other] = ranges("free");
    expect(other).not.toEqual(own);
  });

  it("refuses what can not be drawn, naming the panel and the unit", () => {
    const point = { regulariser: "l1" as const, weight: 0.1, contribution: 0.1 };
    const message = (panel: object) => () => weightContributionFigure([{ width: 5, points: [point], ...panel }]);
    expect(() => weightContributionFigure([])).toThrow(
      "invalid panels; expected at least one of the widths; received []",
    );
    expect(message({ points: [] })).toThrow(
      "invalid panels[0].points; expected at least one of the units; received []",
    );
    expect(message({ points: [point, { ...point, weight: Number.NaN }] })).toThrow(
      "invalid panels[0].points[1].weight; expected a finite number; received NaN",
    );
    expect(message({ width: 2.5 })).toThrow("invalid panels[0].width; expected a positive integer; received 2.5");
    expect(() => weightContributionFigure([panelOf(5)], { axes: "log" as "free" })).toThrow(
      'invalid axes; expected one of free, shared; received "log"',
    );
  });
});
