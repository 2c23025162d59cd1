import { describe, expect, it } from "vitest";
import { adjustedPValues } from "../../../src/analysis/inference/adjusted.js";
import { studentTails } from "../../../src/analysis/inference/student.js";
import { testInteractions } from "../../../src/analysis/inference/test-interactions.js";
import { testModes } from "../../../src/analysis/inference/test-modes.js";
import { interactions } from "../../../src/engine/interactions/interactions.js";
import { interactionCircleFigure } from "../../../src/figures/interaction-circle.js";
import { interactionMatrixFigure } from "../../../src/figures/interaction-matrix.js";
import { gameFrom } from "../../../src/games/from-function.js";
import { Interactions } from "../../../src/modes/interactions.js";
import type { ShapleyModes } from "../../../src/modes/shapley-modes.js";
import { traces } from "../../figures/figure-helpers.js";

/** Three pairs with errors, of walks of 22 orderings: 10 degrees of freedom. */
const sampled = new Interactions({
  index: "sii",
  order: 2,
  units: ["a", "b", "c"],
  outputShape: [],
  subsets: [[0], [0, 1], [0, 2], [1, 2]],
  values: Float64Array.of(1, 5, 1, -2),
  standardErrors: Float64Array.of(0.1, 1, 1, Number.NaN),
  meanStandardErrors: Float64Array.of(0.1, 1, 1, Number.NaN),
  provenance: { orderings: 22, standard_error_over: "pair" },
});

describe("testInteractions", () => {
  it("tests sets of two units or more by Student's t, and corrects for those that have an error", () => {
    const { rows } = testInteractions(sampled);
    expect(rows.map(({ units }) => units)).toEqual(["a + b", "a + c", "b + c"]);
    const p = [studentTails(5, 10), studentTails(1, 10), Number.NaN];
    expect(rows.map((row) => row.p)).toEqual(p);
    expect(rows.map(({ holm }) => holm)).toEqual([...adjustedPValues(p, "holm")]);
    expect([rows[0].low, rows[0].high].map((end) => Math.abs(end - 5))).toEqual([2.22814, 2.22814].map(near));
    expect(
      testInteractions(sampled)
        .found()
        .map(({ units }) => units),
    ).toEqual(["a + b"]);
  });

  it("holds exact interactions that are more than rounding, and no other", async () => {
    const game = await gameFrom(["a", "b", "c", "d"], (intact) => [
      0.1 * intact.size + (intact.has("a") && intact.has("b") ? 2 : 0),
      1e3,
    ]);
    const test = testInteractions(await interactions(game), { outputs: "each" });
    expect(test.rows).toHaveLength(12);
    expect(test.found().map(({ units, output }) => `${units} ${output}`)).toEqual(["a + b 0"]);
  });

  it("takes the rows of a regression less its unknowns as degrees of freedom", async () => {
    const game = await gameFrom(9, (intact) => ([0, 2, 4, 6].every((u) => intact.has(u)) ? 1 : Math.sqrt(intact.size)));
    const found = await interactions(game, { estimator: "pairs", evaluations: 200, seed: 1 });
    const { pairs, unknowns } = found.provenance;
    const [row] = testInteractions(found).rows;
    const degrees = Number(pairs) - 9 - Number(unknowns);
    expect(row.p).toBeGreaterThan(0.001);
    expect(row.p).toBeCloseTo(studentTails(row.interaction / row.standardError, degrees), 12);
  });

  it("knows that all pairs of coalitions are no sample", async () => {
    const game = await gameFrom(6, (intact) => ([0, 2, 4].every((u) => intact.has(u)) ? 1 : Math.sqrt(intact.size)));
    const all = testInteractions(await interactions(game, { estimator: "pairs", evaluations: 64 }));
    const exact = testInteractions(await interactions(game));
    expect(all.found().map(({ units }) => units)).toEqual(exact.found().map(({ units }) => units));
    expect(all.found().length).toBeGreaterThan(10);
    expect(all.found().every(({ p }) => p === 0)).toBe(true);
  });

  it("refuses what is no interaction, and what has no errors; testModes names it", async () => {
    expect(() => testInteractions({} as Interactions)).toThrow("invalid interactions; expected Interactions");
    const { index, order, units, outputShape, subsets, values } = sampled;
    const bare = new Interactions({ index, order, units, outputShape, subsets, values });
    expect(() => testInteractions(bare)).toThrow("some with standard errors");
    await expect(testModes(sampled as unknown as ShapleyModes)).rejects.toThrow("testInteractions tests interactions");
  });
});

describe("figures of interactions", () => {
  it("mark the pairs that hold with dots on either side of the diagonal", () => {
    const figure = interactionMatrixFigure(sampled.matrix(), { test: testInteractions(sampled) });
    const dots = traces(figure).find(({ mode }) => mode === "markers");
    expect([dots?.x, dots?.y]).toEqual([
      ["a", "b"],
      ["b", "a"],
    ]);
    expect(figure.caption).toContain("Dots: other than 0 at 5 % (Holm, 3 tests).");
  });

  it("have no colour and no tree for rounding", async () => {
    const game = await gameFrom(6, (intact) => intact.indices.reduce((sum, u) => sum + 0.1 * (u + 1), 100.3));
    const matrix = (await interactions(game)).matrix();
    const figure = interactionMatrixFigure(matrix);
    expect(figure.caption).toContain("There are none beyond rounding.");
    expect(traces(figure)).toHaveLength(1);
    const shown = (traces(figure)[0].z as unknown as (number | null)[][]).flat();
    expect(shown.every((value) => value === null || value === 0)).toBe(true);
    expect(interactionCircleFigure(matrix).caption).toContain("there are none beyond rounding");
  });
});

function near(value: number) {
  return expect.closeTo(value, 4);
}
