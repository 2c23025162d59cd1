import { describe, expect, it } from "vitest";
import { frequencyCentroid } from "../../src/analysis/spectrum.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import type { ImageSet } from "../../src/datasets/image-set.js";
import { scrambledImages } from "../../src/datasets/scrambled.js";

const size = 16;
const area = size * size;

/** Smooth blobs of low contrast around mid-grey, so that nothing is cut off. */
function blobs(count: number): ImageSet {
  const random = randomStream(4);
  const uniform = () => (random.next() >>> 0) / 2 ** 32;
  const pixels = new Uint8Array(count * 3 * area);
  for (let i = 0; i < count; i++) {
    const [cx, cy, r] = [4 + 8 * uniform(), 4 + 8 * uniform(), 2 + 2 * uniform()];
    for (let c = 0; c < 3; c++) {
      for (let p = 0; p < area; p++) {
        const distance = ((p % size) - cx) ** 2 + (Math.floor(p / size) - cy) ** 2;
        pixels[(3 * i + c) * area + p] = Math.round(118 + (10 + 5 * c) * Math.exp(-distance / (2 * r * r)));
      }
    }
  }
  return { name: "blobs", count, size, pixels, sha256: "" };
}

const planesOf = ({ pixels }: ImageSet) =>
  Array.from({ length: pixels.length / area }, (_, plane) =>
    Array.from(pixels.subarray(plane * area, (plane + 1) * area)),
  );
const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const covariance = (a: readonly number[], b: readonly number[]) =>
  mean(a.map((x, i) => (x - mean(a)) * (b[i] - mean(b))));

describe("scrambledImages", () => {
  it("keep mean, contrast, spectrum and how colours go together, to within the rounding of levels", async () => {
    const images = blobs(20);
    const scrambled = await scrambledImages(images, { seed: 3 });
    const [before, after] = [planesOf(images), planesOf(scrambled)];
    // Rounding adds noise of variance 1/12 to every pixel: it adds that to a variance, and moves a covariance by some
    // deviation that follows from the two contrasts. 5 deviations: one plane in 1.7 million is beyond them by chance.
    const moved = { sum: 0, variance: 0 };
    const compare = (i: number, j: number) => {
      const [a, b] = [covariance(before[i], before[i]), covariance(before[j], before[j])];
      const variance = (i === j ? 4 * a : a + b) / 12 / area;
      const difference = covariance(after[i], after[j]) - covariance(before[i], before[j]) - (i === j ? 1 / 12 : 0);
      expect(Math.abs(difference)).toBeLessThan(5 * Math.sqrt(variance));
      if (i === j) moved.sum += difference;
      if (i === j) moved.variance += variance;
    };
    before.forEach((plane, i) => {
      // The mean of as many rounding errors, each of variance 1/12.
      expect(Math.abs(mean(after[i]) - mean(plane))).toBeLessThan(5 * Math.sqrt(1 / 12 / area));
      compare(i, i);
      compare(i, i % 3 === 2 ? i - 1 : i + 1);
    });
    expect(Math.abs(moved.sum)).toBeLessThan(5 * Math.sqrt(moved.variance));
    const centroid = (set: ImageSet) => frequencyCentroid(Float64Array.from(planesOf(set).flat()), size);
    expect(centroid(scrambled) / centroid(images)).toBeCloseTo(1, 1);
  });

  it("show nothing of what was there, and are as different from each other", async () => {
    const images = blobs(30);
    const [before, after] = [planesOf(images), planesOf(await scrambledImages(images))];
    const apart = (planes: readonly number[][], i: number, j: number) =>
      Math.hypot(...planes[i].map((x, p) => x - planes[j][p]));
    const alike = before.map(
      (plane, i) => covariance(plane, after[i]) / Math.sqrt(covariance(plane, plane) * covariance(after[i], after[i])),
    );
    expect(Math.abs(mean(alike))).toBeLessThan(0.3);
    for (let i = 3; i < before.length; i += 3) {
      // Seen: at most 7.5 %.
      expect(Math.abs(apart(after, 0, i) / apart(before, 0, i) - 1)).toBeLessThan(0.1);
    }
  });

  it("depend on the image and the seed alone", async () => {
    const images = blobs(3);
    const scrambled = await scrambledImages(images, { seed: 7 });
    expect((await scrambledImages(images, { seed: 7 })).sha256).toBe(scrambled.sha256);
    expect((await scrambledImages(images, { seed: 8 })).sha256).not.toBe(scrambled.sha256);
    const two = { ...images, count: 2, pixels: images.pixels.slice(0, 2 * 3 * area) };
    expect((await scrambledImages(two, { seed: 7 })).pixels).toEqual(scrambled.pixels.slice(0, 2 * 3 * area));
    expect(scrambled.name).toBe("blobs, scrambled with seed 7");
  });
});
