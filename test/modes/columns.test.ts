import type { DataFrame } from "danfojs-node";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { normalQuantile, studentFactor } from "../../src/quantiles.js";

const numbers = (count: number) => Float64Array.from({ length: count }, (_, i) => i / 4);

describe("modes as columns", () => {
  it("one row per unit and output, with the output's index and the standard error", () => {
    const modes = new ShapleyModes({
      units: ["a", "b"],
      outputShape: [2],
      values: Float64Array.of(1, 2, 3, 4),
      standardErrors: Float64Array.of(0.1, 0.2, 0.3, 0.4),
    });
    const z = normalQuantile(0.975);
    expect(modes.toColumns()).toEqual({
      unit: ["a", "a", "b", "b"],
      output: [0, 1, 0, 1],
      contribution: [1, 2, 3, 4],
      standard_error: [0.1, 0.2, 0.3, 0.4],
      ci95_low: [1, 2, 3, 4].map((value) => expect.closeTo(value - (z * value) / 10, 12)),
      ci95_high: [1, 2, 3, 4].map((value) => expect.closeTo(value + (z * value) / 10, 12)),
    });
  });

  it("the interval is Student's, of as many degrees as there are orderings or pairs of them", () => {
    const of = (provenance: JsonObject) => {
      const values = Float64Array.of(0);
      const standardErrors = Float64Array.of(1);
      return new ShapleyModes({ units: ["a"], outputShape: [], values, standardErrors, provenance }).toColumns()
        .ci95_high;
    };
    expect(of({ orderings: 12, standard_error_over: "ordering" })).toEqual([studentFactor(0.05, 11)]);
    expect(of({ orderings: 12, standard_error_over: "pair" })).toEqual([studentFactor(0.05, 5)]);
    expect(of({ orderings: null, standard_error_over: "pair" })).toEqual([normalQuantile(0.975)]);
    expect(of({ orderings: 1, standard_error_over: "ordering" })).toEqual([Number.NaN]);
  });

  it("no output column for a single number, no standard error where it is not known", () => {
    const modes = new ShapleyModes({ units: ["a", "b"], outputShape: [], values: Float64Array.of(1, 2) });
    expect(modes.toColumns()).toEqual({ unit: ["a", "b"], contribution: [1, 2] });
  });

  it("indices of several dimensions find the contribution again", () => {
    const modes = new ShapleyModes({ units: ["a", "b"], outputShape: [2, 3, 2], values: numbers(24) });
    const { unit, output_0, output_1, output_2, contribution } = modes.toColumns() as Record<string, never[]>;
    expect(unit).toHaveLength(24);
    unit.forEach((name, row) => {
      const { units, values } = modes.output(output_0[row], output_1[row], output_2[row]);
      expect(contribution[row]).toBe(values[units.indexOf(name)]);
    });
  });

  it("a data frame adds up to what the modes do, output by output", async () => {
    const modes = new ShapleyModes({ units: ["a", "b", "c"], outputShape: [4], values: numbers(12) });
    const frame: DataFrame = await modes.toDataFrame();
    expect(frame.columns).toEqual(["unit", "output", "contribution"]);
    expect(frame.shape).toEqual([12, 3]);
    const sums = frame.groupby(["output"]).agg({ contribution: "sum" });
    expect(sums.column("contribution_sum").values).toEqual([...modes.total()]);
  });
});
