import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawFaces } from "../../../src/datasets/faces/drawn-faces.js";
import type { ImageSet } from "../../../src/datasets/image-set.js";
import { generateImages } from "../../../src/networks/dcgan/forward.js";
import type { Generator } from "../../../src/networks/dcgan/generator.js";
import { randomLatents } from "../../../src/networks/dcgan/latents.js";
import { type DcganRecipe, dcganRecipes } from "../../../src/networks/dcgan/recipes.js";
import { trainDcgan } from "../../../src/networks/dcgan/train.js";
import { loadTensorflow } from "../../../src/tensors/backend.js";
import { loadOnProcessor } from "../../tensors/processor.js";

const folder = mkdtempSync(join(tmpdir(), "dcgan-"));
afterAll(() => rmSync(folder, { recursive: true }));

const recipe: DcganRecipe = {
  ...dcganRecipes.small,
  layers: 3,
  filters: 4,
  latents: 8,
  discriminator: { ...dcganRecipes.small.discriminator, filters: 4 },
  batchSize: 4,
  images: 4 * 60,
};
let faces: ImageSet;
beforeAll(async () => {
  await loadOnProcessor();
  faces = await drawFaces({ count: 50, size: 16, seed: 2 }); // 12 steps a pass, two faces left out of each
});

const numbers = ({ parts }: Generator) => parts.map(({ weights, norm }) => [weights, norm]);

describe("trainDcgan", () => {
  test("gives the same bytes for the same seed, in one go or from a checkpoint, and leaves no tensors", async () => {
    const { tf } = await loadTensorflow();
    const before = tf.memory().numTensors;
    const whole = await trainDcgan(faces, { seed: 0, recipe });
    const checkpoint = join(folder, "stopped.safetensors");
    const stop = new AbortController();
    const stopped = trainDcgan(faces, {
      seed: 0,
      recipe,
      resume: checkpoint,
      checkpointSteps: 1, // which is rounded up to 50
      signal: stop.signal,
      onStep: ({ step }) => void (step === 53 && stop.abort()),
    });
    await expect(stopped).rejects.toThrow("aborted");
    const steps: number[] = [];
    const resumed = await trainDcgan(faces, {
      seed: 0,
      recipe,
      resume: checkpoint,
      onStep: ({ step }) => void steps.push(step),
    });
    expect(steps).toEqual([51, 52, 53, 54, 55, 56, 57, 58, 59, 60]);
    expect(numbers(resumed.generator)).toEqual(numbers(whole.generator));
    expect(resumed.curves).toEqual(whole.curves);
    const again = await trainDcgan(faces, { seed: 0, recipe, resume: checkpoint });
    expect(numbers(again.generator)).toEqual(numbers(whole.generator));
    const less = trainDcgan(faces, { seed: 0, recipe: { ...recipe, images: 200 }, resume: checkpoint });
    await expect(less).rejects.toThrow("holds a training of 240 images; 200 were asked for");
    const other = await trainDcgan(faces, { seed: 1, recipe });
    expect(numbers(other.generator)).not.toEqual(numbers(whole.generator));
    expect(tf.memory().numTensors).toBe(before);
  });

  test("averages weights and BatchNorm statistics over steps", async () => {
    const short = { ...recipe, images: 8, averaging: 0.75 };
    const last = { ...short, averaging: 0 };
    const trained = async (recipe: DcganRecipe, images: number) =>
      (await trainDcgan(faces, { seed: 0, recipe: { ...recipe, images } })).generator.parts[1];
    const [first, second, average] = [await trained(last, 4), await trained(last, 8), await trained(short, 8)];
    // After two steps of 0.75: 9/16 of the start, 3/16 of the first, 1/4 of the second. The running mean starts at 0.
    average.norm?.mean.forEach((value, c) => {
      const expected = 0.1875 * (first.norm?.mean[c] as number) + 0.25 * (second.norm?.mean[c] as number);
      expect(value).toBeCloseTo(expected, 7);
    });
    expect(second.norm?.mean.some((value) => Math.abs(value) > 1e-4)).toBe(true);
  });

  test("learns: images come nearer to the faces' mean than those of the first step", async () => {
    const mean = new Float64Array(3 * 256);
    faces.pixels.forEach((level, i) => (mean[i % mean.length] += level / 255 / faces.count));
    const distance = async (generator: Generator) => {
      const images = await generateImages(generator, randomLatents(generator, 16));
      return Math.sqrt(images.reduce((sum, value, i) => sum + (value - mean[i % mean.length]) ** 2, 0) / images.length);
    };
    const start = await trainDcgan(faces, { seed: 3, recipe: { ...recipe, images: 4 } });
    const { generator, curves } = await trainDcgan(faces, { seed: 3, recipe: { ...recipe, images: 2400 } });
    expect(await distance(generator)).toBeLessThan(0.75 * (await distance(start.generator)));
    expect(curves.map(({ images }) => images)).toEqual(Array.from({ length: 12 }, (_, i) => 200 * (i + 1)));
    expect(curves.every(({ real, fake }) => real > 0 && real < 1 && fake > 0 && fake < 1)).toBe(true);
  });

  test("stops where a loss is no longer a number, and the checkpoint keeps the last good state", async () => {
    const checkpoint = join(folder, "diverged.safetensors");
    await trainDcgan(faces, { seed: 0, recipe: { ...recipe, images: 4 * 50 }, resume: checkpoint });
    const good = readFileSync(checkpoint);
    const broken: ImageSet = { ...faces, pixels: new Float32Array(faces.pixels.length).fill(Number.NaN) as never };
    const training = trainDcgan(broken, { seed: 0, recipe, resume: checkpoint });
    await expect(training).rejects.toThrow(
      /training stopped at step 51: the losses are .*NaN.*; seed 0; .*diverged.safetensors holds the last good state/,
    );
    expect(readFileSync(checkpoint)).toEqual(good);
  });

  test("refuses a checkpoint of another training, and what is out of range, before it starts", async () => {
    const checkpoint = join(folder, "other.safetensors");
    await trainDcgan(faces, { seed: 0, recipe: { ...recipe, images: 4 }, resume: checkpoint });
    await expect(trainDcgan(faces, { seed: 1, recipe, resume: checkpoint })).rejects.toThrow(/holds another training/);
    const started = () => expect.fail("a step was taken");
    const refused = (change: Partial<DcganRecipe>, message: string) =>
      expect(trainDcgan(faces, { seed: 0, recipe: { ...recipe, ...change }, onStep: started })).rejects.toThrow(
        message,
      );
    await refused({ layers: 5 }, "invalid images; expected 64 x 64 pixels for 5 layers; received 16");
    await refused({ batchSize: 64 }, "invalid images; expected at least a batch, 64; received 50");
    await refused({ batchSize: 1 }, "invalid batchSize; expected at least 2");
    await refused({ averaging: 2 }, "invalid averaging; expected a number from 0 to 1; received 2");
    await refused(
      { layers: 1 },
      "invalid layers; expected an integer from 2 (8 pixels) to 9 (1024 pixels); received 1",
    );
    const nowhere = join(folder, "other.safetensors", "file");
    await expect(trainDcgan(faces, { seed: 0, recipe, resume: nowhere, onStep: started })).rejects.toThrow("written");
    expect(existsSync(nowhere)).toBe(false);
  });

  test("trains with the paper's discriminator too", async () => {
    const { discriminator, ...rest } = dcganRecipes.paper;
    const paper = { ...rest, ...recipe, discriminator: { ...discriminator, filters: 4 } };
    const { generator } = await trainDcgan(faces, { seed: 0, recipe: { ...paper, images: 40 } });
    expect(generator.parts.every(({ weights }) => weights.every(Number.isFinite))).toBe(true);
  });
});
