import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Coalitions, coalitionSize } from "../../src/coalitions/coalition.js";
import { complementPairs } from "../../src/coalitions/complement-pairs.js";
import { planToDisk } from "../../src/engine/disk-plan.js";
import { withEstimator } from "../../src/engine/runs/auto.js";
import { shapley } from "../../src/engine/shapley.js";
import { designOf } from "../../src/estimators/regression/design.js";
import { designBytes } from "../../src/estimators/regression/design-bytes.js";
import { sizeTerms } from "../../src/estimators/regression/size-terms.js";
import type { Game } from "../../src/games/game.js";

let clock = 0;
beforeEach(() => {
  clock = 0;
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The size of a coalition, one output of the shape [1], without a walk. */
function sized(units: number, milliseconds = 0): Game & { evaluated: number } {
  return {
    units: Array.from({ length: units }, (_, u) => `${u}`),
    outputShape: [1],
    provenance: {},
    evaluated: 0,
    async evaluate(coalitions: Coalitions) {
      clock += milliseconds * coalitions.count;
      this.evaluated += coalitions.count;
      return Float64Array.from({ length: coalitions.count }, (_, c) => coalitionSize(coalitions, c));
    },
  };
}

describe("leverage of many units", () => {
  it("has a fit of known size: no less than its arrays, none where all pairs are there", () => {
    for (const [units, pairs] of [
      [20, 30],
      [20, 200],
    ]) {
      const design = designOf(complementPairs(units, pairs, 1));
      const { rows, columns } = sizeTerms(design, pairs < 2 * units ? "size" : undefined);
      const arrays = design.x.length + rows.length + columns ** 2;
      expect(designBytes(units, pairs)).toBeGreaterThan(8 * arrays);
      expect(designBytes(units, pairs)).toBeLessThan(40 * 8 * arrays);
    }
    expect(designBytes(10, 511)).toBe(0);
  });

  it("is not begun where its fit is larger than the machine", async () => {
    vi.spyOn(process, "constrainedMemory").mockReturnValue(1e9);
    const game = sized(1000);
    const options = { estimator: "leverage", evaluations: 60_002 } as const;
    const problem =
      /invalid evaluations; .*the fit takes 1\.5 GB of memory, and there are 1\.0 GB in all; received 60002/;
    await expect(shapley(game, options)).rejects.toThrow(problem);
    expect(() => planToDisk(game, options)).toThrow(problem);
    expect(game.evaluated).toBe(0);
  });

  it("says what the fit takes where less is free", async () => {
    vi.spyOn(process, "availableMemory").mockReturnValue(1e5);
    const remarks: string[] = [];
    const onRemark = (remark: string) => void remarks.push(remark);
    await shapley(sized(60), { estimator: "leverage", evaluations: 302, memory: 1e6, onRemark });
    expect(remarks.join()).toMatch(/1 MB are free: most of it for the fit of leverage: fewer evaluations take less/);
  });

  it("is not what auto takes where the fit would take more than 4 GB", async () => {
    const { provenance } = await shapley(sized(10_000), { evaluations: 40_002 });
    expect(provenance).toMatchObject({ estimator: "antithetic", orderings: 4 });
    expect(provenance.estimator_chosen_because).toMatch(/leverage would take \d+\.\d GB for its fit/);
  });

  it.each([
    ["antithetic", "cheap", 0.001],
    ["leverage", "dear", 100],
  ])(
    "is weighed against orderings where the fit takes long: %s where coalitions are %s",
    async (expected, _, milliseconds) => {
      vi.spyOn(performance, "now").mockImplementation(() => clock);
      const game = sized(1000, milliseconds);
      const { options, provenance } = await withEstimator(game, { evaluations: 90_000 }, () => undefined);
      expect(options.estimator).toBe(expected);
      expect(provenance?.seconds_per_step).toBeCloseTo(milliseconds / 1000, 9);
      expect(provenance?.seconds_per_coalition).toBe(provenance?.seconds_per_step);
    },
  );
});
