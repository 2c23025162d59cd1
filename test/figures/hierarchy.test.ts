import { describe, expect, it } from "vitest";
import { hierarchyFigure } from "../../src/figures/hierarchy.js";
import { panelOrder } from "../../src/figures/kit/hierarchy-panels.js";
import { fc } from "../helpers/properties.js";
import { anySize, axis, drawnTexts, expectSound, hierarchyOf, named, numbered, traces } from "./figure-helpers.js";

const layers = numbered(5).map((l) => `layer${Number(l) + 1}`);
const networks = [
  { name: "Trained", hierarchy: hierarchyOf(layers, 0.25) },
  { name: "Shuffled", hierarchy: hierarchyOf(layers, 0.5) },
  { name: "Matched", hierarchy: hierarchyOf(layers, 0.4) },
];
const panels = panelOrder.filter((panel) => panel !== "likeness"); // which is not known in the example

describe("hierarchyFigure (B7)", () => {
  it("has a panel for each measure that is known, with every layer's value and interval", () => {
    const figure = hierarchyFigure(networks);
    expect(traces(figure)).toHaveLength(networks.length * panels.length);
    for (const { name, hierarchy } of networks) {
      named(figure, name).forEach((trace, index) => {
        const points = hierarchy.measures[panels[index]];
        expect(trace.y).toEqual(points.map(({ value }) => value));
        const error = trace.error_y as unknown as { array: number[]; arrayminus: number[] };
        points.forEach(({ value, low, high }, l) => {
          expect(error.array[l]).toBeCloseTo(high - value, 12);
          expect(error.arrayminus[l]).toBeCloseTo(value - low, 12);
          const [bottom, top] = axis(figure, `yaxis${index === 0 ? "" : index + 1}`).range as number[];
          expect(bottom <= low && high <= top).toBe(true);
        });
      });
    }
  });

  it("the first network stands out: its lines are solid, thicker than all others, and drawn last", () => {
    const figure = hierarchyFigure(networks);
    const first = named(figure, "Trained")[0] as unknown as { line: { width: number; dash: string } };
    expect(first.line.dash).toBe("solid");
    for (const name of ["Shuffled", "Matched"]) {
      const other = named(figure, name)[0] as unknown as typeof first;
      expect(other.line.width).toBeLessThan(0.7 * first.line.width);
      expect(other.line.dash).not.toBe("solid");
    }
    expect(traces(figure)[2].name).toBe("Trained");
  });

  it("says in words what each axis counts, and the sampling error of each network", () => {
    const figure = hierarchyFigure(networks);
    for (const words of ["share of pixels", "cycles per image", "times the mean"]) {
      expect(drawnTexts(figure)).toContain(words);
    }
    expect(figure.caption).toContain("Sampling error per layer: Trained 4–20 %, ");
    const { caption } = hierarchyFigure(networks.slice(0, 1));
    expect(caption).toContain("Sampling error per layer: 4–20 %.");
    const unknown = { ...networks[0].hierarchy, relativeErrors: layers.map(() => Number.NaN) };
    expect(hierarchyFigure([{ name: "a", hierarchy: unknown }]).caption).not.toContain("Sampling error");
    const small = { ...networks[0].hierarchy, relativeErrors: layers.map(() => 0.004) };
    expect(hierarchyFigure([{ name: "a", hierarchy: small }]).caption).toContain("Sampling error per layer: 0.4 %.");
  });

  it("layers of another kind are joined to no other, and keep their values and intervals", () => {
    const last = layers[layers.length - 1];
    const figure = hierarchyFigure(networks, { apart: [last] });
    expectSound(figure);
    for (const trace of traces(figure)) {
      expect(trace.y).toHaveLength(layers.length + 1);
      expect(trace.y[layers.length - 1]).toBeNull();
      expect(trace.y[layers.length]).not.toBeNull();
    }
    expect(figure.caption).toContain("Not joined: ");
    expect(() => hierarchyFigure(networks, { apart: ["layer9"] })).toThrow("invalid apart");
  });

  it("panels do not overlap, for any number of layers and panels, in both sizes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.subarray(panels, { minLength: 1 }),
        fc.integer({ min: 1, max: 4 }),
        anySize,
        (count, chosen, many, size) => {
          const some = numbered(many).map((n) => ({
            name: `network ${n}`,
            hierarchy: hierarchyOf(numbered(count, "layer"), 0.25),
          }));
          const figure = hierarchyFigure(some, { panels: chosen, size });
          expectSound(figure);
          const boxes = chosen.map((_, index) => {
            const suffix = index === 0 ? "" : index + 1;
            return [axis(figure, `xaxis${suffix}`).domain, axis(figure, `yaxis${suffix}`).domain] as number[][];
          });
          boxes.forEach(([x, y], a) => {
            for (const [otherX, otherY] of boxes.slice(a + 1)) {
              expect(x[1] <= otherX[0] || otherX[1] <= x[0] || y[1] <= otherY[0] || otherY[1] <= y[0]).toBe(true);
            }
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each<[string, () => unknown, string]>([
    ["no networks", () => hierarchyFigure([]), "invalid networks"],
    [
      "a name that comes twice",
      () => hierarchyFigure([networks[0], networks[0]]),
      "invalid names; expected each name once",
    ],
    [
      "a network of other layers",
      () => hierarchyFigure([networks[0], { name: "a", hierarchy: hierarchyOf(["layer1"], 1) }]),
      "invalid networks[1]; expected the layers layer1, layer2",
    ],
    ["a panel that is none", () => hierarchyFigure(networks, { panels: ["size" as "share"] }), "invalid panels"],
    [
      "nothing that is known",
      () => hierarchyFigure(networks, { panels: ["likeness"] }),
      "the measures that have a value",
    ],
  ])("%s is refused", (_, figureOf, message) => {
    expect(figureOf).toThrow(message);
  });
});
