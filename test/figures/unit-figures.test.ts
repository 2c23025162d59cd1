import { describe, expect, it } from "vitest";
import { beeswarmFigure } from "../../src/figures/beeswarm.js";
import { textWidth } from "../../src/figures/kit/text.js";
import { modeLinesFigure } from "../../src/figures/mode-lines.js";
import { modeMapsFigure } from "../../src/figures/mode-maps.js";
import { modesHeatmapFigure } from "../../src/figures/modes-heatmap.js";
import { pruningCurveFigure } from "../../src/figures/pruning-curve.js";
import { reflow } from "../../src/figures/render/reflow.js";
import { tokenHeatmapFigure } from "../../src/figures/token-heatmap.js";
import { waterfallFigure } from "../../src/figures/waterfall.js";
import { fc } from "../helpers/properties.js";
import { anyNames, anySize, anyValue, axis, expectSound, traces } from "./figure-helpers.js";

const anyError = fc.double({ min: 0, max: 10, noNaN: true });

describe("pruningCurveFigure", () => {
  const scores = [0, 0.5, 1];

  it("draws each ranking from no unit to all, with its band and the loss, all within the axes", () => {
    const anyScores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        anyNames(1, 9),
        anyScores,
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        anySize,
        (names, values, loss, size) => {
          const curves = names.map((name) => ({
            name,
            scores: values,
            lowest: values.map((value) => value - 0.25),
            highest: values.map((value) => value + 0.125),
          }));
          const figure = pruningCurveFigure({ curves }, { loss, size });
          expectSound(figure);
          expect(traces(figure)).toHaveLength(2 * names.length);
          const [low, high] = axis(figure, "yaxis").range as number[];
          expect(axis(figure, "xaxis").range).toEqual([0, 3]);
          for (const { y } of traces(figure)) {
            expect(Math.min(...(y as number[]))).toBeGreaterThanOrEqual(low);
            expect(Math.max(...(y as number[]))).toBeLessThanOrEqual(high);
          }
          expect(values[3] - loss).toBeGreaterThanOrEqual(low);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("refuses curves that do not fit each other, and scores outside of their band", () => {
    const refused = (curves: unknown[], options = {}) => expect(() => pruningCurveFigure({ curves } as never, options));
    refused([]).toThrow("invalid curves");
    refused([
      { name: "a", scores },
      { name: "a", scores },
    ]).toThrow("each name once");
    refused([
      { name: "a", scores },
      { name: "b", scores: [0, 1] },
    ]).toThrow("invalid curves[1].scores");
    refused([{ name: "a", scores: [1] }]).toThrow("invalid curves[0].scores");
    refused([{ name: "a", scores: [0, Number.NaN, 1] }]).toThrow("invalid curves[0].scores");
    refused([{ name: "a", scores, lowest: [0, 0.75, 1], highest: [1, 1, 1] }]).toThrow("its band");
    refused([{ name: "a", scores }], { loss: -1 }).toThrow("invalid loss");
    refused(Array.from({ length: 11 }, (_, i) => ({ name: String(i), scores }))).toThrow("at most 10");
  });
});

describe("modeLinesFigure", () => {
  const anyLines = fc.integer({ min: 1, max: 20 }).chain((length) =>
    anyNames(1, 12).chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc.record({
            name: fc.constant(name),
            values: fc.array(anyValue, { minLength: length, maxLength: length }),
            standardErrors: fc.option(fc.array(anyError, { minLength: length, maxLength: length }), { nil: undefined }),
          }),
        ),
      ),
    ),
  );

  it("draws the lines that go furthest, each within its band and the axes", () => {
    fc.assert(
      fc.property(anyLines, fc.integer({ min: 1, max: 10 }), anySize, (lines, top, size) => {
        const figure = modeLinesFigure(lines, {
          axis: { title: "Time (s)", from: 2, to: 5 },
          top,
          size,
          confidence: true,
        });
        expectSound(figure);
        const bands = traces(figure).filter(({ fill }) => fill === "toself");
        const drawn = traces(figure).slice(bands.length);
        expect(drawn).toHaveLength(Math.min(top, lines.length));
        const furthest = (values: readonly unknown[]) => Math.max(...values.map((value) => Math.abs(value as number)));
        const least = Math.min(...drawn.map(({ y }) => furthest(y)));
        const isShown = ({ values }: (typeof lines)[number]) =>
          drawn.some(({ y }) => values.every((value, i) => value === y[i]));
        for (const line of lines) if (!isShown(line)) expect(furthest(line.values)).toBeLessThanOrEqual(least);
        const [low, high] = axis(figure, "yaxis").range as number[];
        for (const { y } of [...bands, ...drawn]) {
          expect(Math.min(...(y as number[]))).toBeGreaterThanOrEqual(low);
          expect(Math.max(...(y as number[]))).toBeLessThanOrEqual(high);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("has a band of so many standard errors round each value", () => {
    const line = { name: "a", values: [1, 2], standardErrors: [0.5, Number.NaN] };
    const [{ x, y }] = traces(modeLinesFigure([line], { axis: { title: "t", places: [3, 7] } }));
    expect(x).toEqual([3, 7, 7, 3]);
    expect(y).toEqual([1.5, 2, 2, 0.5]);
  });

  it.each([
    [{ axis: { title: "t", places: [1, 1] } }, "invalid axis.places[1]; expected ascending places"],
    [{ axis: { title: "t", places: [1] } }, "invalid axis.places"],
    [{ axis: { title: "t", from: 1, to: 1 } }, "invalid axis.to"],
    [{ axis: { title: "t", places: [1, 2], to: 3 } }, "not both"],
    [{}, "invalid axis"],
    [{ axis: { title: "t" }, top: 11 }, "at most 10"],
  ])("refuses %j", (options, message) => {
    expect(() => modeLinesFigure([{ name: "a", values: [1, 2] }], options as never)).toThrow(message);
  });

  it("refuses lines of other lengths, and errors that are none", () => {
    const options = { axis: { title: "t" } };
    const a = { name: "a", values: [1, 2] };
    expect(() => modeLinesFigure([], options)).toThrow("invalid lines");
    expect(() => modeLinesFigure([a, a], options)).toThrow("each name once");
    expect(() => modeLinesFigure([a, { name: "b", values: [1] }], options)).toThrow("invalid lines[1].values");
    expect(() => modeLinesFigure([{ ...a, standardErrors: [0, -1] }], options)).toThrow(
      "invalid lines[0].standardErrors[1]",
    );
  });
});

describe("waterfallFigure", () => {
  const anyContributions = anyNames(1, 30).chain((units) => {
    const lengths = { minLength: units.length, maxLength: units.length };
    return fc.record({
      units: fc.constant(units),
      values: fc.array(anyValue, lengths),
      standardErrors: fc.array(anyError, lengths),
    });
  });

  it("goes from v(none) to v(all): each bar begins where the one before ended, and nothing is left out", () => {
    fc.assert(
      fc.property(anyContributions, anyValue, fc.integer({ min: 1, max: 12 }), anySize, (input, from, top, size) => {
        const figure = waterfallFigure(input, { from, top, size });
        expectSound(figure);
        const bars = traces(figure).find(({ type }) => type === "bar") as unknown as { base: number[]; x: number[] };
        expect(bars.base[0]).toBe(from);
        bars.base.forEach((base, i) => {
          if (i > 0) expect(base).toBe(bars.base[i - 1] + bars.x[i - 1]);
        });
        const end = (bars.base.at(-1) as number) + (bars.x.at(-1) as number);
        const scale = input.values.reduce((sum, value) => sum + Math.abs(value), Math.abs(from));
        expect(Math.abs(end - input.values.reduce((sum, value) => sum + value, from))).toBeLessThanOrEqual(
          1e-13 * scale,
        );
        const own = input.units.length <= top + 1 ? input.units.length : top;
        expect(bars.x).toHaveLength(own === input.units.length ? own : own + 1);
        const sizes = bars.x.slice(0, own).map(Math.abs);
        expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
      }),
      { numRuns: 60 },
    );
  });

  it("adds up the errors of the units that share a step", () => {
    const input = { units: ["a", "b", "c", "d"], values: [5, 3, 0.5, -1], standardErrors: [1, 1, 0.25, 0.5] };
    const bars = traces(waterfallFigure(input, { top: 2 })).find(({ type }) => type === "bar");
    expect(bars?.x).toEqual([5, 3, -0.5]);
    expect(bars?.error_x?.array).toEqual([1, 1, 0.75]);
  });

  it("refuses what is no number", () => {
    expect(() => waterfallFigure({ units: ["a"], values: [Number.NaN] })).toThrow("invalid values[0]");
    expect(() => waterfallFigure({ units: ["a"], values: [1] }, { from: Number.NaN })).toThrow("invalid from");
  });
});

describe("beeswarmFigure", () => {
  const anySwarm = fc.tuple(anyNames(1, 6), fc.integer({ min: 1, max: 40 })).chain(([units, inputs]) => {
    const lengths = { minLength: units.length * inputs, maxLength: units.length * inputs };
    return fc.record({
      units: fc.constant(units),
      values: fc.array(anyValue, lengths),
      levels: fc.option(fc.array(anyValue, lengths), { nil: undefined }),
    });
  });

  it("has a point for each input and shown unit, at its value, within its row", () => {
    fc.assert(
      fc.property(anySwarm, fc.integer({ min: 1, max: 5 }), anySize, ({ levels, ...input }, top, size) => {
        const figure = beeswarmFigure({ ...input, ...(levels && { levels }) }, { top, size });
        expectSound(figure);
        const [{ x, y, marker }] = traces(figure);
        const inputs = input.values.length / input.units.length;
        const rows = Math.min(top, input.units.length);
        expect([x.length, y.length]).toEqual([rows * inputs, rows * inputs]);
        for (let row = 0; row < rows; row++) {
          const own = x.slice(row * inputs, (row + 1) * inputs);
          const u = input.units.findIndex((_, each) =>
            own.every((value, i) => value === input.values[each * inputs + i]),
          );
          expect(u).toBeGreaterThanOrEqual(0);
          for (let i = 0; i < inputs; i++)
            expect(Math.abs((y[row * inputs + i] as number) - row)).toBeLessThanOrEqual(0.4 + 1e-6);
        }
        if (!levels) return;
        for (const level of marker.color as unknown as number[]) expect(level >= 0 && level <= 1).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("puts points of equal value beside each other, none on another", () => {
    const [{ y }] = traces(beeswarmFigure({ units: ["a"], values: Array(9).fill(0.25) }));
    expect(new Set(y).size).toBe(9);
    expect((y as number[]).reduce((sum, place) => sum + place, 0)).toBeCloseTo(0, 6);
  });

  it("refuses values that are not units times inputs", () => {
    expect(() => beeswarmFigure({ units: ["a", "b"], values: [1, 2, 3] })).toThrow("[units, inputs]");
    expect(() => beeswarmFigure({ units: ["a"], values: [] })).toThrow("invalid values");
    expect(() => beeswarmFigure({ units: ["a"], values: [1], levels: [1, 2] })).toThrow("invalid levels");
  });
});

describe("tokenHeatmapFigure", () => {
  const tokensOf = (layout: unknown) =>
    ((layout as { annotations: { name?: string }[] }).annotations.filter(({ name }) => name === "token") ??
      []) as unknown as {
      text: string;
      width: number;
      height: number;
      xshift: number;
      yshift: number;
      bgcolor: string;
    }[];
  const anyText = fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 12 }), anyValue), {
    minLength: 1,
    maxLength: 60,
  });

  it.each([330, 390, 880, 1100])("has its tokens side by side within a page of %i pixels, none on another", (width) => {
    fc.assert(
      fc.property(anyText, anySize, (text, size) => {
        const figure = tokenHeatmapFigure(
          { tokens: text.map(([token]) => token), values: text.map(([, value]) => value) },
          { size },
        );
        expectSound(figure);
        const layout = reflow(figure, width, textWidth);
        const tokens = tokensOf(layout);
        const { l = 0, r = 0, t = 0, b = 0 } = layout.margin ?? {};
        const room = width - l - r;
        tokens.forEach((token, i) => {
          if (token.width <= room) expect(token.xshift + token.width).toBeLessThanOrEqual(room);
          const before = tokens[i - 1];
          if (before?.yshift === token.yshift)
            expect(token.xshift).toBeGreaterThanOrEqual(before.xshift + before.width);
          else if (before) expect([token.xshift, before.yshift - token.yshift >= token.height]).toEqual([0, true]);
        });
        const last = tokens[tokens.length - 1];
        expect((layout.height ?? 0) - t - b).toBeGreaterThanOrEqual(last.height - last.yshift - 1);
      }),
      { numRuns: 30 },
    );
  });

  it("joins the parts of a word, and leaves the marks of tokenisers out", () => {
    const texts = (tokens: string[]) => tokensOf(tokenHeatmapFigure({ tokens, values: tokens.map(() => 1) }).layout);
    const gpt = texts(["ĠThe", "Ġun", "watch", "able", "Ċ"]);
    expect(gpt.map(({ text }) => text)).toEqual(["The", "un", "watch", "able", "⏎"]);
    const gaps = gpt.slice(1).map(({ xshift }, i) => xshift - gpt[i].xshift - gpt[i].width);
    expect(gaps.map((gap) => gap > 1)).toEqual([true, false, false, true]);
    expect(texts(["play", "##ing", " "]).map(({ text }) => text)).toEqual(["play", "ing", "␣"]);
    expect(texts(["<a>"])[0].text).toBe("&lt;a&gt;");
  });

  it("colours red what adds and blue what takes away, the middle for 0", () => {
    const [adds, takes, nothing] = tokensOf(tokenHeatmapFigure({ tokens: ["a", "b", "c"], values: [1, -1, 0] }).layout);
    expect([adds.bgcolor, takes.bgcolor, nothing.bgcolor]).toEqual([
      "rgb(103,0,31)",
      "rgb(5,48,97)",
      "rgb(247,247,247)",
    ]);
  });

  it("refuses no tokens, and values that are not one for each", () => {
    expect(() => tokenHeatmapFigure({ tokens: [], values: [] })).toThrow("invalid tokens");
    expect(() => tokenHeatmapFigure({ tokens: ["a"], values: [1, 2] })).toThrow("invalid values");
  });
});

describe('scale: "own"', () => {
  it("gives each map the full scale of its own values, and a bar", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyValue, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
        anySize,
        (maps, size) => {
          const panels = maps.map((values, i) => ({ title: `p${i}`, values }));
          const square = { rows: { title: "y", length: 2 }, columns: { title: "x", length: 2 } };
          const figure = modeMapsFigure(panels, { ...square, scale: "own", size });
          expectSound(figure);
          traces(figure).forEach(({ zmax, colorbar }, i) => {
            expect(zmax).toBe(maps[i].reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1);
            expect(colorbar).toBeDefined();
          });
        },
      ),
      { numRuns: 40, examples: [[[[0, 0, 0, -5e-324]], "talk"]] },
    );
    const one = { rows: { title: "y", length: 1 }, columns: { title: "x", length: 1 } };
    expect(() => modeMapsFigure([{ title: "", values: [1] }], { ...one, scale: "each" as never })).toThrow(
      "invalid scale",
    );
  });

  it("does so for the heatmaps of networks", () => {
    const panel = (title: string, values: number[]) => ({
      title,
      units: ["a", "b"],
      outputs: ["0"],
      values: Float64Array.from(values),
    });
    const figure = modesHeatmapFigure([panel("one", [1, -4]), panel("two", [0.01, 0])], { scale: "own" });
    expectSound(figure);
    expect(traces(figure).map(({ zmax, colorbar }) => [zmax, colorbar !== undefined])).toEqual([
      [4, true],
      [0.01, true],
    ]);
    expect(figure.caption).toContain("each panel has a colour scale of its own");
    const robust = modesHeatmapFigure([panel("one", [1, -4])], { scale: "own", range: 2 });
    expect(robust.caption).toContain("one: Colours end at ±2; the largest is 4.");
  });
});
