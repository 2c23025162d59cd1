import { describe, expect, it } from "vitest";
import { outputCorrelationFigure } from "../../src/figures/output-correlation.js";
import { fc } from "../helpers/properties.js";
import { anyNames, anySize, axis, expectSound, numbered, traces } from "./figure-helpers.js";

const anyPanel = fc.record({ title: fc.string({ maxLength: 20 }), labels: anyNames(1, 10) }).chain((panel) => {
  const row = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: panel.labels.length,
    maxLength: panel.labels.length,
  });
  return fc
    .array(row, { minLength: panel.labels.length, maxLength: panel.labels.length })
    .map((correlation) => ({ ...panel, correlation }));
});
const panel = {
  title: "L1",
  correlation: [
    [1, 0.5],
    [0.5, 1],
  ],
  labels: ["0", "1"],
};

describe("outputCorrelationFigure (A4)", () => {
  it("has every correlation in its cell, all panels on the scale from -1 to 1, with one colour bar", () => {
    fc.assert(
      fc.property(fc.array(anyPanel, { minLength: 1, maxLength: 3 }), anySize, (panels, size) => {
        const figure = outputCorrelationFigure(panels, { size });
        expectSound(figure);
        const maps = traces(figure);
        expect(maps.map((map) => map.z)).toEqual(panels.map(({ correlation }) => correlation));
        for (const map of maps) expect([map.zmin, map.zmax]).toEqual([-1, 1]);
        expect(maps.filter((map) => map.showscale !== false)).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });

  it("three panels stand side by side, are square, and share the labels at the left", () => {
    const labels = numbered(10);
    const correlation = labels.map((_, row) => labels.map((_, column) => (row === column ? 1 : 0)));
    const figure = outputCorrelationFigure(["L1", "L2", "None"].map((title) => ({ title, labels, correlation })));
    const domains = ["xaxis", "xaxis2", "xaxis3"].map((name) => axis(figure, name).domain as number[]);
    for (let right = 1; right < 3; right++) expect(domains[right][0]).toBeGreaterThan(domains[right - 1][1]);
    const { width = 0, height = 0, margin: { l = 0, r = 0, t = 0, b = 0 } = {} } = figure.layout;
    const side = (domains[0][1] - domains[0][0]) * (width - l - r);
    expect(height - t - b).toBeCloseTo(side, -1);
    expect(["yaxis", "yaxis2", "yaxis3"].map((name) => axis(figure, name).showticklabels)).toEqual([
      true,
      false,
      false,
    ]);
    expect(axis(figure, "yaxis").ticktext).toEqual(labels);
  });

  it("takes a correlation that leaves -1 to 1 by a rounding error", () => {
    const correlation = [
      [1 + 1e-15, 0],
      [0, 1],
    ];
    expectSound(outputCorrelationFigure([{ ...panel, correlation }]));
  });

  it("refuses what can not be drawn, naming the panel", () => {
    const message = (parts: object) => () => outputCorrelationFigure([{ ...panel, ...parts }]);
    expect(() => outputCorrelationFigure([])).toThrow(
      "invalid panels; expected at least one of the networks' correlations; received []",
    );
    expect(message({ correlation: [[1, Number.NaN], panel.correlation[1]] })).toThrow(
      "invalid panels[0].correlation[0][1]; expected a finite number; received NaN",
    );
    expect(message({ correlation: [[1, 1.5], panel.correlation[1]] })).toThrow(
      "invalid panels[0].correlation[0][1]; expected a number from -1 to 1; received 1.5",
    );
    expect(message({ correlation: [[1, 0]] })).toThrow(
      "invalid panels[0].correlation; expected 2 values (one row per label); received 1",
    );
    expect(message({ correlation: [[1, 0], [0]] })).toThrow(
      "invalid panels[0].correlation[1]; expected 2 values (one column per label); received 1",
    );
    expect(() => outputCorrelationFigure(Array(80).fill(panel))).toThrow(
      "invalid panels; expected as many as fit side by side; received 80",
    );
    expect(message({ labels: ["0", "0"] })).toThrow('invalid panels[0].labels; expected each name once; received "0"');
  });
});
