import { describe, expect, it } from "vitest";
import { groupedBarsFigure } from "../../src/figures/grouped-bars.js";
import { removalsFigure } from "../../src/figures/removals.js";

const series = (name: string, means: readonly number[], more: object = {}) => ({
  name,
  removed: means.map((_, i) => i),
  means,
  ...more,
});
const drawn = (...given: ReturnType<typeof series>[]) =>
  removalsFigure([{ title: "", score: "accuracy", series: given }]);

describe("removalsFigure", () => {
  it("says where series do not start alike, with the numbers, and nothing where they do", () => {
    expect(drawn(series("high", [0.651, 0.5]), series("low", [0.625, 0.6])).caption).toContain(
      "the series do not start alike: 0.651 (high) and 0.625 (low)",
    );
    expect(drawn(series("high", [0.5, 0.5]), series("low", [0.5, 0.6])).caption).not.toContain("start alike");
  });

  it("has a band where standard deviations are known", () => {
    const { data } = drawn(series("high", [0.5, 0.25], { sds: [0, 0.125] }), series("low", [0.5, 0.5]));
    expect(data).toHaveLength(3);
    expect(data[0]).toMatchObject({ y: [0.5, 0.375, 0.125, 0.5] });
  });

  it("has a band from lower to upper where these are given, which scores with bounds do not leave", () => {
    const { data, layout } = drawn(series("high", [1, 0.25], { lower: [1, 0.125], upper: [1, 0.5] }));
    expect(data[0]).toMatchObject({ y: [1, 0.5, 0.125, 1] });
    const [low, high] = (layout.yaxis as { range: [number, number] }).range;
    expect([low < 0.125, high < 1.05]).toEqual([true, true]);
    const refused = (more: object) => expect(() => drawn(series("a", [1, 2], more)));
    refused({ lower: [0, 1] }).toThrow(/invalid lower and upper of a; expected both, or neither/);
    refused({ lower: [0, 1], upper: [1] }).toThrow(/upper of a/);
    refused({ lower: [0, 1], upper: [1, 2], sds: [0, 1] }).toThrow(/invalid sds of a; expected none beside lower/);
  });

  it("refuses numbers that do not fit together", () => {
    expect(() => removalsFigure([])).toThrow(/invalid panels; expected at least one/);
    expect(() => drawn(series("a", [1, 2]), series("a", [1, 2]))).toThrow(/series of panels\[0\]/);
    expect(() => drawn({ ...series("a", [1, 2]), removed: [1, 1] })).toThrow(
      /invalid removed of a; expected ascending/,
    );
    expect(() => drawn({ ...series("a", [1, 2]), removed: [1] })).toThrow(/means of a/);
    expect(() => drawn(series("a", [1, Number.NaN]))).toThrow(/means of a/);
    expect(() => drawn(series("a", [1, 2], { sds: [0, -1] }))).toThrow(/sds of a/);
  });
});

describe("groupedBarsFigure", () => {
  const panel = (values: readonly number[], more: object = {}) => ({
    title: "",
    places: ["0", "1"],
    series: [{ name: "a", values, ...more }],
  });

  it("draws a bar for each place and series, error bars where they are known", () => {
    const { data } = groupedBarsFigure([panel([1, 2], { errors: [0.5, Number.NaN] })]);
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ type: "bar", x: ["0", "1"], y: [1, 2], error_y: { array: [0.5, 0] } });
  });

  it("has error bars from lower to upper where these are given, which shares do not leave", () => {
    const { data, layout } = groupedBarsFigure([panel([0.75, 1], { lower: [0.5, 0.875], upper: [0.875, 1] })]);
    expect(data[0]).toMatchObject({
      error_y: { symmetric: false, array: [0.125, 0], arrayminus: [0.25, 0.125] },
    });
    expect((layout.yaxis as { range: number[] }).range[1]).toBeLessThan(1.05);
    const unknown = groupedBarsFigure([panel([0.75, 1], { lower: [Number.NaN, 1], upper: [Number.NaN, 1] })]);
    expect(unknown.data[0]).toMatchObject({ error_y: { array: [0, 0], arrayminus: [0, 0] } });
    const refused = (more: object) => expect(() => groupedBarsFigure([panel([0.75, 1], more)]));
    refused({ lower: [0, 1] }).toThrow(/invalid lower and upper of a; expected both, or neither/);
    refused({ lower: [0, 1], upper: [1] }).toThrow(/upper of a/);
    refused({ lower: [0, 1], upper: [0.5, 1] }).toThrow(/invalid upper of a; expected no less than the value 0.75/);
    refused({ lower: [0.8, 1], upper: [1, 1] }).toThrow(/invalid lower of a; expected no more than the value 0.75/);
    refused({ lower: [0, 1], upper: [1, 2], errors: [0, 1] }).toThrow(/invalid errors of a; expected none beside/);
  });

  it("has odd names of places, series and panels in one line, escaped, and cut", () => {
    const odd = `a\n<b>\u202e${"n".repeat(100_000)}`;
    const { data, layout } = groupedBarsFigure([
      { title: odd, places: ["0", odd], series: ["first", odd].map((name) => ({ name, values: [1, 2] })) },
    ]);
    const shown = [
      ...(layout.xaxis as { ticktext: string[] }).ticktext,
      ...data.map(({ name }) => name as string),
      ...(layout.annotations ?? []).map(({ text }) => text as string),
    ];
    const long = shown.filter((text) => text.includes("nnn"));
    expect(long.length).toBeGreaterThanOrEqual(3);
    for (const text of long) {
      expect(text).toMatch(/a &lt;b&gt; n+/);
      expect(text).toContain("…");
      expect(text.length).toBeLessThan(120);
    }
  });

  it("refuses panels that do not fit together", () => {
    expect(() => groupedBarsFigure([])).toThrow(/invalid panels/);
    expect(() => groupedBarsFigure([panel([1])])).toThrow(/values of a/);
    expect(() => groupedBarsFigure([panel([1, Number.POSITIVE_INFINITY])])).toThrow(/values of a/);
    expect(() => groupedBarsFigure([panel([1, 2], { errors: [-1, 0] })])).toThrow(/errors of a/);
    const other = { ...panel([1, 2]), series: [{ name: "b", values: [1, 2] }] };
    expect(() => groupedBarsFigure([panel([1, 2]), other])).toThrow(/invalid series of panels\[1\]; expected a/);
  });
});
