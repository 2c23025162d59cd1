import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.js";
import { loadDeepMlp } from "../../src/networks/mlp/deep-file.js";
import { safetensorsCases } from "./safetensors.js";

const folder = mkdtempSync(join(tmpdir(), "fuzz-safetensors-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("loadDeepMlp", () => {
  it("reads each hostile .safetensors file or refuses it in one line", async () => {
    const path = join(folder, "a.safetensors");
    const counts = { read: 0, refused: 0 };
    for (const { name, bytes, expected } of safetensorsCases(10, 600)) {
      writeFileSync(path, bytes);
      let outcome: "read" | "refused" = "read";
      try {
        await loadDeepMlp(path, { activation: "relu" });
      } catch (error) {
        expect(error, name).toBeInstanceOf(FileError);
        expect((error as Error).message.slice(path.length), name).toMatch(/^: [^\n\u2028]{1,700}$/);
        outcome = "refused";
      }
      counts[outcome]++;
      if (expected !== undefined) expect(outcome, name).toBe(expected);
    }
    expect(counts.read).toBeGreaterThan(50);
    expect(counts.refused).toBeGreaterThan(300);
  }, 60_000);
});
