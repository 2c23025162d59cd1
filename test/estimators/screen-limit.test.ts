import { describe, expect, it } from "vitest";
import { triplesLeftOut } from "../../src/estimators/regression/screen-limit.js";

describe("triplesLeftOut", () => {
  it("says why triples are not tried: no pairs for them, or too many to screen", () => {
    expect(triplesLeftOut(2, 1000)).toBe("1000 pairs, of at least 60");
    expect(triplesLeftOut(20, 59)).toBe("59 pairs, of at least 60");
    expect(triplesLeftOut(100, 6000)).toBeUndefined();
    expect(triplesLeftOut(2000, 6000)).toBe("1331334000 triples on 6000 pairs are too many to screen");
  });
});
