import { describe, expect, test } from "vitest";
import { type DrawnFaces, drawFaces } from "../../../src/datasets/faces/drawn-faces.js";
import { type DrawnFace, faceFeatures, hasFeature } from "../../../src/datasets/faces/face.js";
import { faceMask, faceMasks } from "../../../src/datasets/faces/face-mask.js";

const size = 64;
const faceOf = (set: DrawnFaces, like: (face: DrawnFace) => boolean) => set.faces.find(like) as DrawnFace;
const pixelsOf = (mask: Uint8Array) => mask.reduce((sum, there) => sum + there, 0);

describe("faceMask", () => {
  test("is empty for a feature that a face does not have, and only for such", async () => {
    const set = await drawFaces({ count: 24, seed: 1, size });
    for (const face of set.faces) {
      const masks = await faceMasks(face, size);
      for (const feature of ["hair", "beard", "eyes"] as const) {
        if (!hasFeature(face, feature)) expect(pixelsOf(masks[feature]), feature).toBe(0);
        else if (feature !== "eyes")
          expect(pixelsOf(masks[feature]), `${feature} ${face[feature]}`).toBeGreaterThan(10);
      }
    }
    expect(set.faces.some((face) => face.beard === "none") && set.faces.some((face) => face.beard !== "none")).toBe(
      true,
    );
  });

  test("lies where the feature is: hair above the mouth, eyes between", async () => {
    const set = await drawFaces({ count: 24, seed: 1, size });
    const face = faceOf(set, ({ hair, glasses, beard }) => hair === "short" && glasses === "none" && beard === "none");
    const masks = await faceMasks(face, size);
    const middle = (mask: Uint8Array) => {
      let rows = 0;
      mask.forEach((there, p) => (rows += there * Math.floor(p / size)));
      return rows / pixelsOf(mask);
    };
    const order = (["hair", "eyebrows", "eyes", "nose", "mouth"] as const).map((feature) => middle(masks[feature]));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(Object.keys(masks)).toEqual([...faceFeatures]);
  });

  test("does not count what another feature hides", async () => {
    const set = await drawFaces({ count: 200, seed: 2, size: 16 });
    const face = faceOf(set, ({ hair }) => hair === "female1");
    const seen = pixelsOf(await faceMask(face, "eyebrows", size)); // under a fringe
    expect(seen).toBeLessThan(pixelsOf(await faceMask({ ...face, hair: "bald" }, "eyebrows", size)));
    await expect(faceMask(face, "ears" as "eyes", size)).rejects.toThrow("invalid feature");
  });

  test("tells skin and background apart, and from what covers them", async () => {
    const set = await drawFaces({ count: 12, seed: 4, size });
    for (const face of set.faces) {
      const background = await faceMask(face, "background", size);
      const skin = await faceMask(face, "skin", size);
      expect(background[63 * size]).toBe(1); // beside the neck
      expect(pixelsOf(skin)).toBeGreaterThan(0.2 * size * size);
      const features = Object.values(await faceMasks(face, size));
      for (let p = 0; p < size * size; p++) {
        expect(background[p] * skin[p]).toBe(0);
        expect(features.some((mask) => mask[p] && background[p])).toBe(false);
      }
    }
  });
});
