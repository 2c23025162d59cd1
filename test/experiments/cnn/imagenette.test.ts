import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadImagenette } from "../../../src/datasets/imagenette.js";
import { analyseCnn } from "../../../src/experiments/cnn/analyse.js";
import { cnnImages } from "../../../src/experiments/cnn/images.js";
import { cnnSources } from "../../../src/experiments/cnn/sources.js";
import { loadOnnx } from "../../../src/networks/onnx/load.js";
import { residualOnnx } from "../../../src/networks/residual/onnx-export.js";
import type { ResidualShape } from "../../../src/networks/residual/shape.js";
import { trainResidual } from "../../../src/networks/residual/train.js";

const root = mkdtempSync(join(tmpdir(), "imagenette-paper-"));
afterAll(() => rmSync(root, { recursive: true }));
const folders =
  "n01440764 n02102040 n02979186 n03000684 n03028079 n03394916 n03417042 n03425413 n03445777 n03888257".split(" ");
const shape: ResidualShape = { size: 64, stem: 2, widths: [2, 3], strides: [2, 2], classes: 10 };

/** A folder laid out as Imagenette is, of two photographs of each class and part, each of a size of its own. */
beforeAll(async () => {
  for (const part of ["train", "val"]) {
    for (const [label, name] of folders.entries()) {
      mkdirSync(join(root, part, name), { recursive: true });
      for (let image = 0; image < 2; image++) {
        const background = { r: 25 * label, g: 255 - 25 * label, b: 60 + 100 * image };
        const create = { width: 80 + 3 * label, height: 60 + 40 * image, channels: 3, background } as const;
        writeFileSync(join(root, part, name, `${image}.JPEG`), await sharp({ create }).jpeg().toBuffer());
      }
    }
  }
});

describe("the profile paper, but for its download and its size", () => {
  it("reads a folder laid out as Imagenette is, trains on it and analyses the network", async () => {
    const train = await loadImagenette(root, "train", { whole: false });
    expect(train).toMatchObject({ count: 20, shape: [3, 64, 64], classes: 10 });
    const options = { shape, regulariser: "l1", seed: 0, epochs: 1, batchSize: 10 } as const;
    const { network: residual, losses } = await trainResidual(train, options);
    expect(losses).toHaveLength(1);
    const network = await loadOnnx(residualOnnx(residual));
    const source = {
      regulariser: "l1",
      trial: 0,
      origin: "trained here",
      load: async () => ({ network, residual }),
    } as const;
    const settings = {
      runs: 2,
      images: 10,
      estimator: "permutation",
      evaluations: undefined,
      orderings: 4,
      testImages: 20,
    } as const;
    const analysis = await analyseCnn(
      source,
      { network, residual },
      cnnImages("paper", root, { whole: false }),
      settings,
      { seed: 1 },
    );
    expect(analysis.modes.units).toEqual(["block1/0", "block1/1", "block2/0", "block2/1", "block2/2"]);
    expect(analysis.modes.outputShape).toEqual([10]);
    expect(analysis.efficiencyGap).toBeLessThan(1e-12);
    expect(analysis.accuracy.intact).toBeGreaterThanOrEqual(0);
    expect(analysis.accuracy.intact).toBeLessThanOrEqual(1);
  });

  it("plays other images in every run, and says when there are no more", async () => {
    const images = cnnImages("paper", root, { whole: false });
    const [first, second] = [await images.ofRun(0, 10), await images.ofRun(1, 10)];
    expect(first.sha256).not.toBe(second.sha256);
    await expect(images.ofRun(2, 10)).rejects.toThrow("invalid images; expected at most 20; received 30");
  });

  it("refuses a folder that was unpacked in part, before anything is read", () => {
    const message = /train: has 20 images, Imagenette has 9,469: it was not wholly unpacked/;
    expect(() => cnnImages("paper", root)).toThrow(message);
    expect(() => cnnSources("paper", root, root)).toThrow(message);
  });

  it("refuses an image that is cut off, by its name", async () => {
    const path = join(root, "val", folders[4], "1.JPEG");
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length / 2));
    await expect(cnnImages("paper", root, { whole: false }).ofRun(0, 10)).rejects.toThrow(
      /n03028079.1\.JPEG: is not an image that can be decoded/,
    );
    writeFileSync(path, whole);
  });
});
