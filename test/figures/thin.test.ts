import type { Data } from "plotly.js";
import { describe, expect, it } from "vitest";
import type { Figure } from "../../src/figures/kit/figure.js";
import { figureJson } from "../../src/figures/kit/figure-json.js";
import { thinned } from "../../src/figures/kit/thin.js";
import { blockMeans, type ThinHeat, thinHeat } from "../../src/figures/kit/thin-heat.js";
import { modesHeatmapFigure } from "../../src/figures/modes-heatmap.js";
import { fc } from "../helpers/properties.js";
import { axis, deepFrozen, numbered, traces } from "./figure-helpers.js";
import { samples } from "./samples.js";

const million = 1_000_000;
/** Numbers from 0 to 1 that look random and are the same in every run. */
const noise = (index: number) => (Math.sin(12.9898 * (index + 1)) * 43758.5453) % 1;
const figureOf = (...data: object[]): Figure => ({ data: data as Data[], layout: {}, caption: "All." });
const large = (parts: object, count = million) =>
  figureOf({ type: "scatter", y: Array.from({ length: count }, (_, index) => noise(index)), ...parts });

describe("thinned", () => {
  it("leaves every figure as it is that can be drawn", () => {
    for (const { draw } of samples) {
      const figure = draw();
      expect(thinned(figure)).toBe(figure);
    }
    const most = large({ mode: "markers" }, 50_000);
    expect(thinned(most)).toBe(most);
  });

  it("a line of a million points keeps at most 20 000 of them, its ends, extremes, spikes and gaps, in order", () => {
    const figure = large({ mode: "lines" });
    const y = traces(figure)[0].y as (number | null)[];
    y[123_456] = 7;
    y[654_321] = -5;
    y[500_000] = null;
    const [{ x, y: kept }] = traces(thinned(figure));
    expect(x.length).toBeLessThanOrEqual(20_000);
    expect(x.length).toBeGreaterThan(9_000);
    for (const place of [0, 123_456, 500_000, 654_321, million - 1]) expect(x).toContain(place);
    const places = x as number[];
    expect(places.every((place, index) => index === 0 || place > places[index - 1])).toBe(true);
    expect(kept.every((value, index) => value === y[places[index]])).toBe(true);
  });

  it("in every stretch of a line the lowest and the highest point stay", () => {
    fc.assert(
      fc.property(fc.nat(1000), (seed) => {
        const figure = large({ mode: "lines" }, 60_000);
        const y = (traces(figure)[0].y as number[]).map((value, index) => value * noise(seed + index));
        const shown = thinned(figureOf({ ...figure.data[0], y }));
        const inside = (places: number[], part: number) =>
          places.filter((place) => place >= part * 240 && place < (part + 1) * 240).map((place) => y[place]);
        const places = traces(shown)[0].x as number[];
        const all = Array.from({ length: 60_000 }, (_, place) => place);
        // 2500 stretches of 24 points: ten of them are 240.
        for (const part of [0, 17, 249]) {
          expect(Math.max(...inside(places, part))).toBe(Math.max(...inside(all, part)));
          expect(Math.min(...inside(places, part))).toBe(Math.min(...inside(all, part)));
        }
      }),
      { numRuns: 5 },
    );
  });

  it("of markers it shows a sample with the outermost ones, the same each time, each with its colour and error bar", () => {
    const y = Array.from({ length: 100_000 }, (_, index) => noise(index));
    const figure = figureOf({
      type: "scattergl",
      mode: "markers",
      x: Float32Array.from(y, (_, index) => noise(index + 5)),
      y,
      error_y: { array: y.map((value) => value / 2) },
      marker: { color: y.map((value) => -value), size: 3 },
      text: y.map(String),
    });
    const [trace] = traces(thinned(figure)) as unknown as {
      x: number[];
      y: number[];
      text: string[];
      error_y: { array: number[] };
      marker: { color: number[]; size: number };
    }[];
    expect(trace.y.length).toBeGreaterThan(19_000);
    expect(trace.y.length).toBeLessThanOrEqual(20_000);
    expect(trace.marker.size).toBe(3);
    const together = trace.y.every(
      (value, index) =>
        trace.text[index] === String(value) &&
        trace.error_y.array[index] === value / 2 &&
        trace.marker.color[index] === -value,
    );
    expect(together).toBe(true);
    const reduce = (values: number[], better: (a: number, b: number) => boolean) =>
      values.reduce((best, value) => (better(value, best) ? value : best));
    for (const better of [(a: number, b: number) => a < b, (a: number, b: number) => a > b]) {
      expect(reduce(trace.y, better)).toBe(reduce(y, better));
    }
    // A sample and no choice: its mean is that of all, to within four standard errors.
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const centre = mean(y);
    const sd = Math.sqrt(mean(y.map((value) => (value - centre) ** 2)));
    expect(Math.abs(mean(trace.y) - centre)).toBeLessThan((4 * sd) / Math.sqrt(trace.y.length));
    const [once, again] = [thinned(figure), thinned(figure)].map((each) => figureJson(each));
    expect(once === again).toBe(true);
  });

  it("many traces share what can be drawn, each by its size", () => {
    const lines = Array.from({ length: 100 }, (_, line) => large({ mode: "lines" }, 1000 * (1 + (line % 2))).data[0]);
    const counts = traces(thinned(figureOf(...lines))).map(({ x }) => x.length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(20_000);
    expect(Math.min(...counts)).toBeGreaterThan(50);
  });

  it("a note below the figure, and its caption, say what was left out", () => {
    const figure = deepFrozen({ ...large({ mode: "lines" }), layout: { width: 600, height: 300, margin: { b: 50 } } });
    const { layout, caption } = thinned(figure);
    expect(caption).toMatch(
      /^All\. Too much for a screen: [\d,]+ of 1,000,000 points are drawn; lines keep their extremes\.$/,
    );
    const [note] = layout.annotations ?? [];
    expect(`All. ${note.text?.replaceAll("<br>", " ")}`).toBe(caption);
    expect((layout.height ?? 0) - 300).toBeCloseTo((layout.margin?.b ?? 0) - 50, 9);
    expect(figure.caption).toBe("All.");
    expect(thinned(thinned(figure))).toEqual(thinned(figure));
  });

  it("a large heatmap becomes means of blocks, with its numbers in their middles", () => {
    const z = Array.from({ length: 1000 }, (_r, r) => Float64Array.from({ length: 700 }, (_c, c) => r + 1000 * c));
    const [heat] = traces(thinned(figureOf({ type: "heatmap", z, x: numbered(701).map(Number) })));
    expect([heat.z.length, heat.z[0].length]).toEqual([500, 350]);
    expect(heat.z[3][5]).toBe((6 + 7) / 2 + (1000 * (10 + 11)) / 2);
    expect(heat.y.slice(0, 2)).toEqual([0.5, 2.5]);
    // 701 edges of 700 columns: every second one.
    expect(heat.x.slice(0, 3)).toEqual([0, 2, 4]);
    expect(heat.x).toHaveLength(351);
  });

  it("the modes of ten thousand units: units are put together by name, and labels stay where they were", () => {
    const units = numbered(10_000, "hidden/");
    const values = Float64Array.from({ length: 100_000 + 10_000 }, (_, index) => noise(index));
    const figure = modesHeatmapFigure([{ title: "", units, outputs: numbered(11), values }]);
    const shown = thinned(figure);
    const [heat] = traces(shown);
    expect([heat.z.length, heat.z[0].length]).toEqual([11, 500]);
    expect(heat.x[1]).toBe("hidden/20 to hidden/39");
    const expected = Array.from({ length: 20 }, (_, unit) => values[(20 + unit) * 11 + 4]);
    expect(heat.z[4][1]).toBeCloseTo(expected.reduce((sum, value) => sum + value) / 20, 12);
    const [before, after] = [figure, shown].map((each) => axis(each, "xaxis"));
    expect(after.ticktext).toEqual(before.ticktext);
    expect(after.range?.[0]).toBeCloseTo(-0.5, 12);
    expect(after.range?.[1]).toBeCloseTo(499.5, 12);
    // Unit 3000 is the first of block 150.
    const label = before.ticktext?.indexOf("3000") ?? -1;
    expect(label).toBeGreaterThan(-1);
    expect(after.tickvals?.[label]).toBeCloseTo(150 - 0.5 + 0.5 / 20, 12);
    expect(shown.caption).toContain("cells are means of 20 by 1 values");
  });

  it("a tick in the middle of a block stands at the block, not at the one that has the place's number for a name", () => {
    // Blocks of three: unit 4 is the middle of block 1, and the last block is the unit called 1 alone.
    const units = [...numbered(1501).filter((name) => name !== "1"), "1"].slice(0, 1501);
    const z = [...Array(40)].map(() => units.map(() => 1));
    const layout = { xaxis: { type: "category", tickvals: [units[4], units[0]], ticktext: ["four", "none"] } };
    const heat = { type: "heatmap", x: units, z } as unknown as Data;
    const found = thinHeat(heat, [heat], layout as never, 501) as ThinHeat;
    expect(found.columns).toBe(3);
    const shown = found.trace as unknown as { x: string[] };
    expect(shown.x.at(-1)).toBe("1");
    const { tickvals = [] } = (found.layout as typeof layout).xaxis;
    expect(tickvals[0]).toBe(shown.x[1]);
    expect(tickvals[1]).toBeCloseTo(0.5 / 3 - 0.5, 12);
  });

  it("a figure that holds something else is left alone, however large", () => {
    const bars = figureOf({ type: "bar", y: numbered(60_000).map(Number) });
    expect(thinned(bars)).toBe(bars);
  });

  it("changes nothing of what it was given", () => {
    const figure = large({ mode: "lines" }, 60_000);
    const before = figureJson(figure);
    thinned(figure);
    expect(figureJson(figure)).toBe(before);
  });
});

describe("blockMeans", () => {
  it("leaves missing values out, and has null where there are no others", () => {
    expect(
      blockMeans(
        [
          [1, Number.NaN, 3, null, null],
          [3, 2, null, 8, null],
        ],
        2,
        2,
      ),
    ).toEqual([[2, 5.5, null]]);
  });
});
