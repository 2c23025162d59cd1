import type { LayoutAxis } from "plotly.js";
import { describe, expect, it } from "vitest";
import { contributionBarsFigure } from "../../src/figures/contribution-bars.js";
import { featureSharesFigure } from "../../src/figures/feature-shares.js";
import { forestFigure } from "../../src/figures/forest.js";
import { groupedBarsFigure } from "../../src/figures/grouped-bars.js";
import { interactionMatrixFigure } from "../../src/figures/interaction-matrix.js";
import type { Figure } from "../../src/figures/kit/figure.js";
import { fittingTicks, spacedIndices } from "../../src/figures/kit/ticks.js";
import { modeHeatmapFigure } from "../../src/figures/modes-heatmap.js";
import { outputCorrelationFigure } from "../../src/figures/output-correlation.js";
import { fc } from "../helpers/properties.js";
import { samples } from "./samples.js";

describe("ticks of categories", () => {
  const names = ["3", "0", "2", "1"];
  const square = names.map((_, a) => names.map((_, b) => (a === b ? 1 : (a + b) / 10)));
  const one = { units: names, values: [4, 3, 2, 1] };
  /**
   * What stands at each category of each axis, by what Plotly places a tick at: a category of that name before all
   * else.
   */
  const shown = ({ data, layout }: Figure) =>
    Object.entries(layout).flatMap(([name, part]) => {
      const axis = part as Partial<LayoutAxis>;
      if (!/^[xy]axis/.test(name) || axis.type !== "category" || !axis.tickvals) return [];
      const own = data.filter((trace) => {
        const { xaxis = "x", yaxis = "y" } = trace as { xaxis?: string; yaxis?: string };
        return (name[0] === "x" ? xaxis : yaxis).replace(/^([xy])/, "$1axis") === name;
      });
      const categories = own.flatMap((trace) => Array.from((trace as { x: string[]; y: string[] })[name[0] as "x"]));
      return axis.tickvals.map((value, tick) => [categories.includes(value), value, axis.ticktext?.[tick]] as const);
    });
  const figures: [string, Figure][] = [
    ["interactionMatrixFigure", interactionMatrixFigure({ units: names, values: square })],
    ["contributionBarsFigure", contributionBarsFigure(one)],
    ["forestFigure", forestFigure({ ...one, standardErrors: [1, 1, 1, 1] })],
    [
      "modeHeatmapFigure",
      modeHeatmapFigure({ units: names, outputs: ["1", "0"], values: new Float64Array(8).fill(1) }),
    ],
    ["outputCorrelationFigure", outputCorrelationFigure([{ title: "", correlation: square, labels: names }])],
    ["featureSharesFigure", featureSharesFigure({ groups: names, features: names, values: square })],
    [
      "groupedBarsFigure",
      groupedBarsFigure([{ title: "", places: names, series: [{ name: "a", values: [1, 2, 3, 4] }] }]),
    ],
  ];

  it.each(figures)("of numbers as names are at the categories of these names (%s)", (_, figure) => {
    const ticks = shown(figure);
    expect(ticks.length).toBeGreaterThan(1);
    for (const [known, value, text] of ticks) expect([known, text]).toEqual([true, value]);
  });

  it("are not all that a number could misplace: lines and boxes are not at numbers of such an axis, texts not at names, points at names of no other axis", () => {
    for (const { name, draw } of samples) {
      const { data, layout } = draw();
      const typeOf = (id: unknown) => layout[String(id).replace(/^([xy])/, "$1axis") as "xaxis"]?.type;
      for (const letter of ["x", "y"] as const) {
        for (const shape of layout.shapes ?? []) {
          const isCategory = typeOf(shape[`${letter}ref`] ?? letter) === "category";
          if (isCategory)
            expect([typeof shape[`${letter}0`], typeof shape[`${letter}1`]], name).not.toContain("number");
        }
        // Plotly takes a text's number for a place on such an axis, and a name that is a whole number too.
        for (const text of layout.annotations ?? []) {
          if (typeOf(text[`${letter}ref`] ?? letter) === "category") expect(typeof text[letter], name).toBe("number");
        }
        for (const trace of data as unknown as Record<string, unknown>[]) {
          const places = trace[letter];
          const named = Array.isArray(places) && places.some((place) => typeof place === "string");
          if (named) expect(typeOf(trace[`${letter}axis`] ?? letter), `${name}: ${places}`).toBe("category");
        }
      }
    }
  });

  it("of every figure are at categories that it has", () => {
    for (const { name, draw } of samples) {
      for (const [known, value] of shown(draw())) {
        expect(known || !Number.isInteger(value), `${name}: ${value}`).toBe(true);
      }
    }
  });
});

describe("fittingTicks", () => {
  it("keeps positions of its own that are at least the room apart, the last always among them", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 200 }),
        (numbers, room) => {
          const positions = numbers.sort((a, b) => a - b);
          const ticks = fittingTicks(positions, room);
          expect(ticks.at(-1)).toBe(positions.at(-1));
          expect(ticks.every((tick) => positions.includes(tick))).toBe(true);
          for (let index = 1; index < ticks.length; index++) {
            expect(ticks[index] - ticks[index - 1]).toBeGreaterThanOrEqual(room);
          }
        },
      ),
    );
  });
});

describe("spacedIndices", () => {
  it("are no more than fit, equally spaced from the first on", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: -5, max: 200 }), (count, atMost) => {
        const indices = spacedIndices(count, atMost);
        expect(indices.length).toBeLessThanOrEqual(Math.max(1, atMost));
        const step = indices[1] ?? count;
        expect(indices).toEqual(Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step));
      }),
    );
    expect(spacedIndices(10, 10)).toHaveLength(10);
    expect(spacedIndices(200, 25)).toEqual([
      0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190,
    ]);
  });
});
