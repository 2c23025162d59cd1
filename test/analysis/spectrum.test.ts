import { describe, expect, test } from "vitest";
import { contourMask } from "../../src/analysis/contours.js";
import { frequencyCentroid, spectrumSums } from "../../src/analysis/spectrum.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { normalNumbers } from "../../src/networks/dcgan/parameters.js";
import { fc } from "../helpers/properties.js";

/** A picture by a formula of the place, `[size, size]`. */
const picture = (size: number, value: (y: number, x: number) => number) =>
  Float64Array.from({ length: size * size }, (_, p) => value(Math.floor(p / size), p % size));
/** A wave of so many cycles per image, along and across, that is level at the borders. */
const wave = (size: number, along: number, across: number, amplitude = 1) =>
  picture(
    size,
    (y, x) =>
      amplitude *
      Math.cos((2 * Math.PI * along * (y + 0.5)) / size) *
      Math.cos((2 * Math.PI * across * (x + 0.5)) / size),
  );
const add = (a: Float64Array, b: Float64Array) => a.map((x, i) => x + b[i]);

describe("frequencyCentroid", () => {
  test("is the frequency of a wave, whatever its mean and size", () => {
    for (const size of [2, 4, 16, 64]) {
      for (const [along, across] of [
        [0.5, 0],
        [0, size / 2 - 0.5],
        [0.5, 0.5],
      ]) {
        const one = wave(size, along, across, 3).map((x) => x + 7);
        expect(frequencyCentroid(one, size)).toBeCloseTo(Math.hypot(along, across), 9);
      }
    }
  });

  test("of two waves lies between them in proportion to their energy; of two pictures likewise", () => {
    const [slow, fast] = [wave(32, 2, 0), wave(32, 0, 10, 3)];
    expect(frequencyCentroid(add(slow, fast), 32)).toBeCloseTo((2 + 9 * 10) / 10, 9);
    expect(frequencyCentroid(Float64Array.of(...slow, ...fast), 32)).toBeCloseTo((2 + 9 * 10) / 10, 9);
  });

  test("of white noise is that of a flat spectrum, about 0.38 size", () => {
    let [sum, count] = [0, 0];
    for (let j = 0; j < 64; j++) for (let k = 0; k < 64; k++, count++) sum += Math.hypot(j, k) / 2;
    const noise = normalNumbers(randomStream(1), 20 * 64 * 64);
    expect(sum / (count - 1) / 64).toBeCloseTo(0.38, 2);
    // 80,000 coefficients with squares of relative deviation sqrt 2, frequencies of deviation 9
    expect(Math.abs(frequencyCentroid(noise, 64) - sum / (count - 1))).toBeLessThan(0.2);
  });

  test("does not take the jump between opposite borders for an edge", () => {
    const ramp = picture(64, (_, x) => x);
    expect(frequencyCentroid(ramp, 64)).toBeLessThan(0.6); // a plain Fourier transform would say 4.6
  });

  test("of a picture that does not vary is NaN; sizes other than powers of 2 are refused", () => {
    expect(frequencyCentroid(new Float64Array(4096).fill(0.1), 64)).toBeNaN();
    expect(() => frequencyCentroid(new Float64Array(36), 6)).toThrow("expected a power of 2, at least 2; received 6");
  });

  test("has the picture's variance as its power, and is the same for the picture mirrored or turned", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(2, 4, 8), (seed, size) => {
        const numbers = normalNumbers(randomStream(seed), size * size);
        const mean = numbers.reduce((sum, x) => sum + x / numbers.length, 0);
        const { power, moment } = spectrumSums(size)(numbers);
        expect(power).toBeCloseTo(
          numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0),
          9,
        );
        const turned = picture(size, (y, x) => numbers[x * size + y]);
        const mirrored = picture(size, (y, x) => numbers[y * size + size - 1 - x]);
        expect(frequencyCentroid(turned, size)).toBeCloseTo(moment / power, 9);
        expect(frequencyCentroid(mirrored, size)).toBeCloseTo(moment / power, 9);
      }),
    );
  });
});

describe("contourMask", () => {
  test("finds the border of a disc, in each image apart, and the share asked for", () => {
    const disc = (radius: number) => picture(16, (y, x) => (Math.hypot(y - 7.5, x - 7.5) < radius ? 1 : 0));
    const images = Float64Array.of(...[3, 5].flatMap((radius) => [0, 1, 2].flatMap(() => [...disc(radius)])));
    for (const share of [0.05, 0.1]) {
      const mask = contourMask(images, 16, share);
      [3, 5].forEach((radius, n) => {
        const on = [...mask.subarray(256 * n, 256 * (n + 1))];
        expect(on.reduce((a, b) => a + b)).toBe(Math.round(share * 256));
        on.forEach((flag, p) => {
          const distance = Math.hypot(Math.floor(p / 16) - 7.5, (p % 16) - 7.5);
          if (flag) expect(Math.abs(distance - radius)).toBeLessThan(1.6);
        });
      });
    }
  });

  test("sees a contour in any colour, at the border of the image too", () => {
    const images = new Float64Array(3 * 64);
    for (let y = 0; y < 8; y++) images[128 + 8 * y] = 1; // the left column is blue
    const mask = contourMask(images, 8, 1 / 8);
    expect([...mask].every((on, p) => on === (p % 8 === 0 ? 1 : 0))).toBe(true);
  });
});
