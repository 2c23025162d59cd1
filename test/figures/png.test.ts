import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { imageSheet } from "../../src/figures/image-sheet.js";
import { pngAddress, pngOf } from "../../src/formats/png.js";

describe("pngOf", () => {
  test("writes what another program reads", async () => {
    const pixels = Uint8Array.from({ length: 5 * 3 * 3 }, (_, i) => (37 * i) % 256);
    const { data, info } = await sharp(pngOf(pixels, 5, 3))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([5, 3, 3]);
    expect([...data]).toEqual([...pixels]);
    expect(pngAddress(pngOf(pixels, 5, 3))).toMatch(/^data:image\/png;base64,iVBORw0KGgo/);
  });

  test("refuses pixels that are not as many", () => {
    expect(() => pngOf(new Uint8Array(12), 2, 3)).toThrow("invalid pixels; expected 18 levels");
    expect(() => pngOf(new Uint8Array(0), 0, 0)).toThrow("invalid pixels");
  });
});

describe("imageSheet", () => {
  test("puts images side by side, row after row, white between them, and cuts off what is not a colour", () => {
    const images = Float32Array.from({ length: 3 * 3 * 4 }, (_, i) => [0, 0.5, 2][Math.floor(i / 12)]);
    images[1] = -1; // the first image's red, second pixel
    const { width, height, pixels } = imageSheet(images, 2, { columns: 2, gap: 1 });
    expect([width, height]).toEqual([5, 5]);
    const reds = Array.from({ length: 25 }, (_, p) => pixels[3 * p]);
    expect(reds).toEqual([
      ...[0, 0, 255, 128, 128],
      ...[0, 0, 255, 128, 128],
      ...[255, 255, 255, 255, 255],
      ...[255, 255, 255, 255, 255],
      ...[255, 255, 255, 255, 255],
    ]);
    expect(imageSheet(images, 2).width).toBe(3 * 2 + 2 * 2);
    expect(() => imageSheet(images.slice(1), 2)).toThrow("invalid images; expected 12 numbers for each image");
  });
});
