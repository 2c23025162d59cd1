import { describe, expect, test } from "vitest";
import { layerGroups } from "../../src/analysis/layers.js";
import { partFilters } from "../../src/analysis/part-filters.js";
import { masksOf, paintingModes, units } from "./masked-games.js";

const modes = paintingModes(3);
const layers = layerGroups(units);

describe("partFilters", () => {
  test("counts the units that put at least twice its area's share of |mode| on one feature", () => {
    // corner is a quarter of the image. a: none reaches twice; b/0 puts 4 x 0.2 of 4 x 0.2 + 12 x 0.01 there
    const [a, b] = partFilters(modes, layers, masksOf(3));
    expect(a).toMatchObject({ layer: "a", units: 5, specific: 0, features: {} });
    expect(b).toMatchObject({ layer: "b", units: 4, specific: 1, features: { corner: 1 } });
    expect(partFilters(modes, layers, masksOf(3), { features: ["top"] }).map(({ specific }) => specific)).toEqual([
      0, 0,
    ]);
    // a/0 and a/1 put 0.2 of 0.22 on the upper half: 1.8 times its area
    expect(partFilters(modes, layers, masksOf(3), { least: 1.8 })[0].features).toEqual({ top: 2 });
  });

  test("gives the share Wilson's interval, which has a width where no unit is specific", () => {
    const [a, b] = partFilters(modes, layers, masksOf(3));
    const z2 = 1.959964 ** 2;
    expect(a.share.value).toBe(0);
    expect(a.share.low).toBeCloseTo(0, 12);
    expect(a.share.high).toBeCloseTo(z2 / (5 + z2), 12);
    // the ends are where the score test of the share just rejects: (1/4 - p)^2 = z^2 p (1 - p) / 4
    for (const p of [b.share.low, b.share.high]) expect((0.25 - p) ** 2).toBeCloseTo((z2 * p * (1 - p)) / 4, 12);
  });

  test("knows nothing where no image shows a feature", () => {
    const masks = masksOf(3);
    const none = { ...masks, masks: { hat: new Float32Array(masks.masks.top.length) } };
    expect(partFilters(modes, layers, none)[0]).toMatchObject({ specific: 0, share: { value: Number.NaN } });
  });

  test("refuses masks of other images and unknown features", () => {
    expect(() => partFilters(modes, layers, masksOf(2))).toThrow("invalid images");
    expect(() => partFilters(modes, layers, masksOf(3), { features: ["hat"] })).toThrow("invalid feature");
  });
});
