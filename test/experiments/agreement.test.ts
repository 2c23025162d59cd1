import { describe, expect, it } from "vitest";
import { agreementMarkdown, agreementSentence, mlpAgreement } from "../../src/experiments/mlp/agreement.js";
import type { LesionedAccuracy, MlpAnalysis } from "../../src/experiments/mlp/analyse.js";
import { publishedAccuracy, publishedIndex } from "../../src/experiments/mlp/published-statistics.js";
import type { MlpExperiment } from "../../src/experiments/mlp/run.js";
import { mlpSources } from "../../src/experiments/mlp/sources.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { type Regulariser, regularisers } from "../../src/networks/mlp/regulariser.js";

const modes = new ShapleyModes({ units: ["a"], outputShape: [10], values: new Float64Array(10) });

function analysis(
  regulariser: Regulariser,
  width: number,
  index: number,
  more: Partial<MlpAnalysis> = {},
): MlpAnalysis {
  return {
    regulariser,
    width,
    trial: 0,
    origin: "checkpoint",
    comparable: true,
    modes,
    contributions: new Float64Array(width),
    index,
    digitIndices: new Array(10).fill(index),
    weights: new Array(width).fill(1),
    weightCorrelation: Number.NaN,
    ...more,
  };
}

function experiment(analyses: MlpAnalysis[], lesioned: LesionedAccuracy[] = []): MlpExperiment {
  return { profile: "default", orderings: 1000, seed: 1, analyses, lesioned };
}

const index = (rows: ReturnType<typeof mlpAgreement>["rows"]) => rows.filter((row) => row.figure === "A2");

describe("mlpAgreement", () => {
  it("holds the mean over networks against the published mean, within three published standard deviations", () => {
    const [mean, sd] = publishedIndex.l1[50];
    const near = mlpAgreement(experiment([analysis("l1", 50, mean + 2 * sd), analysis("l1", 50, mean + 3.8 * sd)]));
    expect(index(near.rows)).toMatchObject([{ networks: 2, regulariser: "l1", width: 50, within: true }]);
    expect(index(near.rows)[0].deviation).toBeCloseTo(2.9, 9);
    const far = mlpAgreement(experiment([analysis("l1", 50, mean - 3.1 * sd)]));
    expect(index(far.rows)[0].within).toBe(false);
    expect(far.numbersWithin).toBe(far.rows.filter((row) => row.within).length);
  });

  it("says how far a mean of several is in standard errors, and counts numbers and orders apart", () => {
    const [mean, sd] = publishedIndex.l1[50];
    const three = [1, 2, 3].map(() => analysis("l1", 50, mean + 2 * sd));
    const agreement = mlpAgreement(experiment(three));
    // s^2 (1/3 + 1/10), s^2 = sd^2 10/9: 2 sd are 2 / sqrt(10/9 * 13/30) standard errors.
    expect(index(agreement.rows)[0].standardErrors).toBeCloseTo(2 / Math.sqrt(13 / 27), 12);
    expect(index(agreement.rows)[0].within).toBe(true);
    expect(agreementSentence(agreement)).toMatch(/^\d+ of \d+ numbers and 0 of 0 orders agree$/);
    expect(agreementMarkdown(agreement)).toMatch(/in standard errors/i);
    expect(agreementMarkdown({ rows: [], orders: [], numbersWithin: 0, ordersHeld: 0 })).toContain("0 of 0 numbers");
  });

  it("compares nothing that was trained for a look only, has no published width, or is no number", () => {
    const rows = mlpAgreement(
      experiment([
        analysis("none", 50, 0.5, { comparable: false }),
        analysis("none", 7, 0.5),
        analysis("none", 10, 0.9),
      ]),
    ).rows;
    expect(rows.map((row) => [row.figure, row.width])).toEqual([["A2", 10]]);
  });

  it("says whether the regularisers come in the published order", () => {
    const of = (values: Record<Regulariser, number>) =>
      mlpAgreement(experiment(regularisers.map((name) => analysis(name, 105, values[name])))).orders;
    expect(of({ l1: 0.6, l2: 0.7, none: 0.8 })).toMatchObject([{ values: [0.6, 0.7, 0.8], holds: true }]);
    expect(of({ l1: 0.7, l2: 0.6, none: 0.8 })).toMatchObject([{ holds: false }]);
  });

  it("holds accuracies after lesioning against those of 200 units, and of no other width", () => {
    const row = (width: number): LesionedAccuracy => ({
      regulariser: "l2",
      width,
      trial: 0,
      top: 40,
      intact: publishedAccuracy.l2.intact[0],
      topLesioned: 0.99,
      restLesioned: publishedAccuracy.l2.restLesioned[0],
    });
    expect(mlpAgreement(experiment([], [row(200)])).rows.map((entry) => entry.within)).toEqual([true, false, true]);
    expect(mlpAgreement(experiment([], [row(50)])).rows).toEqual([]);
  });

  it("reads as a table", () => {
    const text = agreementMarkdown(mlpAgreement(experiment([analysis("l1", 50, 0.5)])));
    expect(text).toContain(
      "| A2 | index of distributed computation | L1 | 50 | 0.500\u00a0(1) | 0.811\u00a0±\u00a00.015 | -20.3 | -18.4 | **no** |",
    );
  });
});

describe("the networks of a profile", () => {
  it("are all checkpoints, every width of the paper among them, or a few small ones and one to be trained", () => {
    const all = mlpSources("default");
    expect(all.length).toBe(144);
    for (const regulariser of ["l1", "l2", "none"]) {
      const widths = all.filter((source) => source.regulariser === regulariser).map(({ width }) => width);
      expect([...new Set(widths)]).toEqual(Array.from({ length: 40 }, (_, i) => 5 * (i + 1)));
    }
    const smoke = mlpSources("smoke");
    expect(smoke.filter((source) => source.origin === "checkpoint").length).toBe(6);
    expect(smoke.filter((source) => source.origin === "trained here").map((source) => source.comparable)).toEqual([
      false,
    ]);
  });

  it("are the paper's 1200 where nothing is published at hand", () => {
    const sources = mlpSources("paper", "");
    expect(sources.length).toBe(1200);
    expect(sources.every((source) => source.origin === "trained here" && source.comparable)).toBe(true);
  });

  it("are refused for another profile, and for a folder that holds none", () => {
    expect(() => mlpSources("huge" as never)).toThrow("invalid profile; expected one of smoke, default, paper");
    expect(() => mlpSources("paper", "/nowhere")).toThrow("/nowhere: holds no published networks");
  });
});
