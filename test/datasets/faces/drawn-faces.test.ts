import { describe, expect, test } from "vitest";
import { drawFaces } from "../../../src/datasets/faces/drawn-faces.js";
import { faceVarieties } from "../../../src/datasets/faces/face.js";

const size = 64;

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
