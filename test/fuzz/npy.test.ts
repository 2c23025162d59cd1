import { describe, expect, it } from "vitest";
import { fromNpy } from "../../src/formats/npy.js";
import { fuzz, fuzzSeed, fuzzTimes } from "./fuzz.js";
import { npyCases } from "./npy.js";

describe("fromNpy", () => {
  it(
    "reads or refuses each hostile file in one line: nothing is guessed, no stack overflows",
    async () => {
      const counts = await fuzz("npy", npyCases(fuzzSeed, 2000 * fuzzTimes), ({ bytes, expected }) => {
        const { shape, values } = fromNpy(bytes, "a.npy");
        expect(values.length).toBe(shape.reduce((product, length) => product * length, 1));
        expect(bytes.length - values.byteLength).toBeGreaterThan(10);
        if (Array.isArray(expected)) expect(shape).toEqual(expected);
      });
      expect(counts.read).toBeGreaterThan(50);
      expect(counts.refused).toBeGreaterThan(1000);
    },
    60_000 * fuzzTimes,
  );
});
