import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadTfjs } from "../../src/networks/tfjs/load.js";
import { fuzz, fuzzSeed, fuzzTimes } from "./fuzz.js";
import { tfjsCases } from "./tfjs.js";

const folder = mkdtempSync(join(tmpdir(), "fuzz-tfjs-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("malformed TensorFlow.js models", () => {
  it("are read, or refused in one line, and take no time", { timeout: 300_000 * fuzzTimes }, async () => {
    const counts = await fuzz("tfjs", tfjsCases(fuzzSeed, 600 * fuzzTimes), async ({ files }) => {
      for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
      await loadTfjs(join(folder, "model.json"), { usualShape: [3] });
    });
    expect(counts.read + counts.refused).toBe(600 * fuzzTimes);
    expect(counts.refused).toBeGreaterThan(300);
  });
});
