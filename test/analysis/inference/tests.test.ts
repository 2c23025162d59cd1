import { beforeAll, describe, expect, it } from "vitest";
import { adjustedPValues } from "../../../src/analysis/inference/adjusted.js";
import { averageModes } from "../../../src/analysis/inference/average-modes.js";
import { concentration } from "../../../src/analysis/inference/concentration-intervals.js";
import { confidenceIntervals } from "../../../src/analysis/inference/confidence-intervals.js";
import { studentTails } from "../../../src/analysis/inference/student.js";
import { testModes } from "../../../src/analysis/inference/test-modes.js";
import { shapley } from "../../../src/engine/shapley.js";
import { additiveGame, gloveGame, interactionGame } from "../../../src/games/closed-form.js";
import { gameFrom } from "../../../src/games/from-function.js";
import { ShapleyModes } from "../../../src/modes/shapley-modes.js";
import { studentFactor } from "../../../src/quantiles.js";
import { fc } from "../../helpers/properties.js";

/** Modes whose blocks are given, one output. */
function modesOf(blocks: readonly (readonly number[])[]): ShapleyModes {
  const units = blocks[0].length;
  const values = Float64Array.from(
    { length: units },
    (_, u) => blocks.reduce((sum, block) => sum + block[u], 0) / blocks.length,
  );
  return new ShapleyModes({
    units: values.length === 1 ? ["a"] : Array.from(values, (_, u) => `u${u}`),
    outputShape: [],
    values,
    blocks: { samples: new Float64Array(blocks.length).fill(1), values: Float64Array.from(blocks.flat()) },
  });
}

describe("studentTails", () => {
  it.each([1, 2, 3, 10, 49, 500])("is the inverse of the factor, with %i degrees of freedom", (degrees) => {
    for (const share of [0.9, 0.3, 0.05, 1e-3, 1e-6]) {
      expect(studentTails(studentFactor(share, degrees), degrees) / share).toBeCloseTo(1, 2);
    }
  });

  it("has closed forms for one and two degrees, far out too, and is normal with many", () => {
    for (const t of [0.01, 1, 30, 1e6]) {
      expect(studentTails(t, 1) / ((2 / Math.PI) * Math.atan(1 / t))).toBeCloseTo(1, 10);
      const two = 2 / (Math.sqrt(t * t + 2) * (t + Math.sqrt(t * t + 2))); // 1 - t / sqrt(t^2 + 2)
      expect(studentTails(-t, 2) / two).toBeCloseTo(1, 10);
    }
    expect(studentTails(1.959963985, Number.POSITIVE_INFINITY)).toBeCloseTo(0.05, 6);
    expect([studentTails(0, 3), studentTails(Number.POSITIVE_INFINITY, 3)]).toEqual([1, 0]);
    expect(studentTails(Number.NaN, 3)).toBeNaN();
  });
});

describe("adjustedPValues", () => {
  it("is R's p.adjust", () => {
    const p = [0.01, 0.02, 0.03, 0.04, 0.5];
    expect(Array.from(adjustedPValues(p))).toEqual([0.05, 0.08, 0.09, 0.09, 0.5].map((x) => expect.closeTo(x, 12)));
    expect(Array.from(adjustedPValues(p, "benjamini-hochberg"))).toEqual(
      [0.05, 0.05, 0.05, 0.05, 0.5].map((x) => expect.closeTo(x, 12)),
    );
  });

  it("never lowers a p value, keeps the order, and Holm is not below Benjamini-Hochberg", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (p) => {
        const [holm, bh] = [adjustedPValues(p), adjustedPValues(p, "benjamini-hochberg")];
        p.forEach((value, i) => {
          expect(bh[i]).toBeGreaterThanOrEqual(value * (1 - 1e-12));
          expect(holm[i]).toBeGreaterThanOrEqual(bh[i] * (1 - 1e-12));
          expect(holm[i]).toBeLessThanOrEqual(1);
          p.forEach((other, j) => {
            if (value <= other) expect(holm[i]).toBeLessThanOrEqual(holm[j]);
          });
        });
      }),
    );
  });

  it("leaves out what is no test, and refuses what is no p value", () => {
    expect(Array.from(adjustedPValues([0.03, Number.NaN, 0.5]))).toEqual([0.06, Number.NaN, 0.5]);
    expect(() => adjustedPValues([1.5])).toThrow("invalid p; expected numbers from 0 to 1; received 1.5");
  });
});

describe("testModes", () => {
  it("counts all ways to turn the signs of few blocks", async () => {
    // Sums of +-1 +-2 +-3 +-4 +-5 +-6 that are as far from 0 as 21 - 2 = 19: +-21 and +-19, of 64.
    const test = await testModes(modesOf([[-1], [2], [3], [4], [5], [6]]));
    expect(test.rows[0].p).toBe(4 / 64);
    expect(test.settings).toMatchObject({ method: "sign-flip", leastP: 1 / 32, blocks: 6 });
  });

  it("0 is a reference like any other, and a unit at its reference has p = 1", async () => {
    const modes = modesOf([1, 2, 3, 4, 5, 6, 7, 8].map((x) => [x, 0, 4.5]));
    const [zero, given] = [await testModes(modes), await testModes(modes, { reference: 0 })];
    expect(given.rows).toEqual(zero.rows);
    expect(zero.rows.map(({ p }) => p)).toEqual([2 / 256, 1, expect.closeTo(2 / 256)]);
    const shifted = await testModes(modes, { reference: [4.5, 0, 0] });
    expect(shifted.rows.map(({ p, reference }) => [p, reference])).toEqual([
      [1, 4.5],
      [1, 0],
      [2 / 256, 0],
    ]);
  });

  it("a reference of the wrong shape is one clear error, said before anything is drawn", async () => {
    const modes = modesOf([1, 2, 3, 4, 5, 6].map((x) => [x, 1]));
    await expect(testModes(modes, { reference: [1, 2, 3] })).rejects.toThrow(
      "invalid reference; expected a finite number, or 2 of them, one for each unit; received [1, 2, 3]",
    );
    await expect(testModes(modes, { reference: "0" as never })).rejects.toThrow("invalid reference");
    await expect(testModes(modes, { reference: [0, Number.NaN] })).rejects.toThrow("invalid reference[1]");
  });

  it("says what too few blocks could detect, and refuses those that can detect nothing", async () => {
    await expect(testModes(modesOf([[1], [2], [3], [4], [5]]))).rejects.toThrow(
      "invalid blocks; expected at least 6 for a test at a level of 0.05: with so few no p is below 0.063; received 5",
    );
    const rows = [1, 2, 3, 4, 5, 6, 7, 8].map((x) =>
      Array.from({ length: 20 }, (_, u) => (u === 0 ? 1 : x % 2 ? 1 : -1) * (x + u)),
    );
    const test = await testModes(modesOf(rows));
    expect(test.found()).toHaveLength(0);
    expect(test.found("none")).toHaveLength(1);
    expect(test.blind).toBe(
      'no p is below 0.0078, and of 20 tests Holm\'s correction finds nothing above 0.0025 where one unit alone contributes: 10 blocks could, or method "t"',
    );
    expect(`${test}`).toContain(test.blind);
    expect(test.rows[0].detectable).toBeCloseTo(
      (studentFactor(0.05 / 20, 7) + 0.8416212) * test.rows[0].standardError,
      4,
    );
  });

  it("few samples that are all alike are no certainty, which exact modes are", async () => {
    const game = additiveGame([1, 2, 0]);
    const p = async (orderings: number) =>
      (await testModes(await shapley(game, { estimator: "permutation", orderings }))).rows.map((row) => row.p);
    for (const [found, wanted] of [
      [await p(2), [0.5, 0.5, 1]],
      [await p(5), [1 / 16, 1 / 16, 1]],
    ])
      found.forEach((value, u) => expect(value).toBeCloseTo(wanted[u], 12));
    const exact = await testModes(await shapley(game, { estimator: "exact" }));
    expect(exact.rows.map((row) => row.p)).toEqual([0, 0, 1]);
  });

  it("refuses methods that the modes have nothing for", async () => {
    const plain = await shapley(gloveGame(2, 2), { orderings: 20 });
    await expect(testModes(plain, { method: "sign-flip" })).rejects.toThrow(
      'invalid method; expected "t" where the modes have no blocks',
    );
    await expect(testModes(await shapley(gloveGame(2, 2), { orderings: 1 }))).rejects.toThrow(
      "invalid modes; expected some with standard errors; of these they are unknown (one ordering)",
    );
    await expect(testModes(modesOf([1, 2, 3, 4, 5, 6, 7].map((x) => [x])), { method: "bootstrap" })).rejects.toThrow(
      "at least 10 for the bootstrap",
    );
    expect((await testModes(plain)).settings.method).toBe("t");
    const test = await testModes(plain);
    expect(() => test.found("bonferroni" as never)).toThrow(
      "invalid correction; expected one of holm, benjamini-hochberg, none",
    );
    const { units, outputShape, values, standardErrors } = await shapley(interactionGame(3, { outputs: 2 }), {
      orderings: 9,
    });
    const ofFile = new ShapleyModes({ units, outputShape, values, standardErrors });
    await expect(testModes(ofFile)).rejects.toThrow(
      "standard errors of their means over the outputs, which a tidy CSV",
    );
    expect((await testModes(ofFile, { outputs: "each" })).rows).toHaveLength(6);
  });

  it("tests each output, names it, and takes a reference of that shape", async () => {
    const game = await gameFrom(["a", "b"], (intact) => [
      [intact.has("a") ? 1 : 0, 0],
      [intact.size ** 2, 2],
    ]);
    const modes = await shapley(game, { orderings: 100, blocks: 25 });
    const test = await testModes(modes, { outputs: "each", reference: [1, 0, 0, 0, 0, 0, 2, 0] });
    expect(test.rows.map(({ unit, output }) => `${unit} ${output}`)).toEqual([
      "a 0, 0",
      "a 0, 1",
      "a 1, 0",
      "a 1, 1",
      "b 0, 0",
      "b 0, 1",
      "b 1, 0",
      "b 1, 1",
    ]);
    expect(test.found().map(({ unit, output }) => `${unit} ${output}`)).toEqual(["a 1, 0"]);
  });

  it("is the same for the same seed, and stops at a signal", async () => {
    const modes = await shapley(interactionGame(6), { orderings: 120, blocks: 30 });
    const [one, two] = [await testModes(modes, { seed: 4 }), await testModes(modes, { seed: 4 })];
    expect(two.rows).toEqual(one.rows);
    const stop = AbortSignal.abort(new Error("enough"));
    const many = await shapley(interactionGame(20, { outputs: 20 }), { orderings: 400, blocks: 100 });
    await expect(testModes(many, { outputs: "each", method: "bootstrap", signal: stop })).rejects.toThrow("enough");
  });
});

/** Sizes and coverage over many runs; binomial bounds at 4 standard deviations. */
describe("over 200 runs of games of known values", () => {
  const runs = 200;
  const found = { tests: 0, "sign-flip": 0, bootstrap: 0, t: 0, inside: 0, insideBootstrap: 0, family: 0 };
  beforeAll(async () => {
    const game = interactionGame(6, { seed: 3 });
    const truth = game.shapleyValues;
    for (let seed = 0; seed < runs; seed++) {
      const modes = await shapley(game, { orderings: 120, blocks: 30, seed });
      const tests = await Promise.all(
        (["sign-flip", "bootstrap", "t"] as const).map((method) =>
          testModes(modes, { reference: truth, method, resamples: 499, seed }),
        ),
      );
      if (tests[0].found().length > 0) found.family++;
      truth.forEach((value, u) => {
        found.tests++;
        for (const { rows, settings } of tests) if (rows[u].p <= 0.05) found[settings.method]++;
        if (tests[2].rows[u].low <= value && value <= tests[2].rows[u].high) found.inside++;
        if (tests[1].rows[u].low <= value && value <= tests[1].rows[u].high) found.insideBootstrap++;
      });
    }
  });
  // Units of one run are not independent: bounds as if only runs counted would be 0.05 +- 0.06.
  const near = (share: number, expected: number) => expect(Math.abs(share - expected)).toBeLessThan(0.03);

  it.each(["sign-flip", "bootstrap", "t"] as const)("%s finds 5 %% of what is not there", (method) =>
    near(found[method] / found.tests, 0.05),
  );

  it("Holm finds anything at all in at most 5 % of the runs, up to chance", () => {
    expect(found.family / runs).toBeLessThan(0.05 + 4 * Math.sqrt((0.05 * 0.95) / runs));
  });

  it("95 % of intervals hold the contribution", () => {
    near(found.inside / found.tests, 0.95);
    near(found.insideBootstrap / found.tests, 0.95);
  });
});

describe("confidenceIntervals", () => {
  it("are Student's, wider together, and of no width where all blocks are alike", async () => {
    const modes = modesOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((x) => [x, 3]));
    const [{ low, high, standardError }, still] = await confidenceIntervals(modes);
    expect(standardError).toBeCloseTo(Math.sqrt(55 / 6 / 10), 10);
    expect(high - low).toBeCloseTo(2 * studentFactor(0.05, 9) * standardError, 10);
    expect([still.low, still.high]).toEqual([3, 3]);
    const [together] = await confidenceIntervals(modes, { together: true });
    expect(together.high - together.low).toBeCloseTo(2 * studentFactor(0.025, 9) * standardError, 10);
    const [drawn, same] = await confidenceIntervals(modes, { method: "bootstrap" });
    expect(drawn.low).toBeLessThan(5.5);
    expect(drawn.high - drawn.low).toBeGreaterThan(high - low - standardError);
    expect([same.low, same.high]).toEqual([3, 3]);
    await expect(confidenceIntervals(modes, { method: "bootstrap", resamples: 10 })).rejects.toThrow(
      "invalid resamples; expected at least 40",
    );
  });

  it("count orderings, or pairs of them", async () => {
    const [one] = await confidenceIntervals(await shapley(interactionGame(4), { orderings: 10 }));
    expect((one.high - one.low) / one.standardError).toBeCloseTo(2 * studentFactor(0.05, 9), 10);
    const [two] = await confidenceIntervals(await shapley(gloveGame(2, 3), { estimator: "antithetic", orderings: 10 }));
    expect((two.high - two.low) / two.standardError).toBeCloseTo(2 * studentFactor(0.05, 4), 10);
  });
});

describe("averageModes", () => {
  it("is the mean of results, with standard errors over them, for any estimator", async () => {
    const runs = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
        shapley(gloveGame(4, 5), { estimator: "leverage", evaluations: 60, seed }),
      ),
    );
    const mean = averageModes(runs);
    const of = (u: number) => runs.map((run) => run.values[u]);
    const average = of(0).reduce((sum, x) => sum + x, 0) / 8;
    expect(mean.values[0]).toBeCloseTo(average, 12);
    const squares = of(0).reduce((sum, x) => sum + (x - average) ** 2, 0);
    expect(mean.standardErrors?.[0]).toBeCloseTo(Math.sqrt(squares / 7 / 8), 12);
    expect(mean.efficiencyGap).toBeLessThan(1e-12);
    const [row] = (await testModes(mean)).rows;
    expect(row.p).toBe(1 / 128);
    expect(row.high - row.low).toBeCloseTo(2 * studentFactor(0.05, 7) * row.standardError, 10);
  });

  it("refuses the same run twice, and results of other units or shapes", async () => {
    const run = await shapley(gloveGame(2, 2), { orderings: 8 });
    expect(() => averageModes([run, run])).toThrow("invalid result 1; expected another one than those before it");
    expect(() => averageModes([run])).toThrow("invalid results; expected at least two; received 1");
    expect(() => averageModes([run, { values: 1 } as never])).toThrow(
      "invalid results; expected a list of ShapleyModes",
    );
    const other = await shapley(additiveGame([1, 2, 3]), { orderings: 8 });
    expect(() => averageModes([run, other])).toThrow("invalid units of result 1");
  });
});

describe("contributions that cancel in the mean over the outputs", () => {
  const softmax = async (estimator: "exact" | "antithetic") => {
    const game = await gameFrom(8, ({ indices }) => {
      const terms = [0, 1, 2].map((k) => Math.exp(indices.reduce((sum, u) => sum + Math.sin(3 * u + k), 0)));
      return terms.map((term) => term / (terms[0] + terms[1] + terms[2]));
    });
    return shapley(game, estimator === "exact" ? { estimator } : { estimator, orderings: 200, blocks: 20 });
  };

  it.each(["exact", "antithetic"] as const)("are no finding of %s: rounding is all that is left", async (estimator) => {
    const modes = await softmax(estimator);
    const test = await testModes(modes);
    expect(test.rows.map(({ p }) => p)).toEqual(new Array(8).fill(1));
    expect(test.toString()).toContain("cancel in the mean over the outputs");
    expect(concentration(modes)).toMatchObject({
      gini: { value: Number.NaN },
      unknown: expect.stringContaining("cancel"),
    });
    expect((await testModes(modes, { outputs: "each" })).found().length).toBeGreaterThan(3);
    expect(concentration(modes.slice(0)).gini.value).toBeGreaterThan(0);
  });
});
