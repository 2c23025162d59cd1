import { describe, expect, it } from "vitest";
import { bytesFrom, rowsWithin } from "../../src/networks/memory.js";

describe("rowsWithin", () => {
  it("is the most rows that fit, at least one, at most what the network takes", () => {
    const bytes = (rows: number) => 100 + 7 * rows;
    for (const memory of [0, 106, 107, 113, 114, 1000, 100_000]) {
      expect(rowsWithin(memory, bytes)).toBe(Math.max(1, Math.floor((memory - 100) / 7)));
    }
    expect(rowsWithin(1000, bytes, 1)).toBe(1);
    expect(rowsWithin(1000, bytes, 5)).toBe(5);
  });
});

describe("bytesFrom", () => {
  it("is what was measured, and between and beyond never less than what a pass takes", () => {
    // The largest of three amounts, of which each leads for some numbers of rows.
    const real = (rows: number) => Math.max(900 + 10 * rows, 500 + 100 * rows, 250 * rows);
    const estimate = bytesFrom([1, 2, 4, 8].map((rows) => [rows, real(rows)] as const));
    for (const rows of [1, 2, 4, 8]) expect(estimate(rows)).toBe(real(rows));
    for (let rows = 1; rows < 100; rows++) expect(estimate(rows)).toBeGreaterThanOrEqual(real(rows));
    expect(estimate(80)).toBe(80 * 250);
  });
});
