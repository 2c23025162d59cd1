import { describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.js";
import { fromNpy } from "../../src/modes/npy.js";
import { npyCases } from "./npy.js";

describe("fromNpy", () => {
  it("reads or refuses each hostile file in one line: nothing is guessed, no stack overflows", () => {
    const counts = { read: 0, refused: 0 };
    for (const { name, bytes, expected } of npyCases(10, 2000)) {
      let shape: readonly number[] | "refused";
      try {
        const read = fromNpy(bytes, "a.npy");
        shape = read.shape;
        expect(read.values.length, name).toBe(shape.reduce((product, length) => product * length, 1));
        expect(bytes.length - read.values.byteLength, name).toBeGreaterThan(10);
        counts.read++;
      } catch (error) {
        expect(error, name).toBeInstanceOf(FileError);
        expect((error as Error).message, name).toMatch(/^a\.npy: [^\n]{1,300}$/);
        shape = "refused";
        counts.refused++;
      }
      if (expected !== undefined) expect(shape, name).toEqual(expected);
    }
    expect(counts.read).toBeGreaterThan(50);
    expect(counts.refused).toBeGreaterThan(1000);
  });
});
