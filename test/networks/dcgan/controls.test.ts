import { describe, expect, test } from "vitest";
import { frequencyCentroid } from "../../../src/analysis/spectrum.js";
import { randomStream } from "../../../src/coalitions/random-streams.js";
import { withBatchStatistics } from "../../../src/networks/dcgan/batch-statistics.js";
import { generatorCheckpoint } from "../../../src/networks/dcgan/checkpoints.js";
import { rotatedGenerator, rotateRows, shuffledGenerator } from "../../../src/networks/dcgan/controls.js";
import { generateImages } from "../../../src/networks/dcgan/forward.js";
import type { GeneratorLayer } from "../../../src/networks/dcgan/generator.js";
import { randomLatents } from "../../../src/networks/dcgan/latents.js";
import { imageSize } from "../../../src/networks/dcgan/size.js";
import { type Plain, plainImages, randomGenerator, transposed } from "./plain.js";

const generator = { ...randomGenerator({ layers: 4, filters: 2, latents: 5 }, 4), sha256: "of the trained one" };
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most: number, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
};

describe("rotateRows", () => {
  const orthogonal = (n: number, seed: number, stream = 0) => {
    const matrix = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
    rotateRows(matrix, n, randomStream(seed, stream));
    return matrix;
  };

  test("multiplies by an orthogonal matrix, the same for all columns", () => {
    for (const n of [1, 2, 7, 40]) {
      const q = orthogonal(n, 3);
      for (let a = 0; a < n; a++) {
        for (let b = 0; b < n; b++) {
          let product = 0;
          for (let k = 0; k < n; k++) product += q[a * n + k] * q[b * n + k];
          expect(product).toBeCloseTo(a === b ? 1 : 0, 12);
        }
      }
      const matrix = Float64Array.from({ length: n * 3 }, (_, i) => Math.sin(i));
      const expected = matrix.map((_, i) => {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += q[Math.floor(i / 3) * n + k] * matrix[k * 3 + (i % 3)];
        return sum;
      });
      rotateRows(matrix, n, randomStream(3));
      expect(largest(matrix, expected)).toBeLessThan(1e-12);
    }
  });

  test("draws it from the uniform distribution: powers of its trace have the means 0, 1, 0, 3", () => {
    // Diaconis and Shahshahani 1994: up to the n-th, the moments are those of a standard normal number
    const random = randomStream(1);
    const draws = 4000;
    const moments = [0, 0, 0, 0];
    for (let i = 0; i < draws; i++) {
      const matrix = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
      rotateRows(matrix, 4, random);
      const trace = matrix[0] + matrix[5] + matrix[10] + matrix[15];
      moments.forEach((_, k) => {
        moments[k] += trace ** (k + 1) / draws;
      });
    }
    // a normal number's x, x^2, x^3, x^4 have the variances 1, 2, 15, 96
    [0, 1, 0, 3].forEach((mean, k) => {
      expect(Math.abs(moments[k] - mean)).toBeLessThan(5 * Math.sqrt([1, 2, 15, 96][k] / draws));
    });
  });
});

test("a batch's statistics take each channel of each layer to mean 0 and variance 1", async () => {
  const count = 6;
  const latents = randomLatents(generator, count, { seed: 8 });
  const { parts } = await withBatchStatistics(generator, latents);
  let x: Plain = { count, width: 1, channels: generator.latents, data: Float64Array.from(latents) };
  parts.forEach(({ outputs, weights, norm }, l) => {
    if (!norm) return;
    const weight = (ky: number, kx: number, from: number, to: number) =>
      weights[((from * outputs + to) * 4 + ky) * 4 + kx];
    x = transposed(x, outputs, l === 0 ? 1 : 2, l === 0 ? 0 : 1, weight);
    const rows = x.data.length / outputs;
    for (let c = 0; c < outputs; c++) {
      const channel = x.data.filter((_, i) => i % outputs === c);
      const mean = channel.reduce((sum, v) => sum + v / rows, 0);
      expect(norm.mean[c]).toBeCloseTo(mean, 5);
      expect(norm.variance[c]).toBeCloseTo(
        channel.reduce((sum, v) => sum + (v - mean) ** 2 / rows, 0),
        4,
      );
    }
    const activated = x.data.map((v, i) => {
      const c = i % outputs;
      return Math.max(0, (norm.scale[c] * (v - norm.mean[c])) / Math.sqrt(norm.variance[c] + 1e-5) + norm.shift[c]);
    });
    x = { ...x, data: activated };
  });
});

describe.each([
  ["shuffledGenerator", shuffledGenerator],
  ["rotatedGenerator", rotatedGenerator],
])("%s", (_, control) => {
  test("changes the weights and BatchNorm's statistics, and nothing else of the network", async () => {
    const made = await control(generator, { seed: 0 });
    expect(made).toMatchObject({ layers: 4, filters: 2, latents: 5 });
    expect(made.sha256).toBeUndefined();
    made.parts.forEach((part, l) => {
      const before = generator.parts[l];
      expect(part).toMatchObject({ inputs: before.inputs, outputs: before.outputs });
      expect(part.weights).not.toEqual(before.weights);
      expect(part.norm?.scale).toEqual(before.norm?.scale);
      expect(part.norm?.shift).toEqual(before.norm?.shift);
      if (part.norm) expect(part.norm.variance).not.toEqual(before.norm?.variance);
    });
    expect(
      largest(await generateImages(made, randomLatents(made, 2)), plainImages(made, randomLatents(made, 2))),
    ).toBeLessThan(1e-5);
  });

  test("is the same for the same seed, another for another, and leaves the trained one alone", async () => {
    const before = generator.parts.map(({ weights }) => weights.slice());
    const once = await control(generator, { seed: 7 });
    expect(await control(generator, { seed: 7 })).toEqual(once);
    expect((await control(generator, { seed: 8 })).parts[1].weights).not.toEqual(once.parts[1].weights);
    expect((await control(generator)).parts).toEqual((await control(generator, { seed: 1 })).parts);
    expect(generator.parts.map(({ weights }) => weights)).toEqual(before);
    await expect(control(generator, { seed: -1 })).rejects.toThrow("invalid seed");
  });
});

/** Inner products of the columns of `[inputs, columns]`. */
function gram({ weights, inputs }: GeneratorLayer): Float64Array {
  const columns = weights.length / inputs;
  const products = new Float64Array(columns * columns);
  for (let a = 0; a < columns; a++) {
    for (let b = 0; b < columns; b++) {
      for (let i = 0; i < inputs; i++) products[a * columns + b] += weights[i * columns + a] * weights[i * columns + b];
    }
  }
  return products;
}

test("shuffling keeps each layer's weights, rotating the inner products of what it paints", async () => {
  const [shuffled, rotated] = [
    await shuffledGenerator(generator, { seed: 1 }),
    await rotatedGenerator(generator, { seed: 1 }),
  ];
  generator.parts.forEach((part, l) => {
    expect(shuffled.parts[l].weights.slice().sort()).toEqual(part.weights.slice().sort());
    const [before, after] = [gram(part), gram(rotated.parts[l])];
    expect(largest(after, before)).toBeLessThan(1e-5 * before.reduce((most, x) => Math.max(most, Math.abs(x)), 0));
    expect(largest(gram(shuffled.parts[l]), before)).toBeGreaterThan(0.1);
  });
});

test("images of a rotated generator of faces are nearer to the trained one's in spatial frequency than a shuffled one's", async () => {
  const trained = await generatorCheckpoint("faces-8");
  const count = 8;
  const centroid = async (network: typeof trained) => {
    const size = imageSize(network);
    const images = await generateImages(network, randomLatents(trained, count, { seed: 5 }));
    const luminance = Float64Array.from({ length: count * size * size }, (_, p) => {
      const red = p + 2 * size * size * Math.floor(p / (size * size));
      return images[red] + images[red + size * size] + images[red + 2 * size * size];
    });
    return frequencyCentroid(luminance, size);
  };
  const faces = await centroid(trained);
  for (const seed of [1, 2]) {
    const rotated = await centroid(await rotatedGenerator(trained, { seed }));
    const shuffled = await centroid(await shuffledGenerator(trained, { seed }));
    expect(rotated).toBeGreaterThan(faces + 5);
    expect(shuffled).toBeGreaterThan(rotated + 1);
  }
});
