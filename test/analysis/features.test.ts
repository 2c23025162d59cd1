import { describe, expect, test } from "vitest";
import { enrichmentTable, featureShares } from "../../src/analysis/features.js";
import { faceInterval } from "../../src/analysis/mask-sums.js";
import { selectivity } from "../../src/analysis/selectivity.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { masksOf, paintingModes } from "./masked-games.js";

describe("featureShares", () => {
  const modes = paintingModes(3);
  const groups = { one: ["a/0"], both: ["b/0", "b/3"], flat: ["a/2"], growing: ["b/1"] };

  test("gives the part of a group's mode on each feature, and how much more than its area that is", () => {
    const rows = featureShares(modes, groups, masksOf(3));
    expect(rows.map(({ group, feature }) => `${group} ${feature}`)).toEqual(
      Object.keys(groups).flatMap((group) => [`${group} top`, `${group} corner`]),
    );
    const row = (group: string, feature: string) => {
      const found = rows.find((each) => each.group === group && each.feature === feature);
      if (!found) throw new Error("no such row");
      return found;
    };
    expect(row("one", "top")).toMatchObject({ units: 1, area: 0.5 });
    expect(row("one", "top").share).toBeCloseTo(0.2 / 0.22, 6);
    expect(row("one", "top").enrichment).toBeCloseTo(2 * (0.2 / 0.22), 6);
    // 4 pixels of 0.201, 12 of 0.011
    expect(row("both", "corner").share).toBeCloseTo((4 * 0.201) / (4 * 0.201 + 12 * 0.011), 6);
    expect(row("flat", "corner").enrichment).toBeCloseTo(1, 6);
    // faces have the same shares, though not as much of it
    for (const bound of row("growing", "top").shareInterval) expect(bound).toBeCloseTo(2 / 3, 6);
  });

  test("becomes a table of enrichments", () => {
    const table = enrichmentTable(featureShares(modes, groups, masksOf(3)));
    expect(table).toMatchObject({ groups: Object.keys(groups), features: ["top", "corner"] });
    expect(table.values[0][0]).toBeCloseTo(2 * (0.2 / 0.22), 6);
    expect(table.values[2][1]).toBeCloseTo(1, 6);
  });

  test("lets units of a group cancel, and knows no share of nothing", () => {
    const values = Float64Array.from({ length: 2 * 12 }, (_, i) => (i < 12 ? 1 : -1));
    const pair = new ShapleyModes({ units: ["a/0", "a/1"], outputShape: [1, 3, 2, 2], values });
    const masks = { count: 1, size: 2, masks: { left: Float32Array.of(1, 0, 0.5, 0), nowhere: new Float32Array(4) } };
    const [left, nowhere] = featureShares(pair, { one: ["a/0"], none: ["a/0", "a/1"] }, masks);
    expect(left).toMatchObject({ share: 0.375, area: 0.375, enrichment: 1 });
    expect(nowhere.share).toBe(0);
    expect(nowhere.enrichment).toBeNaN();
    const [cancelled] = featureShares(pair, { none: ["a/0", "a/1"] }, masks, { features: ["left"] });
    expect(cancelled.share).toBeNaN();
  });

  test("refuses masks of other images and features without a mask", () => {
    expect(() => featureShares(modes, groups, masksOf(2))).toThrow("invalid images; expected the shape [2, 3, 4, 4]");
    expect(() => featureShares(modes, groups, masksOf(3), { features: ["hat"] })).toThrow("one of top, corner");
    const short = { ...masksOf(3), masks: { top: new Float32Array(5) } };
    expect(() => featureShares(modes, groups, short)).toThrow("invalid mask top; expected 48 numbers");
  });
});

describe("selectivity", () => {
  /** Two faces of 2 x 2 pixels; the changes of a pixel's three colours are given. */
  const images = (...pixels: readonly (readonly [number, number, number])[]) =>
    Float64Array.from({ length: 24 }, (_, i) => pixels[4 * Math.floor(i / 12) + (i % 4)][Math.floor(i / 4) % 3]);
  const black = images(...Array.from({ length: 8 }, () => [0, 0, 0] as const));
  const changed = images(
    ...([
      [0.3, 0, -0.3],
      [0.1, 0.1, 0.1],
      [0, 0, 0],
      [0, 0, 0],
    ] as const),
    ...([
      [0, 0, 0],
      [0.6, 0, 0],
      [0, 0, 0.3],
      [0, 0, 0],
    ] as const),
  );
  const masks = {
    count: 2,
    size: 2,
    masks: { soft: Float32Array.of(1, 0.5, 0, 0, 0, 0, 0.25, 0.25), absent: new Float32Array(8) },
  };

  test("is the mean change inside over the mean change outside, a soft mask counting in part", () => {
    const [soft] = selectivity(black, changed, masks, { features: ["soft"] });
    // changes of pixels: 0.2, 0.1, 0, 0 and 0, 0.2, 0.1, 0
    expect(soft.inside).toBeCloseTo((0.2 + 0.05 + 0.025) / 2, 6);
    expect(soft.outside).toBeCloseTo((0.05 + 0.2 + 0.075) / 6, 6);
    expect(soft.selectivity).toBeCloseTo(soft.inside / soft.outside, 12);
    expect(soft.faces[0]).toBeCloseTo(0.25 / 1.5 / (0.05 / 2.5), 5);
    expect(soft.faces[1]).toBeNaN(); // half a pixel
    expect(soft.colourIntact).toEqual([0, 0, 0]);
    const expected = [(0.3 + 0.05) / 2, 0.05 / 2, (-0.3 + 0.05 + 0.25 * 0.3) / 2];
    soft.colourLesioned.forEach((level, colour) => {
      expect(level).toBeCloseTo(expected[colour], 6);
    });
  });

  test("is not known where no face shows the feature, or nothing changes", () => {
    expect(selectivity(black, changed, masks)[1].selectivity).toBeNaN();
    expect(selectivity(black, black, masks)[0].selectivity).toBeNaN();
    expect(() => selectivity(black, changed.subarray(0, 12), masks)).toThrow("invalid images");
  });
});

describe("faceInterval", () => {
  test("holds the middle 95 % of a mean over faces, the same at every call", () => {
    const numbers = Array.from({ length: 100 }, (_, face) => face);
    const mean = (faces: readonly number[]) => faces.reduce((sum, face) => sum + numbers[face], 0) / faces.length;
    const [low, high] = faceInterval(100, mean);
    const error = Math.sqrt((100 ** 2 - 1) / 12 / 100); // of a mean of 100 numbers drawn from 0 to 99
    expect(Math.abs(low - (49.5 - 1.96 * error))).toBeLessThan(0.25 * error);
    expect(Math.abs(high - (49.5 + 1.96 * error))).toBeLessThan(0.25 * error);
    expect(faceInterval(100, mean)).toEqual([low, high]);
    expect(faceInterval(1, mean)).toEqual([Number.NaN, Number.NaN]);
  });
});
