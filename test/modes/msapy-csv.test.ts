import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fromMsapyCsv, toMsapyCsv } from "../../src/modes/msapy-csv.js";
import { loadModes } from "../../src/modes/save.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { processorTime } from "../helpers/processor-time.js";

const folder = mkdtempSync(join(tmpdir(), "msapy-csv-"));
afterAll(() => rmSync(folder, { recursive: true }));

// Layouts as msapy 1.7.3 writes them: datastructures.py, save_as_csv of ShapleyTable, ShapleyTableND and ShapleyModeND.
const tableNd = "#shape=2\n,ND,a,b,c\n0,0,1.0,2.0,3.0\n0,1,4.0,5.0,6.0\n1,0,3.0,2.0,-1.0\n1,1,0.0,5.0,8.0\n";
const table = "a,b,c\n1.0,2.0,3.0\n3.0,2.0,-1.0\n5.0,2.0,1.0\n";

describe("fromMsapyCsv reads tables of msapy", () => {
  it("ShapleyTableND: means over the orderings, and their standard errors", () => {
    const modes = fromMsapyCsv(tableNd);
    expect([modes.units, modes.outputShape]).toEqual([["a", "b", "c"], [2]]);
    expect([...modes.values]).toEqual([2, 2, 2, 5, 1, 7]); // groupby(level=1).mean()
    // Of two samples x, y: |x - y| / 2.
    expect([...modes.standardErrors!]).toEqual([1, 2, 0, 0, 2, 1]);
    expect([...modes.meanStandardErrors!]).toEqual([0.5, 0, 0.5]);
    expect(modes.provenance).toEqual({ orderings: 2 });
    const older = tableNd.replace("ND", "mode_size");
    expect(fromMsapyCsv(older).values).toEqual(modes.values);
    const image = fromMsapyCsv(tableNd.replace("#shape=2", "#shape=2,1").replaceAll("\n", "\r\n"));
    expect([image.outputShape, image.values]).toEqual([[2, 1], modes.values]);
  });

  it("ShapleyTable: no shape and no index, a row per ordering", () => {
    const modes = fromMsapyCsv(table);
    expect([modes.units, modes.outputShape, [...modes.values]]).toEqual([["a", "b", "c"], [], [3, 2, 1]]);
    expect(modes.standardErrors![0]).toBeCloseTo(2 / Math.sqrt(3), 15); // numpy.std([1, 3, 5], ddof=1) / sqrt(3)
    const one = fromMsapyCsv("0,1,2\n1.5,2.5,3.5\n");
    expect([one.units, [...one.values], one.standardErrors![0]]).toEqual([
      ["0", "1", "2"],
      [1.5, 2.5, 3.5],
      Number.NaN,
    ]);
  });

  it("ShapleyModeND, whatever the index is called, and a unit that is called ND", () => {
    for (const first of ["", "ND", "pixel_id"]) {
      expect([...fromMsapyCsv(`#shape=2\n${first},a,b\n0,1,2\n1,3,4\n`).values]).toEqual([1, 3, 2, 4]);
    }
    const modes = new ShapleyModes({ units: ["ND", "b"], outputShape: [2], values: Float64Array.of(0, 1, 2, 3) });
    expect(fromMsapyCsv(toMsapyCsv(modes))).toEqual(modes);
  });
});

describe("fromMsapyCsv refuses", () => {
  it.each([
    ["rows numbered 0, 7", "#shape=2\n,a,b\n0,1,2\n7,3,4\n", "row 1 has the index 7; 1 was expected"],
    ["rows numbered 0, 0", "#shape=2\n,a,b\n0,1,2\n0,3,4\n", "row 1 has the index 0; 1 was expected"],
    ["rows in another order", "#shape=2\n,a,b\n1,1,2\n0,3,4\n", "row 0 has the index 1; 0 was expected"],
    ["rows without numbers", "#shape=2\n,a,b\nx,1,2\ny,3,4\n", "row 0 has the index x; 0 was expected"],
    ["an index 0x1", "#shape=2\n,a,b\n0,1,2\n0x1,3,4\n", "row 1 has the index 0x1; 1 was expected"],
    ["a number 0x10", "#shape=1\n,a,b\n0,1,0x10\n", "row 0, unit b: no number (0x10)"],
    ["an infinite number", "#shape=1\n,a,b\n0,1,inf\n", "row 0, unit b: no number (inf)"],
    ["a number beyond float64", "#shape=1\n,a,b\n0,1,1e999\n", "row 0, unit b: no number (1e999)"],
    ["modes the other way round", "#shape=3\n,0,1,2\na,1,2,3\nb,4,5,6\n", "has 2 rows, its shape says 3"],
    ["a shape in hexadecimal", "#shape=0x2\n,a\n0,1\n1,2\n", "line 1 gives no shape: #shape=0x2"],
    ["a shape with a gap", "#shape=2,,1\n,a\n0,1\n1,2\n", "line 1 gives no shape: #shape=2,,1"],
    ["a shape with a fraction", "#shape=2.0\n,a\n0,1\n1,2\n", "line 1 gives no shape: #shape=2.0"],
    ["more rows than the shape says", "#shape=2\n,a\n0,1\n1,2\n2,3\n", "has 3 rows, its shape says 2"],
    [
      "a table cut off",
      tableNd.slice(0, tableNd.lastIndexOf("1,1,")),
      "has 3 rows, its shape says 2 for each ordering",
    ],
    ["a table without its shape", tableNd.slice("#shape=2\n".length), "is a ShapleyTableND without its #shape= line"],
    [
      "a table of several scores",
      ",,a,b,c\nx,0,1,2,3\nx,1,1,2,3\n",
      "is a table of several scores (ShapleyTableMultiScores)",
    ],
    [
      "rows of no shape",
      ",a,b,c\n0,1,2,3\n1,4,5,6\n",
      "has no #shape= line, so that its rows may be modes of several outputs",
    ],
    ["a single column", "a\n1\n2\n", "has a single column, which is no ShapleyTable"],
    ["a table without rows", "a,b,c\n", "has 0 rows, its shape says 1 for each ordering"],
    ["a header without an empty cell", "#shape=1\na,b\n0,1\n", 'line 2 begins with "a"; an empty cell was expected'],
    ["quotes that do not close", '#shape=1\n,"a,b\n0,1,2\n', "has quotes that do not close in line 2"],
    ["text behind quotes", '#shape=1\n,"a"x,b\n0,1,2\n', "has quotes that do not close in line 2"],
  ])("%s", (_what, text, problem) => {
    expect(() => fromMsapyCsv(text, "some.csv")).toThrow(`some.csv: ${problem}`);
  });

  it("text that is not UTF-8", () => {
    const path = join(folder, "latin.csv");
    writeFileSync(path, Buffer.from("#shape=1\n,é\n0,1\n", "latin1"));
    expect(() => loadModes(path)).toThrow("latin.csv: is not text in UTF-8");
  });

  it("long lines soon: ten thousand names in quotes", () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `"a,${i}"`);
    const spent = processorTime();
    const modes = fromMsapyCsv(`#shape=1\n,${names.join(",")}\n0,${names.map((_, i) => i).join(",")}\n`);
    expect([modes.units[9999], modes.values[9999]]).toEqual(["a,9999", 9999]);
    expect(spent()).toBeLessThan(5000);
  });
});

describe("toMsapyCsv", () => {
  it("refuses half of a surrogate pair, which UTF-8 would change", () => {
    const named = (name: string) =>
      new ShapleyModes({ units: [name, "b"], outputShape: [], values: new Float64Array(2) });
    expect(() => toMsapyCsv(named("a\ud800"))).toThrow(
      "invalid unit name; expected a name without line breaks and halves",
    );
    expect(fromMsapyCsv(toMsapyCsv(named("a😀"))).units[0]).toBe("a😀");
  });
});
