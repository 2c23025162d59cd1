import { describe, expect, test } from "vitest";
import { type DrawnFaces, drawFaces, faceMask, faceMasks } from "../../../src/datasets/faces/drawn-faces.js";
import { type DrawnFace, faceFeatures, faceVarieties, hasFeature } from "../../../src/datasets/faces/face.js";

const size = 64;
const faceOf = (set: DrawnFaces, like: (face: DrawnFace) => boolean) => set.faces.find(like) as DrawnFace;
const pixelsOf = (mask: Uint8Array) => mask.reduce((sum, there) => sum + there, 0);

describe("drawFaces", () => {
  test("draws the same faces for the same seed, each depending on its number alone, and leaves Math.random alone", async () => {
    const random = Math.random;
    Math.random = () => {
      throw new Error("Math.random was called");
    };
    try {
      const set = await drawFaces({ count: 6, seed: 0 });
      const again = await drawFaces({ count: 2, seed: 0, first: 3 });
      const other = await drawFaces({ count: 6, seed: 1 });
      expect(set.sha256).toBe((await drawFaces({ count: 6, seed: 0 })).sha256);
      expect(again.faces).toEqual(set.faces.slice(3, 5));
      expect(again.pixels).toEqual(set.pixels.slice(3 * 3 * size * size, 5 * 3 * size * size));
      expect(other.faces).not.toEqual(set.faces);
    } finally {
      Math.random = random;
    }
  });

  test.each(faceVarieties)("draws faces that differ, on a background of one colour, of variety %s", async (variety) => {
    const set = await drawFaces({ count: 12, seed: 3, size: 32, variety });
    const area = 32 * 32;
    const image = (i: number) => set.pixels.slice(3 * i * area, 3 * (i + 1) * area);
    expect(new Set(set.faces.map((_, i) => image(i).join())).size).toBe(12);
    for (let i = 0; i < 12; i++) {
      const colour = (y: number, x: number) => [0, 1, 2].map((c) => image(i)[c * area + y * 32 + x]);
      expect(colour(31, 0)).toEqual([0xdd, 0xdd, 0xee]); // beside the neck
      expect(colour(16, 16)).not.toEqual([0xdd, 0xdd, 0xee]);
    }
  });

  test.each([
    [{ count: 0 }, "invalid count"],
    [{ count: 1, size: 1.5 }, "invalid size"],
    [{ count: 1, seed: -1 }, "invalid seed"],
    [{ count: 1, first: -1 }, "invalid first"],
    [{ count: 1, variety: "photographs" as "full" }, "invalid variety"],
  ])("refuses %o", async (options, message) => {
    await expect(drawFaces(options)).rejects.toThrow(message);
  });

  test("stops when it is told to", async () => {
    const stop = new AbortController();
    const drawing = drawFaces({ count: 2000, signal: stop.signal, onFace: ({ face }) => face === 5 && stop.abort() });
    await expect(drawing).rejects.toThrow("aborted");
  });
});

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
});
