import { describe, expect, it } from "vitest";
import { fittingSeconds } from "../../src/engine/runs/fitting-seconds.js";
import { screeningSeconds, triplesLeftOut } from "../../src/estimators/regression/screen-limit.js";

describe("triplesLeftOut", () => {
  it("says why triples are not tried: no pairs for them, or too many to screen", () => {
    expect(triplesLeftOut(2, 1000, 1)).toBe("1000 pairs, of at least 60");
    expect(triplesLeftOut(12, 59, 1)).toBe("59 pairs, of at least 60");
    expect(triplesLeftOut(20, 79, 1)).toBe("79 pairs, of at least 80");
    expect(triplesLeftOut(100, 6000, 10)).toBeUndefined();
    expect(triplesLeftOut(2000, 6000, 1)).toBe("1331334000 triples are too many to screen, of at most 4194304");
  });

  it("counts outputs as it counts pairs: what is screened is every triple with every number", () => {
    expect(triplesLeftOut(100, 6000, 1000)).toBeUndefined();
    expect(triplesLeftOut(100, 6000, 2000)).toBe(
      "161700 triples on 6000 pairs of 2000 outputs would take about 56 s to screen, of at most 30",
    );
    expect(triplesLeftOut(100, 12_000, 1000)).toBeDefined();
    expect(triplesLeftOut(200, 12_000, 10)).toBeUndefined();
    expect(screeningSeconds(40, 100, 6)).toBeCloseTo(screeningSeconds(40, 600, 1), 12);
  });

  it("lets go of the time that triples would take, in what auto expects of a fit", () => {
    expect(fittingSeconds(100, 6000, 2000)).toBeLessThan(fittingSeconds(100, 6000, 1000));
  });
});
