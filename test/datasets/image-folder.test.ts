import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { loadImageFolder } from "../../src/datasets/image-folder.js";
import { imageNumbers } from "../../src/datasets/image-set.js";

const root = mkdtempSync(join(tmpdir(), "image-folder-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A folder with files of these contents. */
function folderOf(name: string, files: Record<string, Buffer | string>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
}

/** An image of stripes: red, green and blue, each a third of its width. */
const stripes = (width: number, height: number, channels: 3 | 4 = 3) => {
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
  ];
  const pixels = Buffer.from(
    Array.from({ length: width * height }, (_, p) => [
      ...colours[Math.floor((3 * (p % width)) / width)],
      ...(channels === 4 ? [0] : []),
    ]).flat(),
  );
  return sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
};

describe("loadImageFolder", () => {
  test("crops to the middle and resizes, in alphabetical order, grey and transparent images too", async () => {
    const grey = await sharp({ create: { width: 9, height: 9, channels: 3, background: "#808080" } })
      .greyscale()
      .jpeg()
      .toBuffer();
    const folder = folderOf("mixed", {
      "b.png": await stripes(90, 30),
      "a.jpg": grey,
      "c.png": await stripes(12, 12, 4),
      "notes.txt": "not an image",
    });
    const set = await loadImageFolder(folder, { size: 6 });
    expect(set.files).toEqual(["a.jpg", "b.png", "c.png"]);
    expect([set.count, set.size, set.pixels.length]).toEqual([3, 6, 3 * 3 * 36]);
    const image = (i: number) => Array.from(imageNumbers(set, [i]));
    expect(image(0).every((value) => Math.abs(value - 128 / 255) < 0.01)).toBe(true);
    // The middle third of three stripes is green; at its edges the next ones shine through.
    const pixel = (y: number, x: number) => [0, 1, 2].map((c) => image(1)[c * 36 + y * 6 + x]);
    for (let y = 0; y < 6; y++) {
      for (let x = 1; x < 5; x++)
        pixel(y, x).forEach((value, c) => expect(Math.abs(value - (c === 1 ? 1 : 0))).toBeLessThan(0.2));
    }
    expect(image(2).every((value) => value === 1)).toBe(true); // transparent is white
  });

  test("names the file that can not be decoded", async () => {
    const folder = folderOf("broken", { "fine.png": await stripes(9, 9), "torn.jpg": "these are no pixels" });
    await expect(loadImageFolder(folder)).rejects.toThrow(/torn\.jpg: is not an image that can be decoded/);
  });

  test("says how many images there have to be, and that a folder is absent", async () => {
    const folder = folderOf("few", { "one.png": await stripes(9, 9) });
    await expect(loadImageFolder(folder, { atLeast: 16 })).rejects.toThrow(
      /invalid images; expected at least 16 in .*received 1/,
    );
    await expect(loadImageFolder(join(root, "nowhere"))).rejects.toThrow(/nowhere: is not a folder that can be read/);
  });
});

test("imageNumbers refuses an image that is not in the set", async () => {
  const set = await loadImageFolder(folderOf("single", { "one.png": await stripes(9, 9) }), { size: 3 });
  expect(() => imageNumbers(set, [1])).toThrow("invalid image; expected a number from 0 to 0; received 1");
});
