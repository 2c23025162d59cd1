import { describe, expect, it } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { contributionBarsFigure } from "../../src/figures/contribution-bars.js";
import { forestFigure } from "../../src/figures/forest.js";
import { errorLength } from "../../src/figures/kit/intervals.js";
import { waterfallFigure } from "../../src/figures/waterfall.js";
import { gameFrom } from "../../src/games/from-function.js";
import { normalQuantile } from "../../src/quantiles.js";
import { fc } from "../helpers/properties.js";
import { axis, traces } from "./figure-helpers.js";

/** The standard normal distribution, by Simpson's rule from 0. */
function normalShare(x: number): number {
  const steps = 2000;
  const h = x / steps;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += density(i * h) * (i % 2 === 1 ? 4 : 2);
  return 0.5 + (sum * h) / 3;
}

describe("normalQuantile", () => {
  it("is the inverse of the normal distribution to seven digits, and odd", () => {
    fc.assert(
      fc.property(fc.double({ min: -4.5, max: 4.5, noNaN: true }), (x) => {
        // What an error of the share comes to in x grows as the density falls.
        const allowed = 3e-7 * Math.max(1, Math.abs(x)) + 1e-12 * Math.exp((x * x) / 2);
        expect(Math.abs(normalQuantile(normalShare(x)) - x)).toBeLessThan(allowed);
      }),
    );
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 6);
    expect(normalQuantile(0.995)).toBeCloseTo(2.575829, 6);
    expect(normalQuantile(1 - 1e-9)).toBeCloseTo(5.997807, 5);
    expect(normalQuantile(0.1)).toBe(-normalQuantile(0.9));
  });
});

describe("confidence", () => {
  it("makes error bars as long as the level asks for, and the axis with them", () => {
    const input = { units: ["a", "b"], values: [1, -2], standardErrors: [0.5, 1] };
    for (const [confidence, factor, words] of [
      [undefined, 1, "±1 standard error"],
      [false, 1, "±1 standard error"],
      [true, 1.959964, "95 % confidence interval"],
      [0.99, 2.575829, "99 % confidence interval"],
      [0.683, 1.000642, "68.3 % confidence interval"],
    ] as const) {
      const figure = contributionBarsFigure(input, confidence === undefined ? {} : { confidence });
      expect(figure.caption).toContain(`Error bars: ${words} of the estimate.`);
      const [low, high] = traces(figure)[0].error_x?.array ?? [];
      expect([low / 0.5, high]).toEqual([expect.closeTo(factor, 5), expect.closeTo(factor, 5)]);
      expect(axis(figure, "xaxis").range?.[0]).toBeLessThan(-2 - high);
    }
  });

  it("has a word on units whose samples were all alike, beside others, where they are shown", () => {
    const input = { units: ["a", "b", "c"], values: [1, -2, 0.1], standardErrors: [0.5, 1, 0] };
    const note = "Units without one were the same in all samples, which is no certainty where samples are few.";
    for (const draw of [contributionBarsFigure, forestFigure, waterfallFigure]) {
      expect(draw(input).caption).toContain(note);
      for (const third of [Number.NaN, 0.25]) {
        expect(draw({ ...input, standardErrors: [0.5, 1, third] }).caption).not.toContain(note);
      }
      expect(draw({ ...input, standardErrors: [0, 0, 0] }).caption).not.toContain(note);
    }
    for (const draw of [contributionBarsFigure, forestFigure, waterfallFigure]) {
      const { caption } = draw({ ...input, standardErrors: [Number.NaN, Number.NaN, Number.NaN] });
      expect(caption).toContain("Standard errors are not known.");
      expect(caption).not.toContain("interval of the estimate");
    }
    expect(contributionBarsFigure(input, { top: 2 }).caption).not.toContain(note);
  });

  it("refuses what is no level", () => {
    for (const bad of [0, 1, 95, -1, Number.NaN]) expect(() => errorLength(bad)).toThrow(RangeError);
    expect(() => errorLength("95 %" as never)).toThrow("invalid confidence; expected true, false or a level");
  });
});

it("are Student's of the degrees of freedom of the modes that are drawn", async () => {
  const game = await gameFrom(4, (S) => S.size ** 2 + (S.has(1) && S.has(2) ? 3 : 0));
  const modes = await shapley(game, { estimator: "permutation", orderings: 4 });
  const contributions = modes.meanOverOutputs();
  expect(contributions.degreesOfFreedom).toBe(3);
  const [low] = [modes.toColumns().ci95_low as number[]];
  for (const figure of [forestFigure(contributions), contributionBarsFigure(contributions, { confidence: true })]) {
    const {
      x,
      y,
      error_x: bars,
    } = figure.data[0] as unknown as { x: number[]; y: string[]; error_x: { array: number[] } };
    y.forEach((unit, row) => expect(x[row] - bars.array[row]).toBeCloseTo(low[Number(unit)], 10));
  }
});
