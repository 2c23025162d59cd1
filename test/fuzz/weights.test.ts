import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadMlp } from "../../src/networks/mlp/file.js";
import { fuzz, fuzzSeed, fuzzTimes } from "./fuzz.js";
import { safetensorsCases } from "./safetensors.js";
import { torchCases } from "./torch.js";

const folder = mkdtempSync(join(tmpdir(), "fuzz-weights-"));
afterAll(() => rmSync(folder, { recursive: true }));

const formats = [
  { extension: "safetensors", cases: safetensorsCases, count: 600, refused: 300 },
  { extension: "pt", cases: torchCases, count: 1500, refused: 500 },
] as const;

describe("loadMlp", () => {
  it.each(formats)(
    "reads each hostile .$extension file or refuses it in one line, soon",
    async (format) => {
      const { extension, cases, count, refused } = format;
      const path = join(folder, `a.${extension}`);
      const counts = await fuzz(extension, cases(fuzzSeed, count * fuzzTimes), async ({ bytes }) => {
        writeFileSync(path, bytes);
        await loadMlp(path, { activation: "relu" });
      });
      for (const value of [{}, [], new Map(), new Set(), () => 0, new Float32Array()]) {
        expect((value as unknown as Record<string, unknown>).polluted, "this process is as it was").toBeUndefined();
      }
      expect(counts.read).toBeGreaterThan(50);
      expect(counts.refused).toBeGreaterThan(refused);
    },
    120_000 * fuzzTimes,
  );
});
