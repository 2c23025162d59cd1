import { describe, expect, it } from "vitest";
import { type ModeMapsOptions, modeMapsFigure } from "../../src/figures/mode-maps.js";
import { fc } from "../helpers/properties.js";
import { anySize, axis, expectSound, traces } from "./figure-helpers.js";

const rows = { title: "Pitch", length: 2, from: 60, to: 61, ticks: [[60, "C4"]] as [number, string][] };
const columns = { title: "Time (s)", length: 3, from: 0, to: 1 };
const options: ModeMapsOptions = { rows, columns };
const panel = { title: "filter 3", values: [0.5, 0, -0.25, 0.125, 0.25, 0] };

describe("modeMapsFigure", () => {
  it("has every number in its place, to a thousandth of the largest, all panels on one scale centred at 0", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 7 }),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        anySize,
        (height, width, count, scale, size) => {
          const panels = Array.from({ length: count }, (_, p) => ({
            title: `unit ${p}`,
            values: Float64Array.from({ length: height * width }, (_, i) => scale * Math.sin(7 * p + i + 1)),
          }));
          const figure = modeMapsFigure(panels, {
            rows: { title: "y", length: height },
            columns: { title: "x", length: width },
            size,
          });
          expectSound(figure);
          const maps = traces(figure);
          const limit = Math.max(...panels.flatMap(({ values }) => Array.from(values, Math.abs)));
          maps.forEach((map, p) => {
            // Where nothing takes away, the scale begins at 0.
            const signed = panels.some(({ values }) => values.some((value) => value < 0));
            expect([map.zmin, map.zmax]).toEqual([signed ? -limit : 0, limit]);
            const cells = (map.z as number[][]).flat();
            expect(cells).toHaveLength(height * width);
            cells.forEach((cell, i) => {
              expect(Math.abs(cell - panels[p].values[i])).toBeLessThanOrEqual(1e-3 * limit);
            });
          });
          expect(maps.filter((map) => map.showscale !== false)).toHaveLength(1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("what is no mode has a full scale and a bar of its own, for any place and number of panels", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.nat(),
        fc.integer({ min: 1, max: 3 }),
        anySize,
        (count, at, perRow, size) => {
          const panels = Array.from({ length: count }, (_, p) => ({
            title: `unit ${p}`,
            values: [0.5, 0, -0.25, 0.125, 0.25, 0].map((value) => value / (p + 1)),
            ...(p === at % count ? { quantity: "Ink", values: [0, 20, 40, 60, 80, 100] } : {}),
          }));
          const figure = modeMapsFigure(panels, { ...options, range: 0.1, panelsPerRow: perRow, size });
          expectSound(figure);
          traces(figure).forEach((map, p) => {
            const own = p === at % count;
            expect([map.zmin, map.zmax]).toEqual(own ? [0, 100] : [-0.1, 0.1]);
            const first = p === (at % count === 0 ? 1 : 0);
            expect(map.showscale !== false).toBe(own || first);
          });
          if (count > 1) expect(figure.caption).toContain(`one colour scale for all panels but unit ${at % count}.`);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("places cells at their coordinates, half a cell from the edge, the first row above or below", () => {
    const image = modeMapsFigure([panel], options);
    expect(traces(image)[0].x).toEqual([0, 0.5, 1]);
    expect(traces(image)[0].y).toEqual([60, 61]);
    expect(axis(image, "xaxis").range).toEqual([-0.25, 1.25]);
    expect(axis(image, "yaxis").range).toEqual([61.5, 59.5]);
    expect(axis(image, "yaxis").ticktext).toEqual(["C4"]);
    expect(axis(modeMapsFigure([panel], { ...options, firstRow: "bottom" }), "yaxis").range).toEqual([59.5, 61.5]);
    expect(() => modeMapsFigure([panel], { ...options, firstRow: "low" as "top" })).toThrow(
      "expected one of top, bottom",
    );
  });

  it("panels do not overlap, and only the outer ones have labels", () => {
    const figure = modeMapsFigure(
      Array.from({ length: 5 }, () => panel),
      { ...options, panelsPerRow: 2 },
    );
    const boxes = ["", "2", "3", "4", "5"].map((suffix) => ({
      x: axis(figure, `xaxis${suffix}`).domain as number[],
      y: axis(figure, `yaxis${suffix}`).domain as number[],
    }));
    boxes.forEach((a, i) => {
      for (const b of boxes.slice(i + 1)) {
        expect(a.x[1] <= b.x[0] || b.x[1] <= a.x[0] || a.y[0] >= b.y[1] || b.y[0] >= a.y[1]).toBe(true);
      }
    });
    const shown = (name: string) => ["", "2", "3", "4", "5"].map((s) => axis(figure, name + s).showticklabels);
    expect(shown("yaxis")).toEqual([true, false, true, false, true]);
    expect(shown("xaxis")).toEqual([false, false, false, true, true]);
  });

  it("says where colours end before the largest value", () => {
    expect(modeMapsFigure([panel], { ...options, range: 0.25 }).caption).toContain(
      "Colours end at ±0.25; the largest is 0.5.",
    );
    expect(modeMapsFigure([panel], options).caption).not.toContain("Colours end");
  });

  it("refuses what it can not draw", () => {
    const draw = (change: Partial<ModeMapsOptions>, values: readonly number[] = panel.values) =>
      modeMapsFigure([{ ...panel, values }], { ...options, ...change });
    expect(() => modeMapsFigure([], options)).toThrow("invalid panels; expected at least one of the modes");
    expect(() => draw({}, [1, 2])).toThrow("invalid panels[0].values; expected 6 values (2 rows times 3 columns)");
    expect(() => draw({}, [1, 2, Number.NaN, 0, 0, 0])).toThrow("invalid panels[0].values[2]");
    expect(() => draw({ rows: { title: "y", length: 0 } })).toThrow("invalid rows.length");
    expect(() => draw({ columns: { ...columns, to: 0 } })).toThrow("invalid columns.to");
    expect(() => draw({ range: -1 })).toThrow("invalid range");
    expect(() => draw({ panelsPerRow: 0 })).toThrow("invalid panelsPerRow");
  });
});
