import { describe, expect, test } from "vitest";
import { parseIdx } from "../../src/datasets/idx.js";
import { FileError } from "../../src/errors.js";

/** Two images of 1 x 3 bytes. */
const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 255);

describe("parseIdx", () => {
  test("gives the shape and the bytes", () => {
    const { shape, data } = parseIdx(images, "images");
    expect(shape).toEqual([2, 1, 3]);
    expect([...data]).toEqual([10, 20, 30, 40, 50, 255]);
  });

  test("reads a file that lies within a larger buffer", () => {
    const within = new Uint8Array([9, 9, 9, ...images]).subarray(3);
    expect(parseIdx(within, "images")).toEqual(parseIdx(images, "images"));
  });

  test("a file cut off anywhere is an error that names it", () => {
    for (let length = 0; length < images.length; length++) {
      expect(() => parseIdx(images.subarray(0, length), "cut")).toThrow(FileError);
      expect(() => parseIdx(images.subarray(0, length), "cut")).toThrow(/^cut: /);
    }
  });

  test("refuses bytes after the end, other types and other files", () => {
    expect(() => parseIdx(Uint8Array.of(...images, 0), "long")).toThrow("holds 7 bytes of data; [2, 1, 3] needs 6");
    expect(() => parseIdx(Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0), "floats")).toThrow("type 13");
    expect(() => parseIdx(Uint8Array.of(0x1f, 0x8b, 8, 0), "gz")).toThrow("is not an idx file");
  });
});
