import { describe, expect, it, vi } from "vitest";
import {
  type Answer,
  answerJson,
  answerText,
  median,
  medianTimes,
  meetsTarget,
  type Question,
  short,
} from "../../../src/bench/question.js";

const answer: Answer = {
  figure: { value: 2.4567, unit: "us", of: "ours" },
  baseline: { value: 61.234, unit: "us", of: "theirs" },
  ratio: 61.234 / 2.4567,
  target: { figure: 4, ratio: 15 },
  lines: ["checked   something"],
  numbers: { units: 100 },
};
const question: Question = { name: "walk", asks: "how long?", answer: async () => answer };

describe("medianTimes", () => {
  it("runs all pieces in turn, once more than it counts", async () => {
    const calls: string[] = [];
    const times = await medianTimes(2, { a: () => calls.push("a"), b: async () => calls.push("b") });
    expect(calls.join("")).toBe("ababab");
    expect(Object.keys(times)).toEqual(["a", "b"]);
  });

  it("tells the medians of milliseconds, without the first time, which warms up", async () => {
    let clock = 0;
    const now = vi.spyOn(performance, "now").mockImplementation(() => clock);
    try {
      const takes = (durations: number[]) => () => {
        clock += durations.shift() as number;
      };
      expect(await medianTimes(3, { a: takes([100, 4, 9, 5]), b: takes([1, 70, 60, 80]) })).toEqual({ a: 5, b: 70 });
    } finally {
      now.mockRestore();
    }
  });

  it("runs all pieces once, which counts, where once is enough", async () => {
    const calls: string[] = [];
    const times = await medianTimes(1, { a: () => calls.push("a"), b: () => calls.push("b") });
    expect(calls.join("")).toBe("ab");
    expect(Object.values(times).every((time) => time >= 0)).toBe(true);
  });

  it("stops where the signal is aborted", async () => {
    const abort = new AbortController();
    const work = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      abort.abort(new Error("enough"));
    };
    await expect(medianTimes(1000, { work }, abort.signal)).rejects.toThrow("enough");
  });
});

describe("median", () => {
  it("is the middle number, or the mean of the two in the middle", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 9, 1, 2])).toBe(5.5);
  });
});

describe("an answer", () => {
  it("meets its target only where every part of it is met", () => {
    expect(meetsTarget(answer)).toBe(true);
    expect(meetsTarget({ ...answer, target: { figure: 2 } })).toBe(false);
    expect(meetsTarget({ ...answer, target: { figure: 4, ratio: 30 } })).toBe(false);
    const { target: _none, ...aimless } = answer;
    expect(meetsTarget(aimless)).toBeUndefined();
    expect(answerText(question, aimless, 1)).not.toContain("target");
  });

  it("reads as question, figure, baseline, ratio, target and memory", () => {
    expect(answerText(question, answer, 120).split("\n")).toEqual([
      "walk: how long?",
      "  figure    2.46 us, ours",
      "  baseline  61.2 us, theirs",
      "  ratio     24.9",
      "  target    at most 4 us, at least 15 times: met",
      "  memory    120 MB at the peak, all of the process",
      "  checked   something",
      "",
    ]);
    expect(answerJson(question, answer, 120)).toEqual({
      name: "walk",
      question: "how long?",
      figure: answer.figure,
      baseline: answer.baseline,
      ratio: answer.ratio,
      target: answer.target,
      target_met: true,
      peak_memory_mb: 120,
      numbers: { units: 100 },
    });
  });
});

describe("short", () => {
  it("keeps three digits, and all of those before the point", () => {
    expect([2.4567, 0.0123456, 12345.6, 0, 100].map(short)).toEqual(["2.46", "0.0123", "12,346", "0", "100"]);
  });
});
