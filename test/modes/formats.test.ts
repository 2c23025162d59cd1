import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { testModes } from "../../src/analysis/inference/test-modes.js";
import { shapley } from "../../src/engine/shapley.js";
import { shapleyToDisk } from "../../src/engine/shapley-to-disk.js";
import { interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import type { ModesContent } from "../../src/modes/modes-content.js";
import { loadModes, saveModes } from "../../src/modes/save.js";
import { saveStore } from "../../src/modes/save-store.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { openModes } from "../../src/modes/stored-modes.js";
import { fromTidyCsv } from "../../src/modes/tidy-csv.js";
import { toTidyCsv } from "../../src/modes/to-tidy-csv.js";
import { normalQuantile } from "../../src/quantiles.js";
import { fc } from "../helpers/properties.js";

const folder = () => mkdtempSync(join(tmpdir(), "modes-"));
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const errors = fc.oneof(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN));

/** Modes of 1 to 3 axes with all that there can be. */
const anyModes = (leastAxes: number) =>
  fc
    .record({
      units: fc.uniqueArray(
        fc.string({ minLength: 1 }).filter((name) => !/[\r\n]/.test(name)),
        { minLength: 1, maxLength: 4 },
      ),
      outputShape: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: leastAxes, maxLength: 3 }),
    })
    .chain(({ units, outputShape }) => {
      const outputs = outputShape.reduce((product, length) => product * length, 1);
      const list = (of: fc.Arbitrary<number>, length: number) =>
        fc.array(of, { minLength: length, maxLength: length }).map((numbers) => Float64Array.from(numbers));
      return fc.record({
        units: fc.constant(units),
        outputShape: fc.constant(outputShape),
        values: list(finite, units.length * outputs),
        standardErrors: list(errors, units.length * outputs),
        meanStandardErrors: list(errors, units.length),
        vAll: list(finite, outputs),
        vNone: list(finite, outputs),
        provenance: fc.constant({ seed: 1, estimator: "permutation" }),
      });
    })
    .map((parts) => new ShapleyModes(parts));

describe("tidy CSV", () => {
  it("reads back to the last bit what was written", () => {
    fc.assert(
      fc.property(anyModes(0), fc.boolean(), (modes, withErrors) => {
        const given = withErrors
          ? modes
          : new ShapleyModes({ units: modes.units, outputShape: modes.outputShape, values: modes.values });
        const read = fromTidyCsv(toTidyCsv(given));
        expect([read.units, read.outputShape]).toEqual([given.units, given.outputShape]);
        expect(read.values).toEqual(given.values);
        expect(read.standardErrors).toEqual(given.standardErrors);
      }),
    );
  });

  it("reads back standard errors next to the smallest number that there is, whose intervals have few digits", () => {
    const standardErrors = Float64Array.of(6.4e-323, 1.0000000000000002e-300);
    const modes = new ShapleyModes({
      units: ["a", "b"],
      outputShape: [1],
      values: new Float64Array(2),
      standardErrors,
    });
    expect(fromTidyCsv(toTidyCsv(modes)).standardErrors).toEqual(standardErrors);
  });

  it("has a row per unit and output, and the axes' names", () => {
    const modes = new ShapleyModes({
      units: ["a", "b,c"],
      outputShape: [1, 2],
      values: Float64Array.of(1, -0, 0.1, 1e-20),
      standardErrors: Float64Array.of(0, 1, Number.NaN, 2),
    });
    const axes = ["time", "channel"];
    const z = normalQuantile(0.975);
    expect(toTidyCsv(modes, { axes })).toBe(
      `unit,time,channel,contribution,standard_error,ci95_low,ci95_high\na,0,0,1,0,1,1\na,0,1,-0,1,${-z},${z}\n"b,c",0,0,0.1,NaN,NaN,NaN\n"b,c",0,1,1e-20,2,${-2 * z},${2 * z}\n`,
    );
    expect(toTidyCsv(modes).split("\n")[0]).toBe(
      "unit,output_0,output_1,contribution,standard_error,ci95_low,ci95_high",
    );
    // Files of earlier versions have no intervals.
    expect(fromTidyCsv("unit,contribution,standard_error\na,1,0.5\n").standardErrors).toEqual(Float64Array.of(0.5));
    expect(() => fromTidyCsv("unit,contribution,standard_error,ci95_low\na,1,0.5,0\n")).toThrow("were expected");
    for (const bad of [["time"], ["a", "a"], ["unit", "b"], ["", "b"], ["a\n", "b"]]) {
      expect(() => toTidyCsv(modes, { axes: bad })).toThrow("invalid axes");
    }
    expect(fromTidyCsv(toTidyCsv(modes, { axes })).outputShape).toEqual([1, 2]);
  });

  it("is refused where an interval is not that of its standard error, and read where it was rounded", async () => {
    const modes = await shapley(interactionGame(4), { estimator: "permutation", orderings: 5, progress: false });
    const text = toTidyCsv(modes);
    const [, second] = text.split("\n").slice(1);
    const cells = second.split(",");
    const changed = (high: string) => text.replace(second, [...cells.slice(0, -1), high].join(","));
    expect(() => fromTidyCsv(changed("-1e9"), "m.tidy.csv")).toThrow(/m.tidy.csv: row 1: no interval/);
    const rounded = changed(String(Number(Number(cells.at(-1)).toPrecision(4))));
    expect(fromTidyCsv(rounded, "m.tidy.csv").values).toEqual(modes.values);
  });

  it("is what a name ending in .tidy.csv asks for, and is told from msapy's by its first line", () => {
    const modes = new ShapleyModes({ units: ["a", "b"], outputShape: [2], values: Float64Array.of(1, 2, 3, 4) });
    const place = folder();
    saveModes(modes, join(place, "m.tidy.csv"));
    saveModes(modes, join(place, "msapy.csv"));
    cpSync(join(place, "m.tidy.csv"), join(place, "renamed.csv"));
    for (const name of ["m.tidy.csv", "msapy.csv", "renamed.csv"]) {
      expect(loadModes(join(place, name)).values).toEqual(modes.values);
    }
  });

  it.each([
    ["unit,contribution\na,1\na,2\n", "a name that no other unit has"],
    ["unit,output,contribution\na,0,1\na,2,2\n", "indices say 3"],
    ["unit,output,contribution\na,1,1\na,0,2\n", "row 0 has output 1; 0 was expected"],
    ["unit,output,contribution\na,0,1\nb,1,2\n", "row 1 is of unit b"],
    ["unit,output,contribution\na,0,x\n", "no number (x)"],
    ["unit,output,contribution\na,x,1\n", "the index x"],
    ["unit,output,contribution\na,0\n", "row 0 has 2 cells"],
    ["unit,output,contribution\n", "no rows"],
    ["unit,contribution,other\na,1,2\n", "were expected"],
    ['unit,contribution\n"a,1\n', "quotes"],
  ])("refuses %j in one line", (text, message) => {
    expect(() => fromTidyCsv(text)).toThrow(message);
  });
});

describe("a store of modes", () => {
  it("reads back to the last bit, whole and in parts", async () => {
    const place = folder();
    await fc.assert(
      fc.asyncProperty(anyModes(1), async (modes) => {
        const path = join(place, "modes.zarr");
        await modes.save(path);
        for (const read of [loadModes(path), await (await openModes(path)).part()]) {
          expect({ ...read }).toEqual({ ...modes });
        }
        const slice = await (await openModes(path)).slice(modes.outputShape[0] - 1);
        expect(slice.values).toEqual(modes.slice(modes.outputShape[0] - 1).values);
      }),
      { numRuns: 15 },
    );
    expect(existsSync(join(place, "modes.zarr.part"))).toBe(false);
  });

  it("keeps independent blocks, and says where a part of them is missing", async () => {
    const game = interactionGame(5, { outputs: 3 });
    const modes = await shapley(game, { orderings: 40, blocks: 8 });
    const path = join(folder(), "blocks.zarr");
    await modes.save(path);
    expect(loadModes(path).blocks).toEqual(modes.blocks);
    const stored = await openModes(path);
    expect((await stored.part()).blocks).toEqual(modes.blocks);
    expect((await stored.part(1)).blocks?.values).toHaveLength(8 * 5 * 2);
    const slice = await stored.slice(2);
    expect(slice.blocks).toEqual(modes.slice(2).blocks);
    expect((await testModes(slice)).rows).toEqual((await testModes(modes.slice(2))).rows);
    await expect(testModes(stored as never)).rejects.toThrow(
      "invalid modes; expected ShapleyModes, which `await stored.part()` or `await stored.slice(0)` reads of a store",
    );
    expect(modes.blocks?.samples).toHaveLength(8);
    rmSync(join(path, "blocks", "c", "3"), { recursive: true });
    expect(() => loadModes(path)).toThrow("is not whole: a part of /blocks is missing");
    await expect(stored.part()).rejects.toThrow("is not whole: a part of /blocks is missing");
    rmSync(join(path, "blocks"), { recursive: true });
    expect(() => loadModes(path)).toThrow("is damaged, or was changed");
  });

  it("of a tidy CSV file have the intervals that the file has, and the p values that go with them", async () => {
    const game = await gameFrom(4, (S) => S.size ** 2 + (S.has(1) && S.has(2) ? 3 : 0));
    for (const orderings of [2, 4, 33]) {
      const modes = await shapley(game, { estimator: "permutation", orderings });
      const path = join(folder(), "few.tidy.csv");
      saveModes(modes, path as `${string}.csv`);
      const read = loadModes(path);
      expect(read.toColumns().ci95_low).toEqual(modes.toColumns().ci95_low);
      const rows = async (of: ShapleyModes) =>
        (await testModes(of, { method: "t" })).rows.map(({ p, high }) => [p, high]);
      expect(await rows(read)).toEqual(await rows(modes));
    }
  });

  it("says where a tidy CSV file does not tell how many samples there were, and has no p of errors of 0", async () => {
    const alike = await shapley(await gameFrom(3, (S) => S.size), { estimator: "antithetic", orderings: 4 });
    expect((await testModes(alike)).rows[0].p).toBe(0.5); // of two pairs that are alike
    const path = join(folder(), "alike.tidy.csv");
    saveModes(alike, path as `${string}.csv`);
    const test = await testModes(loadModes(path));
    expect(test.rows.map(({ p }) => p)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect([test.settings.degrees, test.found()]).toEqual([undefined, []]);
    expect(String(test)).toContain("of how many samples the standard errors are is not known");
    const exact = await testModes(await shapley(await gameFrom(3, (S) => S.size)));
    expect([exact.rows[0].p, exact.settings.degrees]).toEqual([0, Number.POSITIVE_INFINITY]);
    expect(String(exact)).not.toContain("not known");
  });

  it("loads what shapleyToDisk wrote, in single precision", async () => {
    const game = interactionGame(5, { outputs: 3 });
    const path = join(folder(), "disk.zarr");
    await shapleyToDisk(game, path, { orderings: 10, progress: false, onRemark() {} });
    const modes = await shapley(game, { orderings: 10 });
    expect(loadModes(path).values).toEqual(Float64Array.from(new Float32Array(modes.values)));
  });

  it("of several chunks loads as openModes reads it", async () => {
    const game = await gameFrom(
      5,
      (intact) => Float64Array.from({ length: 3 * 400 * 500 }, (_, i) => (intact.size * i) % 97),
      {
        outputShape: [3, 400, 500],
      },
    );
    const modes = await shapley(game, { orderings: 2 });
    const path = join(folder(), "large.zarr");
    await saveModes(modes, path as `${string}.zarr`);
    // Bytes: comparing millions of numbers one by one takes the matcher long.
    const bytes = ({ values: { buffer, byteOffset, byteLength } }: ShapleyModes) =>
      Buffer.from(buffer, byteOffset, byteLength);
    expect(bytes(loadModes(path)).equals(bytes(modes))).toBe(true);
  });

  it("leaves nothing of a store that could not be written to its end, and the one of that name as it was", async () => {
    const place = folder();
    const path = join(place, "modes.zarr");
    const modes = await shapley(interactionGame(3, { outputs: 2 }), { orderings: 4 });
    await modes.save(path);
    const { units, outputShape, values, standardErrors, vNone, provenance } = modes;
    const vAll = Float64Array.of(0, Number.POSITIVE_INFINITY);
    const content = { units, outputShape, values, standardErrors, vAll, vNone, provenance } as ModesContent;
    await expect(saveStore(content, path)).rejects.toThrow("can not be written");
    expect(readdirSync(place)).toEqual(["modes.zarr"]);
    expect(Array.from(loadModes(path).values)).toEqual(Array.from(values));
  });

  it("refuses what it has no room for, and what is in the way, and says what is damaged", async () => {
    const place = folder();
    const bare = new ShapleyModes({ units: ["a"], outputShape: [1], values: Float64Array.of(1) });
    await expect(bare.save(join(place, "bare.zarr"))).rejects.toThrow(
      "invalid standardErrors; expected known for a .zarr store",
    );
    const scalar = await shapley(await gameFrom(3, (intact) => intact.size), { orderings: 2 });
    await expect(scalar.save(join(place, "scalar.zarr"))).rejects.toThrow("at least one axis");
    writeFileSync(join(place, "file.zarr"), "not a store");
    const modes = await shapley(interactionGame(3, { outputs: 2 }), { orderings: 4 });
    await expect(modes.save(join(place, "file.zarr"))).rejects.toThrow("so it is not replaced");
    expect(readFileSync(join(place, "file.zarr"), "utf8")).toBe("not a store");
    const path = join(place, "modes.zarr");
    await modes.save(path);
    await modes.save(path); // replaces it
    rmSync(join(path, "modes", "c", "0", "1"), { recursive: true });
    expect(() => loadModes(path)).toThrow("is not whole: a part of /modes is missing");
    for (const [array, chunk] of [
      ["standard_error", "0/1"],
      ["mean_standard_error", "0"],
    ]) {
      for (const orderings of [4, 1]) {
        // Of one ordering all standard errors are NaN.
        const kept = await shapley(interactionGame(3, { outputs: 2 }), { orderings });
        await kept.save(path);
        expect(loadModes(path).standardErrors).toEqual(kept.standardErrors);
        rmSync(join(path, array, "c", chunk));
        expect(() => loadModes(path)).toThrow(`is not whole: a part of /${array} is missing`);
        const stored = await openModes(path);
        await expect(stored.part()).rejects.toThrow(`is not whole: a part of /${array} is missing`);
      }
    }
    await modes.save(path);
    rmSync(join(path, "mean_standard_error"), { recursive: true });
    expect(() => loadModes(path)).toThrow("headings do not have their checksum");
    expect(() => loadModes(join(place, "absent.zarr"))).toThrow("no such store");
    expect(() => loadModes(join(place, "file.zarr"))).toThrow("no store of modes");
  });
});
