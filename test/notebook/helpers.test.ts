import { afterEach, describe, expect, it, vi } from "vitest";
import { seeded } from "../../src/notebook/tools/seeded.js";
import { timed } from "../../src/notebook/tools/timed.js";
import { measuredTime } from "../../src/words.js";

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe("seeded", () => {
  it("gives the same numbers for the same seed and stream, others for others, 0 being a seed", () => {
    const numbers = (seed: number, stream?: number) => [...seeded(seed, stream).normals(5)];
    expect(numbers(0)).toEqual(numbers(0));
    expect(numbers(0)).not.toEqual(numbers(1));
    expect(numbers(0, 1)).not.toEqual(numbers(0));
  });

  it("uniforms lie in their range with its mean and variance", () => {
    const values = seeded(1).uniforms(40_000, -1, 3);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...values)).toBeLessThan(3);
    // Standard errors: of the mean sqrt(16/12/n) = 0.0058, of the variance below 0.006. Five of each.
    expect(Math.abs(mean(values) - 1)).toBeLessThan(0.029);
    expect(Math.abs(mean(values.map((value) => (value - 1) ** 2)) - 16 / 12)).toBeLessThan(0.03);
  });

  it("normals have the mean, the deviation and the kurtosis of the normal distribution", () => {
    const values = seeded(2)
      .normals(40_000, 10, 2)
      .map((value) => (value - 10) / 2);
    // Standard errors over 40,000: 0.005, 0.0071 and 0.049. Five of each.
    expect(Math.abs(mean(values))).toBeLessThan(0.025);
    expect(Math.abs(mean(values.map((value) => value ** 2)) - 1)).toBeLessThan(0.036);
    expect(Math.abs(mean(values.map((value) => value ** 4)) - 3)).toBeLessThan(0.25);
  });

  it("integers reach every value below their bound, and none else, also for large bounds", () => {
    const random = seeded(3);
    expect(new Set(Array.from({ length: 200 }, () => random.integer(5)))).toEqual(new Set([0, 1, 2, 3, 4]));
    const large = Array.from({ length: 200 }, () => random.integer(2 ** 40));
    expect(large.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 40)).toBe(true);
    expect(Math.max(...large)).toBeGreaterThan(2 ** 38);
  });

  it("a sample is of different items; shuffling leaves the list as it was", () => {
    const items = ["a", "b", "c", "d"];
    const random = seeded(4);
    expect(new Set(random.sample(items, 4)).size).toBe(4);
    expect(random.shuffled(items).sort()).toEqual(items);
    expect(items).toEqual(["a", "b", "c", "d"]);
    expect(() => random.sample(items, 5)).toThrow("invalid count; expected at most 4; received 5");
  });

  it.each([[() => seeded(-1)], [() => seeded(1, -1)], [() => seeded(1).integer(0)], [() => seeded(1).normals(1.5)]])(
    "refuses what is out of range: %s",
    (call) => {
      expect(call).toThrow(RangeError);
    },
  );
});

describe("timed", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("returns what the work gives, and prints one line with its time", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    expect(await timed("work", async () => 7)).toBe(7);
    expect(await timed("more", () => "done")).toBe("done");
    expect(log.mock.calls.flat()).toEqual([
      expect.stringMatching(/^work: [\d.]+ m?s$/),
      expect.stringMatching(/^more: /),
    ]);
  });

  it("times what fails, and fails with it", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await expect(timed("work", () => Promise.reject(new Error("bad")))).rejects.toThrow("bad");
    expect(log.mock.calls.flat()).toEqual([expect.stringMatching(/^work: failed after [\d.]+ m?s$/)]);
  });

  it.each([
    [0.0000123, "0.012 ms"],
    [0.0351, "35 ms"],
    [0.594, "0.59 s"],
    [12.34, "12.3 s"],
    [59.99, "1 min 0 s"],
    [125, "2 min 5 s"],
    [3599.9, "1 h 0 min"],
    [3780, "1 h 3 min"],
  ])("%d s reads %s", (time, text) => {
    expect(measuredTime(time)).toBe(text);
  });
});
