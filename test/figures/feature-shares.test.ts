import { describe, expect, it } from "vitest";
import { featureSharesFigure } from "../../src/figures/feature-shares.js";
import { fc } from "../helpers/properties.js";
import { anyNames, anySize, expectSound, traces } from "./figure-helpers.js";

const input = { groups: ["layer1", "layer2"], features: ["hair", "mouth", "eyes"] };
type Cells = { text: string[][]; z: (number | null)[][] };
const cellsOf = (figure: ReturnType<typeof featureSharesFigure>) => traces(figure)[0] as unknown as Cells;

describe("featureSharesFigure", () => {
  it("colours are logarithms, 1 in the middle: twice and half are as strong", () => {
    const values = [
      [2, 0.5, 1],
      [1.5, 0.25, 1.25],
    ];
    const figure = featureSharesFigure({ ...input, values });
    const { z } = cellsOf(figure);
    values.forEach((row, g) => {
      row.forEach((value, f) => {
        expect(z[g][f]).toBeCloseTo(Math.log2(value), 12);
      });
    });
    const [{ zmin, zmax, colorscale }] = traces(figure);
    expect([zmin, zmax]).toEqual([-2, 2]);
    expect(colorscale[5]).toEqual([0.5, "#f7f7f7"]);
    const bar = (figure.data[0] as { colorbar?: { tickvals?: number[]; ticktext?: string[] } }).colorbar;
    expect(bar?.tickvals?.map((place) => 2 ** place)).toEqual([0.25, 0.5, 1, 2, 4]);
    expect(bar?.ticktext).toEqual(["1/4", "1/2", "1", "2", "4"]);
  });

  it("the numbers stand in the cells; nothing at all takes the last colour, what is not known none", () => {
    const values = [
      [2.04, 0, Number.NaN],
      [12.4, 1, 1],
    ];
    const figure = featureSharesFigure({ ...input, values });
    const { text, z } = cellsOf(figure);
    expect(text).toEqual([
      ["2.0", "0.0", ""],
      ["12", "1.0", "1.0"],
    ]);
    expect(z[0].slice(1)).toEqual([-3, null]);
    expect(figure.caption).toContain("Colours end at 1/8 and 8.");
  });

  it("small differences do not look large: colours reach to twice and half at least", () => {
    const figure = featureSharesFigure({ ...input, values: input.groups.map(() => [1.02, 0.99, 1]) });
    expect(traces(figure)[0].zmax).toBe(1);
  });

  it("is sound for any names and values, in both sizes", () => {
    fc.assert(
      fc.property(anyNames(1, 8), anyNames(1, 9), anySize, fc.nat(), (groups, features, size, seed) => {
        const values = groups.map((_, g) => features.map((_name, f) => Math.abs(Math.sin(seed + 7 * g + f)) * 3));
        expectSound(featureSharesFigure({ groups, features, values }, { size }));
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, number[][], string]>([
    ["a row too few", [[1, 1, 1]], "invalid values; expected 2 values (one row per group); received 1"],
    ["a value too few", [[1, 1, 1], [1]], "invalid values[1]; expected 3 values (one per feature); received 1"],
    [
      "a share below 0",
      [
        [1, 1, 1],
        [1, -1, 1],
      ],
      "invalid values[1][1]; expected a finite number from 0 on; received -1",
    ],
  ])("%s is refused", (_, values, message) => {
    expect(() => featureSharesFigure({ ...input, values })).toThrow(message);
  });
});
