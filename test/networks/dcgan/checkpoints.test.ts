import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { drawFaces } from "../../../src/datasets/faces/drawn-faces.js";
import { scrambledImages } from "../../../src/datasets/scrambled.js";
import { generatorCheckpoint, generatorFolder, listGenerators } from "../../../src/networks/dcgan/checkpoints.js";
import { generateImages } from "../../../src/networks/dcgan/forward.js";
import { randomLatents } from "../../../src/networks/dcgan/latents.js";

const folder = mkdtempSync(join(tmpdir(), "generators-"));
afterAll(() => rmSync(folder, { recursive: true }));
const names = Object.keys(listGenerators());

/** Mean and standard deviation of each of the three planes and pixels, `[3, 64, 64]`, of images one after the other. */
function pixelMeans(images: ArrayLike<number>, scale: number): Float64Array {
  const means = new Float64Array(3 * 64 * 64);
  const count = images.length / means.length;
  for (let i = 0; i < images.length; i++) means[i % means.length] += images[i] / scale / count;
  return means;
}

const correlation = (a: Float64Array, b: Float64Array) => {
  const mean = (x: Float64Array) => x.reduce((sum, value) => sum + value / x.length, 0);
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    ab += (value - ma) * (b[i] - mb);
    aa += (value - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
};

describe.each(names)("the generator %s", (name) => {
  test("is the registered file, small, and of the registered recipe", async () => {
    const metrics = listGenerators()[name];
    const generator = await generatorCheckpoint(name);
    expect(generator.sha256).toBe(metrics.sha256);
    expect(generator.filters).toBe(metrics.recipe.filters);
    expect(statSync(join(generatorFolder, metrics.file)).size).toBeLessThan(10e6);
    expect(metrics.curves.at(-1)?.images).toBe(800 * Math.floor(metrics.recipe.images / 800));
  });

  test("makes images that on average look like what it learned from, and differ from each other as these do", async () => {
    const generator = await generatorCheckpoint(name);
    const images = await generateImages(generator, randomLatents(generator, 64, { seed: 5 }));
    const unseen = await drawFaces({ count: 200, seed: 9 });
    const faces = name.startsWith("scrambled")
      ? await scrambledImages(unseen, { seed: listGenerators()[name].seed })
      : unseen;
    const [made, drawn] = [pixelMeans(images, 1), pixelMeans(faces.pixels, 255)];
    // The mean face has eyes, mouth, hair and background in their places; noise, or one flat colour, would not
    // correlate.
    expect(correlation(made, drawn)).toBeGreaterThan(0.8);
    const spread = (values: ArrayLike<number>, scale: number, means: Float64Array) => {
      let sum = 0;
      for (let i = 0; i < values.length; i++) sum += (values[i] / scale - means[i % means.length]) ** 2;
      return Math.sqrt(sum / values.length);
    };
    expect(spread(images, 1, made)).toBeGreaterThan(0.4 * spread(faces.pixels, 255, drawn));
  });
});

test("a generator that is not there, and a file that is not the registered one, are errors", async () => {
  expect(names).toContain("faces-16");
  await expect(generatorCheckpoint("faces-3")).rejects.toThrow(/invalid checkpoint; expected one of .*faces-16/);
  copyFileSync(join(generatorFolder, "metrics.json"), join(folder, "metrics.json"));
  const bytes = readFileSync(join(generatorFolder, "faces-16.safetensors"));
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(join(folder, "faces-16.safetensors"), bytes);
  await expect(generatorCheckpoint("faces-16", folder)).rejects.toThrow(/has sha256 .*; metrics.json expects/);
  writeFileSync(join(folder, "metrics.json"), "{}");
  await expect(generatorCheckpoint("faces-16", folder)).rejects.toThrow("is not a register of generators");
  expect(listGenerators(join(folder, "nowhere"))).toEqual({});
});
