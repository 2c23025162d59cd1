import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { shapleyToDisk } from "../../src/engine/shapley-to-disk.js";
import { FileError } from "../../src/errors.js";
import { gameFrom } from "../../src/games/from-function.js";
import { openModes } from "../../src/modes/stored-modes.js";
import { damagedFiles } from "./results.js";

const newFolder = () => mkdtempSync(join(tmpdir(), "fuzz-results-"));

function isOneLine(error: unknown, name: string): void {
  expect(error, name).toBeInstanceOf(FileError);
  expect((error as Error).message, name).toMatch(/^[^\n]{1,500}$/);
}

describe("a damaged checkpoint", () => {
  it("is removed with a remark where it is ours, else named and left: no number is ever another", async () => {
    const game = await gameFrom(4, (intact) => [intact.size ** 2, intact.has(0) ? 1 : 0]);
    const options = { orderings: 16, seed: 3 };
    const expected = await shapley(game, options);
    const resume = newFolder();
    await shapley(game, { ...options, orderings: 8, resume });
    await shapley(game, { ...options, orderings: 12, resume, onRemark: () => {} });
    const saved = newFolder();
    cpSync(resume, saved, { recursive: true });
    const newest = readdirSync(resume).sort().at(-1) as string;
    const whole = readFileSync(join(resume, newest));
    const counts = { resumed: 0, removed: 0, refused: 0 };
    for (const { name, bytes } of damagedFiles(10, 500, whole)) {
      rmSync(resume, { recursive: true });
      cpSync(saved, resume, { recursive: true });
      writeFileSync(join(resume, newest), bytes);
      const remarks: string[] = [];
      try {
        const modes = await shapley(game, { ...options, resume, onRemark: (text) => remarks.push(text) });
        expect(modes.values, name).toEqual(expected.values);
        expect(modes.standardErrors, name).toEqual(expected.standardErrors);
        counts[remarks.some((text) => text.includes("is damaged")) ? "removed" : "resumed"]++;
      } catch (error) {
        isOneLine(error, name);
        expect(readFileSync(join(resume, newest)), name).toEqual(Buffer.from(bytes));
        counts.refused++;
      }
    }
    expect(counts.removed).toBeGreaterThan(300);
    expect(counts.refused).toBeGreaterThan(10);
  }, 120_000);
});

describe("a damaged store of modes", () => {
  it("is read or refused in one line", async () => {
    const game = await gameFrom(3, (intact) => [[intact.size ** 2], [intact.size]]);
    const path = join(newFolder(), "modes.zarr");
    await shapleyToDisk(game, path, { orderings: 8, onRemark: () => {} });
    const counts = { read: 0, refused: 0 };
    const chunk = readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((name) => /^modes.c/.test(name) && statSync(join(path, name)).isFile())
      .sort()[0];
    for (const file of ["zarr.json", "modes/zarr.json", "v_all/zarr.json", chunk]) {
      const at = join(path, file);
      const whole = readFileSync(at);
      for (const { name, bytes } of damagedFiles(11, 100, whole)) {
        writeFileSync(at, bytes);
        try {
          const modes = await (await openModes(path)).part();
          expect(modes.values.length, name).toBe(
            3 * modes.outputShape.reduce((product, length) => product * length, 1),
          );
          counts.read++;
        } catch (error) {
          isOneLine(error, `${file}: ${name}`);
          counts.refused++;
        }
      }
      writeFileSync(at, whole);
    }
    expect(counts.read).toBeGreaterThan(50);
    expect(counts.refused).toBeGreaterThan(100);
  }, 120_000);
});
