import { describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.js";
import { fromNpz, readNpz } from "../../src/modes/npz.js";
import { npzCases } from "./npz.js";

describe("fromNpz", () => {
  it("reads each hostile file right or refuses it in one line, and soon", () => {
    const counts = { read: 0, refused: 0 };
    for (const { name, bytes, expected } of npzCases(10, 1500)) {
      const before = performance.now();
      const outcome = attempt(() => {
        // Whatever was changed, numbers that are read are the file's: CRC-32 sees all else.
        expect([...fromNpz(bytes, "a.npz").values], name).toEqual([0, 1, 2, 3, 4, 5]);
      }, name);
      counts[outcome]++;
      if (expected !== undefined) expect(outcome, name).toBe(expected);
      attempt(() => readNpz(bytes, "a.npz"), name);
      expect(performance.now() - before, name).toBeLessThan(10_000);
    }
    expect(counts.read).toBeGreaterThan(50);
    expect(counts.refused).toBeGreaterThan(1000);
  }, 120_000);
});

/** Whether a file is read; a refusal has to be one line. */
function attempt(read: () => unknown, name: string): "read" | "refused" {
  try {
    read();
    return "read";
  } catch (error) {
    expect(error, name).toBeInstanceOf(FileError);
    expect((error as Error).message, name).toMatch(/^a\.npz[:,] [^\n]{1,400}$/);
    return "refused";
  }
}
