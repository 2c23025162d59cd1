import { describe, expect, it } from "vitest";
import { divergingScale } from "../../src/figures/kit/theme.js";
import { type ModesPanel, modeHeatmapFigure, modesHeatmapFigure } from "../../src/figures/modes-heatmap.js";
import { fc } from "../helpers/properties.js";
import { anyNames, anySize, anyValue, axis, drawnTexts, expectSound, numbered, traces } from "./figure-helpers.js";

const anyPanel: fc.Arbitrary<ModesPanel> = fc
  .record({ title: fc.string({ maxLength: 30 }), units: anyNames(1, 30), outputs: anyNames(1, 12) })
  .chain(({ title, units, outputs }) =>
    fc
      .array(anyValue, { minLength: units.length * outputs.length, maxLength: units.length * outputs.length })
      .map((values) => ({ title, units, outputs, values: Float64Array.from(values) })),
  );
const panelOf = (units: number, outputs: number, title = "L1"): ModesPanel => ({
  title,
  units: numbered(units, "hidden/"),
  outputs: numbered(outputs),
  values: Float64Array.from({ length: units * outputs }, (_, index) => Math.sin(index) / 8),
});
const small = panelOf(2, 2);

describe("modesHeatmapFigure (A3)", () => {
  it("has every contribution in the cell of its output and unit, on one scale centred at 0, with one colour bar", () => {
    fc.assert(
      fc.property(fc.array(anyPanel, { minLength: 1, maxLength: 4 }), anySize, (panels, size) => {
        const figure = modesHeatmapFigure(panels, { size });
        expectSound(figure);
        const maps = traces(figure);
        expect(maps).toHaveLength(panels.length);
        const largest = Math.max(...panels.flatMap((panel) => [...panel.values].map(Math.abs))) || 1;
        maps.forEach((map, p) => {
          const { units, outputs, values } = panels[p];
          expect([map.x, map.y]).toEqual([units, outputs]);
          map.z.forEach((cells, o) => {
            expect(cells).toEqual(units.map((_, u) => values[u * outputs.length + o]));
          });
          expect([map.zmin, map.zmax, map.colorscale]).toEqual([-largest, largest, divergingScale]);
        });
        expect(maps.filter((map) => map.showscale !== false)).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });

  it("the middle of the scale is the lightest and its ends differ in hue", () => {
    const brightness = divergingScale.map(([, colour]) =>
      [1, 3, 5].reduce((sum, start) => sum + Number.parseInt(colour.slice(start, start + 2), 16), 0),
    );
    expect(divergingScale[5][0]).toBe(0.5);
    expect(Math.max(...brightness)).toBe(brightness[5]);
    expect(divergingScale[0][1] < divergingScale[10][1]).toBe(true);
  });

  it("panels stand below each other in their order, without overlap", () => {
    const figure = modesHeatmapFigure(["L1", "L2", "None"].map((title) => panelOf(105, 10, title)));
    const domains = ["yaxis", "yaxis2", "yaxis3"].map((name) => axis(figure, name).domain as number[]);
    for (let panel = 1; panel < 3; panel++) expect(domains[panel][1]).toBeLessThan(domains[panel - 1][0]);
    expect(domains[0][1]).toBeCloseTo(1, 12);
    expect(domains[2][0]).toBeCloseTo(0, 12);
    // The units are the same in all panels: only the lowest names them. Every digit is named.
    expect(["xaxis", "xaxis2", "xaxis3"].map((name) => axis(figure, name).showticklabels)).toEqual([
      false,
      false,
      true,
    ]);
    expect(axis(figure, "yaxis").ticktext).toEqual(numbered(10));
    expect(drawnTexts(figure)).toEqual(expect.arrayContaining(["<b>L1</b>", "<b>L2</b>", "<b>None</b>"]));
  });

  it("10 units are all named, of 200 as many as fit, and the cells are all there", () => {
    const few = modesHeatmapFigure([panelOf(10, 10)]);
    expect(axis(few, "xaxis").ticktext).toEqual(numbered(10));
    for (const size of ["talk", "column"] as const) {
      const many = modesHeatmapFigure([panelOf(200, 10)], { size });
      expectSound(many);
      expect(traces(many)[0].z[9]).toHaveLength(200);
      const ticks = axis(many, "xaxis").ticktext as string[];
      expect(ticks.length).toBeGreaterThan(4);
      expect(ticks.length).toBeLessThan(51);
      const distances = ticks.slice(1).map((tick, index) => Number(tick) - Number(ticks[index]));
      expect(new Set(distances).size).toBe(1);
    }
  });

  it("long names are shortened in their middle, and markup in names is shown as text", () => {
    const units = ["encoder/block_3/a_long_name_of_a_layer/dense_17", "<b>x</b>"];
    const figure = modesHeatmapFigure([{ ...small, units, outputs: ["a < b", "c & d"] }]);
    expect(axis(figure, "xaxis").ticktext).toEqual([expect.stringMatching(/^encoder.*….*17$/), "&lt;b&gt;x&lt;/b&gt;"]);
    expect(axis(figure, "yaxis").ticktext).toEqual(["a &lt; b", "c &amp; d"]);
    expect(traces(figure)[0].x).toEqual(units);
  });

  it("a robust range or a number ends the colours earlier, and the caption says so", () => {
    const values = Float64Array.from({ length: 200 }, (_, index) => (index === 7 ? -8 : index % 2 ? 0.5 : -0.5));
    const outlier = { title: "", units: numbered(200), outputs: ["0"], values };
    const [full, robust, fixed] = (["full", "robust", 0.25] as const).map((range) =>
      modesHeatmapFigure([outlier], { range }),
    );
    expect([full, robust, fixed].map((figure) => traces(figure)[0].zmax)).toEqual([8, 0.5, 0.25]);
    expect(robust.caption).toContain("Colours end at ±0.5; the largest is 8.");
    expect(full.caption).not.toContain("Colours end");
  });

  it("modes that are all 0 have a scale that is not empty", () => {
    const figure = modesHeatmapFigure([{ ...small, values: new Float64Array(4) }], { range: "robust" });
    expect([traces(figure)[0].zmin, traces(figure)[0].zmax]).toEqual([-1, 1]);
  });

  it("the colour bar's title is broken into lines where the panel is low", () => {
    const title = (outputs: number) =>
      traces(modesHeatmapFigure([panelOf(3, outputs)], { score: "class precision" }))[0].colorbar?.title.text;
    expect(title(2)).toBe("Contribution<br>to class<br>precision");
    expect(title(20)).toBe("Contribution to class precision");
  });

  it("refuses what can not be drawn, naming the panel", () => {
    const message =
      (panel: object, options = {}) =>
      () =>
        modesHeatmapFigure([small, { ...small, ...panel }], options);
    expect(() => modesHeatmapFigure([])).toThrow(
      "invalid panels; expected at least one of the networks' modes; received []",
    );
    expect(message({ values: Float64Array.of(0, 1, Number.NaN, 3) })).toThrow(
      "invalid panels[1].values[2]; expected a finite number; received NaN",
    );
    expect(message({ values: new Float64Array(5) })).toThrow(
      "invalid panels[1].values; expected 4 values (2 units times 2 outputs); received 5",
    );
    expect(message({ units: ["a", "a"] })).toThrow('invalid panels[1].units; expected each name once; received "a"');
    expect(message({ outputs: [] })).toThrow(
      "invalid panels[1].outputs; expected at least one of the names of the outputs; received []",
    );
    expect(message({}, { range: 0 })).toThrow("invalid range; expected a positive number; received 0");
    expect(message({}, { range: "most" })).toThrow(
      'invalid range; expected "full", "robust" or a positive number; received "most"',
    );
  });
});

describe("modeHeatmapFigure", () => {
  it("is modesHeatmapFigure of one panel, without a title unless it is given one", () => {
    const { title, ...untitled } = small;
    expect(modeHeatmapFigure(untitled)).toEqual(modesHeatmapFigure([{ ...untitled, title: "" }]));
    expect(modeHeatmapFigure(small)).toEqual(modesHeatmapFigure([{ ...untitled, title }]));
    expect(drawnTexts(modeHeatmapFigure(untitled))).not.toContain("<b></b>");
  });
});
