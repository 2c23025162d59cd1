import { afterEach, describe, expect, it, vi } from "vitest";
import { PairRows } from "../../src/estimators/pair-rows.js";
import { RowFile } from "../../src/estimators/row-file.js";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("PairRows", () => {
  const rows = (first: number, count: number) => Float64Array.from({ length: 3 * count }, (_, i) => first + i);

  it.each([
    ["can not be made", () => vi.spyOn(RowFile, "open")],
    ["can not be written", () => vi.spyOn(RowFile.prototype, "append")],
  ])("has what it had where its file %s, and takes rows again later", (_, spy) => {
    const kept = new PairRows(3, 3 * 8 * 4);
    kept.append(rows(0, 2));
    kept.append(rows(6, 2));
    const failing = spy().mockImplementationOnce(() => {
      throw new Error("disk full");
    });
    expect(() => kept.append(rows(12, 2))).toThrow("disk full");
    expect(kept.count).toBe(4);
    expect(kept.onDisk).toBe(false);
    expect(kept.read(0, 3)).toEqual(rows(0, 4));
    failing.mockRestore();
    kept.append(rows(12, 2));
    expect(kept.onDisk).toBe(true);
    expect(kept.read(1, 3)).toEqual(Float64Array.from({ length: 12 }, (_, i) => 3 * (i >> 1) + 1 + (i & 1)));
    kept.dispose();
  });

  it("has what it had where a later write to its file fails", () => {
    const kept = new PairRows(3, 0);
    kept.append(rows(0, 2));
    vi.spyOn(RowFile.prototype, "append").mockImplementationOnce(() => {
      throw new Error("disk full");
    });
    expect(() => kept.append(rows(6, 2))).toThrow("disk full");
    expect(kept.count).toBe(2);
    expect(kept.read(0, 3)).toEqual(rows(0, 2));
    kept.dispose();
  });
});
