import { describe, expect, it } from "vitest";
import { fromNpz, readNpz } from "../../src/modes/npz.js";
import { fuzz, fuzzSeed, fuzzTimes, isOneLine } from "./fuzz.js";
import { npzCases } from "./npz.js";

describe("fromNpz", () => {
  it(
    "reads each hostile file right or refuses it in one line, and soon",
    async () => {
      const counts = await fuzz("npz", npzCases(fuzzSeed, 1500 * fuzzTimes), ({ bytes }) => {
        try {
          readNpz(bytes, "a.npz");
        } catch (error) {
          if (!isOneLine(error)) throw error;
        }
        // Whatever was changed, numbers that are read are the file's: CRC-32 sees all else.
        expect([...fromNpz(bytes, "a.npz").values]).toEqual([0, 1, 2, 3, 4, 5]);
      });
      expect(counts.read).toBeGreaterThan(50);
      expect(counts.refused).toBeGreaterThan(1000);
    },
    120_000 * fuzzTimes,
  );
});
