import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { shapleyToDisk } from "../../src/engine/shapley-to-disk.js";
import { gameFrom } from "../../src/games/from-function.js";
import { openModes } from "../../src/modes/stored-modes.js";
import { count, fuzz, fuzzSeed, fuzzTimes, isOneLine } from "./fuzz.js";
import { damagedFiles } from "./results.js";

const newFolder = () => mkdtempSync(join(tmpdir(), "fuzz-results-"));

describe("a damaged checkpoint", () => {
  it("is removed with a remark where it is ours, else named and left: no number is ever another", {
    timeout: 120_000 * fuzzTimes,
  }, async () => {
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
    for (const { name, bytes } of damagedFiles(fuzzSeed, 500 * fuzzTimes, whole)) {
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
        if (!isOneLine(error)) throw error;
        expect(readFileSync(join(resume, newest)), name).toEqual(Buffer.from(bytes));
        counts.refused++;
      }
    }
    count("checkpoint", counts);
    expect(counts.removed).toBeGreaterThan(300);
    expect(counts.refused).toBeGreaterThan(10);
  });
});

describe("a damaged store of modes", () => {
  it("is read or refused in one line", { timeout: 120_000 * fuzzTimes }, async () => {
    const game = await gameFrom(3, (intact) => [[intact.size ** 2], [intact.size]]);
    const path = join(newFolder(), "modes.zarr");
    await shapleyToDisk(game, path, { orderings: 8, onRemark: () => {} });
    const expected = await (await openModes(path)).part();
    const sum = { read: 0, refused: 0 };
    const chunk = readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((name) => /^modes.c/.test(name) && statSync(join(path, name)).isFile())
      .sort()[0];
    for (const file of ["zarr.json", "modes/zarr.json", "v_all/zarr.json", chunk]) {
      const at = join(path, file);
      const whole = readFileSync(at);
      const counts = await fuzz(`zarr, ${file}`, damagedFiles(fuzzSeed, 100 * fuzzTimes, whole), async ({ bytes }) => {
        writeFileSync(at, bytes);
        // What is read is what was written: damage is either seen, or changes nothing.
        expect(await (await openModes(path)).part()).toEqual(expected);
      });
      writeFileSync(at, whole);
      sum.read += counts.read;
      sum.refused += counts.refused;
    }
    expect(sum.refused).toBeGreaterThan(300);
  });
});
