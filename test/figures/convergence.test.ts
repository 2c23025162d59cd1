import { describe, expect, it } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { convergenceFigure } from "../../src/figures/convergence.js";
import { gameFrom } from "../../src/games/from-function.js";
import { fromNpz, toNpz } from "../../src/modes/npz.js";
import { axis, expectSound, named, traces } from "./figure-helpers.js";

const game = () => gameFrom(7, (intact) => [intact.size ** 2, intact.has(0) && intact.has(1) ? 3 : 0]);

describe("convergenceFigure", () => {
  it("has a point for each look, the goal, and a line of the square root that ends in the last one, also of modes that were saved", async () => {
    const modes = await shapley(await game(), {
      estimator: "permutation",
      until: { standardError: 0.3 },
      onRemark: () => {},
    });
    const figure = convergenceFigure(fromNpz(toNpz(modes)));
    expectSound(figure);
    const [run] = named(figure, "permutation");
    expect(run.x.at(-1)).toBe(modes.provenance.evaluations);
    expect(run.y.at(-1)).toBe(Math.max(...(modes.standardErrors ?? [])));
    expect(named(figure, "Goal")[0].y).toEqual([0.3, 0.3]);
    const [line] = named(figure, "permutation, expected");
    const [[x0, x1], [y0, y1]] = [line.x, line.y] as number[][];
    expect([x1, y1]).toEqual([run.x.at(-1), run.y.at(-1)]);
    expect((y0 / y1) ** 2).toBeCloseTo(x1 / x0, 10);
    expect(axis(figure, "xaxis").type).toBe("log");
    expect(figure.caption).toMatch(
      /The run stopped after [\d,]+ evaluations \([\d,]+ orderings\), with all goals met\.$/,
    );
  });

  it("ends at a thousandth of the goal, where looks are exact but for rounding", () => {
    const look = (evaluations: number, error: number) => ({
      evaluations,
      orderings: null,
      standard_error: error,
      mean_standard_error: error,
      relative_error: error,
    });
    const until = {
      asked: { standardError: 0.1 },
      looks: [look(40, 0.5), look(74, 1e-15)],
      missed: [],
      stopped: "met",
    };
    const figure = convergenceFigure({ name: "exact", provenance: { until } });
    expectSound(figure);
    const [{ y }] = named(figure, "exact");
    expect(y[0]).toBe(0.5);
    expect(y[1]).toBeCloseTo(1e-4, 12);
    expect(named(figure, "exact, expected")).toEqual([]);
    expect(figure.caption).toContain("Points at 0.0001, the least that is drawn, are there or below it.");
    expect(figure.caption).not.toContain("Dotted");
  });

  it("draws what rank stability lacks to 1", async () => {
    const modes = await shapley(await game(), { until: { rankStability: 0.9 }, orderings: 300, onRemark: () => {} });
    const figure = convergenceFigure(modes);
    expectSound(figure);
    expect(named(figure, "Goal")[0].y[0]).toBeCloseTo(0.1, 12);
    expect(traces(figure)).toHaveLength(3);
  });

  it("refuses a run without until, and a measure that nobody looked at", async () => {
    const plain = await shapley(await game(), { orderings: 20 });
    expect(() => convergenceFigure(plain)).toThrow(/invalid runs; expected Shapley Modes of a run with until/);
    const modes = await shapley(await game(), {
      estimator: "permutation",
      until: { standardError: 0.5 },
      onRemark: () => {},
    });
    expect(() => convergenceFigure(modes, { rule: "top" })).toThrow(
      /invalid rule; expected a measure that every run has seen/,
    );
    expect(() => convergenceFigure([])).toThrow("invalid runs; expected 1 to 6 runs; received 0");
  });
});
