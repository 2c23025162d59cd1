import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.js";
import { loadDeepMlp } from "../../src/networks/mlp/deep-file.js";
import { torchCases } from "./torch.js";

const folder = mkdtempSync(join(tmpdir(), "fuzz-torch-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("loadDeepMlp", () => {
  it("reads each hostile .pt file or refuses it in one line, soon, and changes nothing of this process", async () => {
    const path = join(folder, "a.pt");
    const counts = { read: 0, refused: 0 };
    for (const { name, bytes, expected } of torchCases(10, 1500)) {
      writeFileSync(path, bytes);
      const before = performance.now();
      let outcome: "read" | "refused" = "read";
      try {
        await loadDeepMlp(path, { activation: "relu" });
      } catch (error) {
        expect(error, name).toBeInstanceOf(FileError);
        expect((error as Error).message.slice(path.length), name).toMatch(/^: [^\n]{1,700}$/);
        outcome = "refused";
      }
      counts[outcome]++;
      if (expected !== undefined) expect(outcome, name).toBe(expected);
      expect(performance.now() - before, name).toBeLessThan(10_000);
    }
    for (const value of [{}, [], new Map(), new Set(), () => 0, new Float32Array()]) {
      expect((value as unknown as Record<string, unknown>).polluted).toBeUndefined();
    }
    expect(counts.read).toBeGreaterThan(50);
    expect(counts.refused).toBeGreaterThan(500);
  }, 120_000);
});
