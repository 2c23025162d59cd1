import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contributionBarsFigure } from "../../src/figures/contribution-bars.js";
import { digitIndexFigure } from "../../src/figures/digit-index.js";
import { distributedComputationFigure } from "../../src/figures/distributed-computation.js";
import type { Figure } from "../../src/figures/figure.js";
import { figureJson } from "../../src/figures/figure-json.js";
import { lesionedAccuracyFigure } from "../../src/figures/lesioned-accuracy.js";
import { modeHeatmapFigure, modesHeatmapFigure } from "../../src/figures/modes-heatmap.js";
import { outputCorrelationFigure } from "../../src/figures/output-correlation.js";
import { weightContributionFigure } from "../../src/figures/weight-contribution.js";
import { weightContributionCorrelationFigure } from "../../src/figures/weight-contribution-correlation.js";
import { packageRoot } from "../../src/package.js";
import { deepFrozen, numbersOf } from "./helpers.js";

const regularisers = ["l1", "l2", "none"] as const;
/** A number between 0 and 1 that differs from place to place and is the same in every run. */
const wave = (i: number) => (Math.sin(12.9898 * (i + 1)) * 0.5 + 0.5) * 0.9 + 0.05;
const perNetwork = (widths: number[], trials: number) =>
  regularisers.flatMap((regulariser, r) =>
    widths.flatMap((width) =>
      Array.from({ length: trials }, (_, trial) => ({ regulariser, width, trial, value: wave(r + width + trial) })),
    ),
  );
const ten = Array.from({ length: 10 }, (_, digit) => String(digit));
const panel = (title: string, units: number, seed: number) => ({
  title,
  units: Array.from({ length: units }, (_, u) => `hidden/${u}`),
  values: Float64Array.from({ length: units * 10 }, (_, i) => wave(i + seed) - 0.4),
  outputs: ten,
});

/** One made-up example of every figure, each a function so that it starts from fresh, frozen input. */
const examples: Record<string, () => Figure> = {
  "lesioned-accuracy": () =>
    lesionedAccuracyFigure(
      deepFrozen(
        perNetwork([200], 3).map(({ regulariser, trial, value }) => ({
          ...{ regulariser, trial, intact: 0.95 },
          ...{ topLesioned: value, restLesioned: value / 2 },
        })),
      ),
    ),
  "distributed-computation": () =>
    distributedComputationFigure(
      deepFrozen(perNetwork([10, 50, 200], 3).map(({ value, ...row }) => ({ ...row, index: value }))),
      { published: [{ regulariser: "l1", width: 50, mean: 0.81, sd: 0.015 }] },
    ),
  "modes-heatmap": () => modesHeatmapFigure(deepFrozenPanels([panel("L1", 12, 0), panel("None", 12, 5)])),
  "mode-heatmap": () => modeHeatmapFigure(deepFrozenPanels([panel("L2", 6, 1)])[0]),
  "output-correlation": () =>
    outputCorrelationFigure(
      deepFrozen([
        {
          title: "L1",
          labels: ["0", "1"],
          correlation: [
            [1, -0.3],
            [-0.3, 1],
          ],
        },
      ]),
    ),
  "weight-contribution-correlation": () =>
    weightContributionCorrelationFigure(
      deepFrozen(perNetwork([10, 50], 2).map(({ value, ...row }) => ({ ...row, r: value }))),
    ),
  "digit-index": () =>
    digitIndexFigure(
      deepFrozen(
        [0, 1, 9].flatMap((digit) => [10, 50].map((width) => ({ digit, width, trial: 0, index: wave(digit + width) }))),
      ),
    ),
  "weight-contribution": () =>
    weightContributionFigure(
      deepFrozen(
        [10, 50].map((width) => ({
          width,
          points: regularisers.flatMap((regulariser, r) => [
            { regulariser, weight: wave(r + width), contribution: wave(r + 2 * width) - 0.5 },
          ]),
        })),
      ),
    ),
  "contribution-bars": () =>
    contributionBarsFigure(
      deepFrozen({ units: ["a/0", "a/1", "a/2"], values: [0.2, -0.5, 0.1], standardErrors: [0.01, 0.02, Number.NaN] }),
    ),
};

/** Typed arrays can not be frozen; everything else of the panels is. */
function deepFrozenPanels<T extends object>(panels: T[]): T[] {
  return panels.map((entry) => Object.freeze(entry));
}

describe.each(Object.entries(examples))("%s", (name, figureOf) => {
  it("is the stored example", async () => {
    await expect(`${figureJson(figureOf())}\n`).toMatchFileSnapshot(`./examples/${name}.json`);
  });

  it("has a title, a caption that is drawn, axes with titles, and no number that is none", () => {
    const figure = figureOf();
    expect(figureJson(figure)).toMatch(/"title"/);
    expect(figure.caption?.length).toBeGreaterThan(30);
    const drawn =
      figure.layout.annotations?.find((entry) => (entry as { name?: string }).name === "caption")?.text ?? "";
    expect(drawn.replaceAll("<br>", " ").slice(0, 25)).toBe(figure.caption?.slice(0, 25).replaceAll("<", "&lt;"));
    expect(numbersOf(figure).every((value) => Number.isFinite(value))).toBe(true);
  });

  it("is the same figure each time, and a plain value", () => {
    expect(figureJson(figureOf())).toBe(figureJson(figureOf()));
    expect(JSON.parse(figureJson(figureOf()))).toHaveProperty("data");
  });
});

describe("what the marks say", () => {
  it("trends show the mean and the population standard deviation over trials, and no error bar for one trial", () => {
    const three = [0.2, 0.4, 0.9].map((index, trial) => ({ regulariser: "l2" as const, width: 50, trial, index }));
    const trace = distributedComputationFigure(three).data.find(
      (entry) => (entry as { name?: string }).name === "L2",
    ) as {
      y: number[];
      error_y?: { array: number[] };
    };
    expect(trace.y[0]).toBeCloseTo(0.5, 12);
    expect(trace.error_y?.array[0]).toBeCloseTo(Math.sqrt((0.09 + 0.01 + 0.16) / 3), 12);
    const one = distributedComputationFigure(three.slice(0, 1));
    expect(JSON.stringify(one.data)).not.toContain("error_y");
    expect(one.caption).not.toContain("error bars");
  });

  it("heatmaps share one scale centred at 0 that the largest value fits", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(99),
        (units, panels, seed) => {
          const given = Array.from({ length: panels }, (_, p) => panel(`P${p}`, units, seed + p));
          const figure = modesHeatmapFigure(given);
          const most = Math.max(...given.flatMap((entry) => Array.from(entry.values, Math.abs)));
          const text = figureJson(figure);
          const { cmin, cmax } =
            (figure.layout as { coloraxis?: { cmin: number; cmax: number } }).coloraxis ?? scaleOf(figure);
          expect(cmin).toBe(-cmax);
          expect(cmax).toBeGreaterThanOrEqual(most);
          const cells = figure.data
            .filter((trace) => trace.type === "heatmap")
            .map((trace) => (trace as { z: number[][] }).z);
          expect(cells.length).toBe(panels);
          cells.forEach((z, p) => {
            expect([z.length, z[0].length]).toEqual([10, units]);
            expect(z[3][units - 1]).toBe(given[p].values[(units - 1) * 10 + 3]);
          });
          expect(text).not.toContain("null,null,null");
        },
      ),
      { numRuns: 30 },
    );
  });

  it("bars go from the largest contribution to the smallest and show the units of largest size", () => {
    const values = Float64Array.from({ length: 60 }, (_, i) => wave(i) - 0.5);
    const units = Array.from(values, (_, i) => `unit ${i}`);
    const trace = contributionBarsFigure({ units, values }, { top: 12 }).data[0] as { x: number[] };
    const shown = Array.from(trace.x);
    const largest = Array.from(values)
      .sort((a, b) => Math.abs(b) - Math.abs(a))
      .slice(0, 12);
    expect([...shown].sort()).toEqual([...largest].sort());
    const descending = [...shown].sort((a, b) => b - a);
    expect([descending, [...descending].reverse()]).toContainEqual(shown);
  });

  it("regularisers keep their colours from figure to figure", () => {
    for (const figure of ["lesioned-accuracy", "distributed-computation", "weight-contribution"].map((name) =>
      examples[name](),
    )) {
      const text = figureJson(figure);
      for (const colour of ["#A6587D", "#364B74", "#B5B5B5"]) expect(text.toUpperCase()).toContain(colour);
    }
  });

  it("a figure stands what people bring: 40 widths, 200 units, long names, no title, a paper's column", () => {
    const widths = Array.from({ length: 40 }, (_, i) => 5 * (i + 1));
    const rows = perNetwork(widths, 10).map(({ value, ...row }) => ({ ...row, index: value }));
    const wide = modesHeatmapFigure([panel("L1", 200, 3)], { size: "column", title: "" });
    const long = contributionBarsFigure({ units: ["x".repeat(300), "y"], values: [1, 2] });
    for (const figure of [distributedComputationFigure(rows, { size: "column" }), wide, long]) {
      expect(numbersOf(figure).every((value) => Number.isFinite(value))).toBe(true);
    }
  });
});

function scaleOf(figure: Figure): { cmin: number; cmax: number } {
  const { zmin, zmax } = figure.data[0] as { zmin: number; zmax: number };
  return { cmin: zmin, cmax: zmax };
}

describe("what is refused", () => {
  const row = { regulariser: "l1" as const, width: 50, trial: 0 };
  it.each<[string, () => Figure, string]>([
    ["no rows", () => distributedComputationFigure([]), "invalid rows; expected at least one of the networks' values"],
    [
      "NaN",
      () => distributedComputationFigure([{ ...row, index: Number.NaN }]),
      "invalid rows[0].index; expected a finite number; received NaN",
    ],
    [
      "another regulariser",
      () => distributedComputationFigure([{ ...row, regulariser: "l3" as never, index: 1 }]),
      "expected one of l1, l2, none",
    ],
    [
      "an accuracy above 1",
      () => lesionedAccuracyFigure([{ ...row, intact: 2, topLesioned: 0, restLesioned: 0 }]),
      "expected a number from 0 to 1; received 2",
    ],
    [
      "values of the wrong length",
      () => modeHeatmapFigure({ ...panel("x", 3, 0), values: new Float64Array(7) }),
      'received "7 values"',
    ],
    [
      "a correlation of 3",
      () => outputCorrelationFigure([{ title: "", labels: ["a"], correlation: [[3]] }]),
      "received 3",
    ],
    [
      "a negative standard error",
      () => contributionBarsFigure({ units: ["a"], values: [1], standardErrors: [-1] }),
      "received -1",
    ],
    ["no units", () => contributionBarsFigure({ units: [], values: [] }), "invalid units"],
  ])("%s", (_, figureOf, message) => {
    expect(figureOf).toThrow(message);
  });
});

describe("the examples of doc comments", () => {
  it("are of functions that exist, and every figure function has one", () => {
    for (const file of Object.keys(examples)) {
      const path = join(packageRoot, "src", "figures", `${file === "mode-heatmap" ? "modes-heatmap" : file}.ts`);
      expect(existsSync(path)).toBe(true);
      expect(readFileSync(path, "utf8")).toContain("@example");
    }
  });
});
