import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadTfjs } from "../../src/networks/tfjs/load.js";
import { tfjsCases } from "./tfjs.js";

const folder = mkdtempSync(join(tmpdir(), "fuzz-tfjs-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("malformed TensorFlow.js models", () => {
  it("are read, or refused in one line, and take no time", { timeout: 300_000 }, async () => {
    const counts = { read: 0, refused: 0 };
    const bad: string[] = [];
    for (const { name, files } of tfjsCases(1, 600)) {
      for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
      const start = performance.now();
      try {
        await loadTfjs(join(folder, "model.json"), { usualShape: [3] });
        counts.read++;
      } catch (error) {
        counts.refused++;
        const { name: kind, message } = error as Error;
        const isOwn = kind === "FileError" || message.startsWith("invalid ");
        if (!isOwn || message.includes("\n") || message.length > 1000)
          bad.push(`${name}: ${kind} ${message.slice(0, 300)}`);
      }
      if (performance.now() - start > 5000) bad.push(`${name}: slow`);
    }
    expect(bad).toEqual([]);
    expect(counts.read + counts.refused).toBe(600);
    expect(counts.refused).toBeGreaterThan(300);
  });
});
