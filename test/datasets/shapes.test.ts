import { describe, expect, it } from "vitest";
import { drawShapes, shapeInputs } from "../../src/datasets/shapes/drawn-shapes.js";
import { outlines, polygon, shapeNames } from "../../src/datasets/shapes/outlines.js";

describe("polygon", () => {
  const square = polygon([
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ]);

  it.each([
    [0, 0, -1],
    [0.5, 0, -0.5],
    [2, 0, 1],
    [0, -3, 2],
    [4, 5, 5], // 3, 4 from the corner
  ])("is as far from the outline as it is: (%s, %s)", (x, y, distance) => {
    expect(square(x, y)).toBeCloseTo(distance, 12);
  });
});

describe("outlines", () => {
  it.each(shapeNames)("%s lies within 1.2 of the origin and covers a share of that", (name) => {
    let inside = 0;
    const steps = 60;
    for (let i = 0; i < steps; i++) {
      for (let j = 0; j < steps; j++) {
        const [x, y] = [-1.5 + (3 * (i + 0.5)) / steps, -1.5 + (3 * (j + 0.5)) / steps];
        if (outlines[name](x, y) >= 0) continue;
        inside++;
        expect(Math.hypot(x, y)).toBeLessThan(1.2);
      }
    }
    const area = inside * (3 / steps) ** 2;
    expect(area).toBeGreaterThan(0.4);
    expect(area).toBeLessThan(Math.PI);
  });

  it("has a disc of the area of a disc", () => {
    expect(outlines.disc(0, 0)).toBeCloseTo(-0.85, 12);
    expect(outlines.ring(0, 0)).toBeCloseTo(0.52, 12);
  });
});

describe("drawShapes", () => {
  const scenes = drawShapes({ count: 12, seed: 5, size: 16 });

  it("gives the classes in turn, and levels", () => {
    expect([...scenes.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect(scenes.pixels).toHaveLength(12 * 3 * 16 * 16);
    const { inputs, shape, classes, count } = shapeInputs(scenes);
    expect({ shape, classes, count }).toEqual({ shape: [3, 16, 16], classes: 10, count: 12 });
    expect(Math.max(...inputs)).toBeLessThanOrEqual(1);
  });

  it("draws the same again, wherever it begins, and others from another seed", () => {
    const later = drawShapes({ count: 2, seed: 5, size: 16, first: 10 });
    expect([...later.labels]).toEqual([0, 1]);
    expect(later.pixels).toEqual(scenes.pixels.subarray(10 * 3 * 16 * 16));
    expect(drawShapes({ count: 12, seed: 5, size: 16 }).sha256).toBe(scenes.sha256);
    expect(drawShapes({ count: 12, seed: 6, size: 16 }).sha256).not.toBe(scenes.sha256);
  });

  it("refuses what it can not draw", () => {
    expect(() => drawShapes({ count: 0 })).toThrow("invalid count; expected a positive integer; received 0");
    expect(() => drawShapes({ count: 1, first: -1 })).toThrow("invalid first");
    expect(() => drawShapes({ count: 1, seed: -1 })).toThrow("invalid seed");
  });
});
