import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, it } from "vitest";
import { imagenetteNames, loadImagenette } from "../../src/datasets/imagenette.js";

const root = mkdtempSync(join(tmpdir(), "imagenette-"));
afterAll(() => rmSync(root, { recursive: true }));
const folders =
  "n01440764 n02102040 n02979186 n03000684 n03028079 n03394916 n03417042 n03425413 n03445777 n03888257".split(" ");

it("reads its classes in turn, as long as each has images", async () => {
  for (const [label, name] of folders.entries()) {
    mkdirSync(join(root, "val", name), { recursive: true });
    // Two images of the last class, one of the others; red says which class.
    for (let image = 0; image < (label === 9 ? 2 : 1); image++) {
      const background = { r: 20 * label, g: 100 * image, b: 255 };
      const png = await sharp({ create: { width: 6, height: 4, channels: 3, background } })
        .png()
        .toBuffer();
      writeFileSync(join(root, "val", name, `${image}.png`), png);
    }
  }
  const set = await loadImagenette(root, "val", { size: 4, whole: false });
  expect(set).toMatchObject({ count: 11, classes: 10, shape: [3, 4, 4], name: "Imagenette val, 11 images of 4 px" });
  expect([...set.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]);
  for (let image = 0; image < 11; image++) {
    expect(255 * set.inputs[image * 48]).toBeCloseTo(20 * set.labels[image], 3);
    expect(255 * set.inputs[image * 48 + 16]).toBeCloseTo(image === 10 ? 100 : 0, 3);
  }
  expect(imagenetteNames[set.labels[9]]).toBe("parachute");
  await expect(loadImagenette(root, "train")).rejects.toThrow("n01440764");
  await expect(loadImagenette(root, "val")).rejects.toThrow(
    /val: has 11 images, Imagenette has 3,925: it was not wholly unpacked, .*n03888257 \(parachute\) 2\)/,
  );
});
