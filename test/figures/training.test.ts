import { describe, expect, it } from "vitest";
import { trainingFigure } from "../../src/figures/training.js";
import { axis, expectSound, traces } from "./figure-helpers.js";
import { levelsOf } from "./image-helpers.js";

const curves = Array.from({ length: 40 }, (_, p) => ({
  images: 800 * (p + 1),
  discriminator: 1.3 + 0.1 * Math.sin(p),
  generator: 1 + 0.5 * Math.cos(p),
  real: 0.6 + 0.1 * Math.sin(p),
  fake: 0.4 - 0.1 * Math.cos(p),
}));
const samples = { images: Array.from({ length: 10 * 48 }, (_, i) => (i % 11) / 10), shape: [10, 3, 4, 4] };

describe("trainingFigure", () => {
  it("has both losses in one panel and both probabilities in the other, against images seen", () => {
    const figure = trainingFigure(curves, { images: 96_000 });
    const drawn = traces(figure);
    const keys = ["discriminator", "generator", "real", "fake"] as const;
    expect(drawn.map(({ xaxis }) => xaxis)).toEqual(["x", "x", "x2", "x2"]);
    keys.forEach((key, index) => {
      expect(drawn[index].x).toEqual(curves.map(({ images }) => images));
      expect(drawn[index].y).toEqual(curves.map((point) => point[key]));
    });
    expect(axis(figure, "xaxis").range).toEqual([0, 96_000]);
    expect(axis(figure, "yaxis2").range).toEqual([0, 1]);
    const [bottom, top] = axis(figure, "yaxis").range as number[];
    expect(curves.every(({ discriminator, generator }) => Math.max(discriminator, generator) <= top)).toBe(true);
    expect(bottom).toBe(0);
    expect(figure.caption).toContain("After 32,000 images");
  });

  it("samples stand above the curves, in their colours, pixels as squares", () => {
    for (const size of ["talk", "column"] as const) {
      const figure = trainingFigure(curves, { samples, size });
      expectSound(figure);
      const { source } = figure.data[4] as unknown as { source: string };
      const { width, height, at } = levelsOf(source);
      expect(at(0, 0)).toEqual([0, 16, 32].map((i) => Math.round(255 * samples.images[i])));
      const { margin = {}, width: page = 0, height: whole = 0 } = figure.layout;
      expect(axis(figure, "xaxis3").range).toEqual([-0.5, width - 0.5]); // eight in a row
      const across = (page - (margin.l ?? 0) - (margin.r ?? 0)) / width;
      const [low, high] = axis(figure, "yaxis3").domain as number[];
      const down = ((high - low) * (whole - (margin.t ?? 0) - (margin.b ?? 0))) / height;
      expect(Math.abs(across / down - 1)).toBeLessThan(0.01);
      expect(low).toBeGreaterThan((axis(figure, "yaxis").domain as number[])[1]);
      expect(figure.caption).toContain("10 images of the generator");
    }
  });

  it("a few samples are no larger than many", () => {
    const few = trainingFigure(curves, { samples: { images: samples.images.slice(0, 96), shape: [2, 3, 4, 4] } });
    const many = trainingFigure(curves, { samples });
    expect(axis(few, "xaxis3").range).toEqual(axis(many, "xaxis3").range);
    expect(few.layout.height).toBeLessThan(many.layout.height ?? 0);
  });

  it("a single point is drawn as a marker", () => {
    expect(traces(trainingFigure(curves.slice(0, 1))).every(({ mode }) => mode === "markers")).toBe(true);
  });

  it("no points, and a loss that is no number, are refused", () => {
    expect(() => trainingFigure([])).toThrow("invalid curves");
    expect(() => trainingFigure([{ ...curves[0], real: Number.NaN }])).toThrow("invalid curves[0].real");
  });
});
