import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { modesGif, saveModesGif } from "../../src/figures/modes-gif.js";
import { temporaryFolder } from "../helpers/folders.js";
import { area, faces, modesOf, outputs, size, wave } from "./image-helpers.js";

const place = temporaryFolder();
afterAll(() => place.remove());
const options = { layer: "layer1", face: 1, scale: 3, delay: 250 };

/** All pages of an animation, one below the other, as `sharp` puts them together: levels of a pixel of a page. */
async function pagesOf(gif: Uint8Array) {
  const { pages = 1, delay, loop } = await sharp(gif, { animated: true }).metadata();
  const { data, info } = await sharp(gif, { animated: true })
    .flatten({ background: "#f0f" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const height = info.height / pages;
  const at = (page: number, y: number, x: number) =>
    [0, 1, 2].map((c) => data[((page * height + y) * info.width + x) * info.channels + c]);
  return { pages, delay, loop, height, width: info.width, at };
}

test("a page for each filter, for ever, with the intact image on every one", async () => {
  const gif = await modesGif(modesOf(), options);
  expect(Buffer.from(gif.subarray(0, 6)).toString()).toBe("GIF89a");
  const { pages, delay, loop, width, at } = await pagesOf(gif);
  expect([pages, delay, loop]).toEqual([3, [250, 250, 250], 0]);
  expect(width).toBe(8 + 12 + 8 + 12 + 8);
  for (let page = 0; page < pages; page++) {
    expect(at(page, 0, 0)).toEqual([255, 255, 255]);
    for (let p = 0; p < area; p++) {
      const [y, x] = [8 + 3 * Math.floor(p / size), 8 + 3 * (p % size)];
      const expected = [0, 1, 2].map((c) => 255 * wave((faces * 1 + c) * area + p));
      // A palette of 96 colours for 16 pixels: each has its own, to the five or six bits by which they are told apart.
      at(page, y + 1, x + 1).forEach((level, c) => {
        expect(Math.abs(level - expected[c])).toBeLessThanOrEqual(8);
      });
      expect(at(page, y, x)).toEqual(at(page, y + 2, x + 2));
    }
  }
});

test("modes are beside it around mid-grey, exactly where nothing is contributed", async () => {
  const modes = modesOf();
  for (let p = 0; p < area / 2; p++) {
    for (let c = 0; c < 3; c++) modes.values[outputs + (3 + c) * area + p] = 0; // the upper half of layer1/filter1
  }
  const { at } = await pagesOf(await modesGif(modes, options));
  const right = 8 + 12 + 8;
  for (let p = 0; p < area; p++) {
    const [y, x] = [8 + 3 * Math.floor(p / size), right + 3 * (p % size)];
    if (p < area / 2) expect(at(1, y, x)).toEqual([128, 128, 128]);
    else expect(Math.max(...at(1, y, x))).toBeGreaterThan(128);
    // The largest mode of the layer is the last: lighter everywhere than the first.
    const sum = (page: number) => at(page, y, x).reduce((total, level) => total + level, 0);
    expect(sum(2)).toBeGreaterThan(sum(0));
  }
});

test("a line below grows from page to page to the whole width, and each page has another name", async () => {
  const { height, width, at, pages } = await pagesOf(await modesGif(modesOf(), { ...options, scale: 16 }));
  const dark = (page: number, y: number) =>
    Array.from({ length: width }, (_, x) => at(page, y, x)[0] < 128).filter(Boolean).length;
  const lengths = Array.from({ length: pages }, (_, page) => dark(page, height - 8 - 2));
  expect(lengths).toEqual([1, 2, 3].map((part) => Math.round(((width - 16) * part) / 3)));
  const name = (page: number) =>
    Array.from({ length: 10 }, (_, y) => Array.from({ length: width }, (_, x) => at(page, height - 29 + y, x)[0]));
  const names = Array.from({ length: pages }, (_, page) => JSON.stringify(name(page)));
  expect(new Set(names).size).toBe(pages);
});

test("equal modes give equal bytes, and a file is written whole or not at all", async () => {
  const path = join(place.folder, "new", "layer1.gif");
  await saveModesGif(modesOf(), path, options);
  expect(readFileSync(path)).toEqual(Buffer.from(await modesGif(modesOf(), options)));
  const folder = join(place.folder, "taken.gif");
  mkdirSync(folder);
  await expect(saveModesGif(modesOf(), folder, options)).rejects.toThrow("is a folder, a file was expected");
  const wrong = join(place.folder, "wrong.gif");
  await expect(saveModesGif(modesOf(), wrong, { layer: "layer9" })).rejects.toThrow("invalid layer");
  expect(existsSync(wrong)).toBe(false);
});

test("a delay that is none is refused", async () => {
  await expect(modesGif(modesOf(), { ...options, delay: 0 })).rejects.toThrow("invalid delay");
});
