import { describe, expect, it } from "vitest";
import { concentration } from "../../../src/analysis/inference/concentration-intervals.js";
import type { CnnAnalysis } from "../../../src/experiments/cnn/analyse.js";
import { cnnClaims, cnnClaimsMarkdown, cnnClaimsSentence } from "../../../src/experiments/cnn/claims.js";
import { cnnImages } from "../../../src/experiments/cnn/images.js";
import type { CnnExperiment } from "../../../src/experiments/cnn/run.js";
import { cnnSettings } from "../../../src/experiments/cnn/settings.js";
import { cnnSources } from "../../../src/experiments/cnn/sources.js";
import { topAndRest, unitStatistics } from "../../../src/experiments/regularisers/unit-statistics.js";
import { ShapleyModes } from "../../../src/modes/shapley-modes.js";
import type { Regulariser } from "../../../src/networks/mlp/regulariser.js";

/**
 * A network of four units whose largest does the more the smaller `others` is, from two runs that differ by `spread`.
 */
function analysis(regulariser: Regulariser, others: number, spread: number, accuracy: number): CnnAnalysis {
  const run = (sign: number) => [1, others, others, others * (1 + sign * spread)];
  const modes = new ShapleyModes({
    units: ["block1/0", "block1/1", "block2/0", "block2/1"],
    outputShape: [1],
    values: Float64Array.of(1, others, others, others),
    blocks: { samples: Float64Array.of(1, 1), values: Float64Array.from([...run(1), ...run(-1)]) },
  });
  return {
    regulariser,
    trial: 0,
    origin: "checkpoint",
    width: 4,
    modes,
    efficiencyGap: 0,
    evaluations: 10,
    ...unitStatistics(modes, [4, 1, 1, 1]),
    concentration: concentration(modes),
    weightCorrelationInterval: { value: 0.5, corrected: 0.5, low: 0.4, high: 0.6 },
    testImages: 100,
    blocks: [],
    accuracy: { intact: 0.95, topLesioned: accuracy, restLesioned: 1 - accuracy },
    top: 1,
  };
}

function experiment(analyses: CnnAnalysis[]): CnnExperiment {
  return { profile: "smoke", seed: 1, settings: cnnSettings("smoke"), classes: ["a"], analyses };
}

describe("cnnClaims", () => {
  it("holds the orders of the paper against the networks, and says whether intervals keep apart", () => {
    const claims = cnnClaims(
      experiment([analysis("l1", 0.1, 0.01, 0.2), analysis("l2", 0.4, 0.01, 0.3), analysis("none", 0.9, 0.01, 0.25)]),
    );
    const [broken, alone, index] = claims;
    expect(broken.numbers.map(({ value }) => value)).toEqual([0.2, 0.3, 0.25]);
    expect([broken.holds, broken.apart]).toEqual([false, undefined]);
    expect(alone.numbers.map(({ regulariser }) => regulariser)).toEqual(["none", "l2", "l1"]);
    expect(alone.holds).toBe(false);
    expect([index.holds, index.apart]).toEqual([true, true]);
    expect(cnnClaimsSentence(claims)).toMatch(
      /^\d of 5 orders that the paper reports of MLPs hold, \d of them with intervals that keep apart( \(of \d no intervals are known\))?$/,
    );
  });

  it("does not call numbers apart whose intervals meet, and gives no interval to a mean of several networks", () => {
    const wide = [analysis("l1", 0.4, 0.9, 0.1), analysis("l2", 0.45, 0.9, 0.2), analysis("none", 0.5, 0.9, 0.3)];
    const index = cnnClaims(experiment(wide))[2];
    expect([index.holds, index.apart]).toEqual([true, false]);
    const [, , several] = cnnClaims(experiment([...wide, analysis("l1", 0.2, 0.1, 0.1)]));
    const [l1, l2] = several.numbers;
    expect([Number.isNaN(l1.low), Number.isNaN(l2.low), several.apart]).toEqual([true, false, undefined]);
    expect(l1.value).toBeCloseTo((wide[0].index + analysis("l1", 0.2, 0.1, 0.1).index) / 2, 12);
    expect(cnnClaimsMarkdown(cnnClaims(experiment(wide)), experiment(wide))).toContain(
      "| A2 | index of distributed computation: L1 < L2 < none |",
    );
  });
});

it("topAndRest ranks by contribution, and shares out all units", () => {
  expect(topAndRest(Float64Array.of(0.1, -3, 2, 0.5), 2)).toEqual({ top: [2, 3], rest: [0, 1] });
});

describe("the profiles", () => {
  it("play other scenes in every run, and none that networks were trained on", async () => {
    const images = cnnImages("default");
    const [first, second] = [await images.ofRun(0, 10), await images.ofRun(1, 10)];
    expect(first.labels).toEqual(second.labels);
    expect(first.sha256).not.toBe(second.sha256);
    expect((await images.ofRun(0, 20)).inputs.subarray(0, first.inputs.length)).toEqual(first.inputs);
    expect(first.name).toContain("seed 3");
  });

  it("say what the profile paper needs before anything is read", () => {
    expect(() => cnnSources("paper", undefined, "folder")).toThrow("invalid keep");
    expect(() => cnnSources("paper", "networks", "")).toThrow("invalid IMAGENETTE_DIR");
    expect(() => cnnImages("paper", "")).toThrow("docs/reproduce.md says how to fetch it");
    expect(cnnSources("paper", "networks", "folder", { whole: false })).toHaveLength(30);
    expect(() => cnnSettings("large" as never)).toThrow("invalid profile");
  });
});
