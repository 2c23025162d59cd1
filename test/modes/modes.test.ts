import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { fromMsapyCsv, toMsapyCsv } from "../../src/modes/msapy-csv.js";
import { fromNpz, toNpz } from "../../src/modes/npz.js";
import { loadModes, saveModes } from "../../src/modes/save.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { fromTidyCsv } from "../../src/modes/tidy-csv.js";
import { toTidyCsv } from "../../src/modes/to-tidy-csv.js";
import { fc } from "../helpers/properties.js";

const small = new ShapleyModes({
  units: ["a", "b", "c"],
  outputShape: [2, 2],
  values: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4),
  standardErrors: new Float64Array(12).fill(0.5),
  meanStandardErrors: Float64Array.of(0.1, 0.2, 0.3),
  vAll: Float64Array.of(6, 7, 8, 9),
  vNone: Float64Array.of(1, 1, 1, 0),
  provenance: { seed: 0, estimator: "permutation" },
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const anyModes = fc
  .record({
    units: fc.uniqueArray(
      fc.string({ minLength: 1 }).filter((name) => !/[\r\n]/.test(name)),
      { minLength: 1, maxLength: 5 },
    ),
    outputShape: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
  })
  .chain(({ units, outputShape }) => {
    const size = units.length * outputShape.reduce((product, length) => product * length, 1);
    return fc
      .array(finite, { minLength: size, maxLength: size })
      .map((values) => new ShapleyModes({ units, outputShape, values: Float64Array.from(values) }));
  });

describe("ShapleyModes", () => {
  it("selects a unit by name or index, with its shape and standard errors", () => {
    expect(small.unit("b")).toEqual({
      name: "b",
      shape: [2, 2],
      values: Float64Array.of(5, 6, 7, 8),
      standardErrors: new Float64Array(4).fill(0.5),
    });
    expect(small.unit(2).name).toBe("c");
    expect(() => small.unit("d")).toThrow(
      'invalid unit; expected the name of a unit or an index from 0 to 2; received "d"',
    );
    expect(() => small.unit(3)).toThrow(RangeError);
  });

  it("prints its units with their errors; inside of another value one line", () => {
    expect(inspect([small])).toBe("[\n  ShapleyModes { 3 units, outputs [2, 2], estimator permutation, seed 0 }\n]");
    const known = { values: Float64Array.of(-1, 3), standardErrors: Float64Array.of(0.5, 0.25) };
    const meanStandardErrors = known.standardErrors;
    const text = inspect(new ShapleyModes({ units: ["a", "b"], outputShape: [], ...known, meanStandardErrors }));
    const bars = /[█─]+/g;
    expect(
      text
        .replace(bars, "")
        .split("\n")
        .map((line) => line.trim().replace(/ +/g, " ")),
    ).toEqual([
      "ShapleyModes: 2 units, one output",
      "largest standard error 0.5",
      "",
      "contribution ± standard error (95 % confidence interval)",
      "b 3.00 ± 0.25 (2.51 to 3.49)",
      "a -1.00 ± 0.50 (-1.98 to -0.02)",
    ]);
    const many = { units: Array.from({ length: 300 }, (_, u) => `unit ${u}`), outputShape: [] };
    expect(inspect(new ShapleyModes({ ...many, values: new Float64Array(300) })).split("\n")).toHaveLength(14);
  });

  it("adds up groups, with a standard error that is never too small", () => {
    const group = small.group(["a", "c"]);
    expect(Array.from(group.values)).toEqual([0, 0, 0, 0]);
    expect(Array.from(group.standardErrors ?? [])).toEqual([1, 1, 1, 1]);
    expect(group.name).toBe("a + c");
    expect(() => small.group(["a", "c", 0])).toThrow('invalid units; expected each unit once; received "a"');
  });

  it("slices one output and averages over all", () => {
    expect(Array.from(small.output(1, 0).values)).toEqual([3, 7, -3]);
    expect(Array.from(small.meanOverOutputs().values)).toEqual([2.5, 6.5, -2.5]);
    expect(small.meanOverOutputs().standardErrors).toEqual(Float64Array.of(0.1, 0.2, 0.3));
    expect(() => small.output(2, 0)).toThrow("invalid output; expected indices into shape [2, 2]; received [2, 0]");
  });

  it("selects units in the order asked for, which no longer add up to anything", () => {
    const picked = small.select(["c", 0]);
    expect(picked.units).toEqual(["c", "a"]);
    expect(Array.from(picked.values)).toEqual([-1, -2, -3, -4, 1, 2, 3, 4]);
    expect(picked.meanStandardErrors).toEqual(Float64Array.of(0.3, 0.1));
    expect(picked.efficiencyGap).toBeNaN();
    expect(picked.provenance).toEqual(small.provenance);
  });

  it("slices a part of the output, with everything that belongs to it", () => {
    const row = small.slice(1);
    expect(row.outputShape).toEqual([2]);
    expect(Array.from(row.values)).toEqual([3, 4, 7, 8, -3, -4]);
    expect([row.vAll, row.vNone]).toEqual([Float64Array.of(8, 9), Float64Array.of(1, 0)]);
    expect(small.slice().values).toEqual(small.values);
    expect(Array.from(small.slice(1, 0).values)).toEqual(Array.from(small.output(1, 0).values));
    expect(() => small.slice(2)).toThrow("invalid output; expected indices into shape [2, 2]");
    expect(() => small.slice(0, 0, 0)).toThrow(RangeError);
  });

  it("knows its efficiency gap", () => {
    expect(small.efficiencyGap).toBe(1); // the last output: 4 + 8 - 4 against 9 - 0
    expect(new ShapleyModes({ units: ["a"], outputShape: [], values: Float64Array.of(1) }).efficiencyGap).toBeNaN();
  });

  it("refuses parts that do not fit together, and values that are no numbers", () => {
    const parts = { units: ["a", "b"], outputShape: [2], values: new Float64Array(3) };
    expect(() => new ShapleyModes(parts)).toThrow(
      "invalid values; expected 4 numbers; received Float64Array of length 3",
    );
    expect(() => new ShapleyModes({ ...parts, values: Float64Array.of(1, 2, Number.NaN, 4) })).toThrow("received NaN");
    expect(() => new ShapleyModes({ ...small, vAll: new Float64Array(3) })).toThrow("invalid vAll");
  });
});

describe("msapy CSV", () => {
  it("has msapy's three kinds of lines", () => {
    const modes = new ShapleyModes({
      units: ["0", "1"],
      outputShape: [3],
      values: Float64Array.of(0.1, 1, -2, 1e-7, 3e20, -0),
    });
    expect(toMsapyCsv(modes)).toBe("#shape=3\n,0,1\n0,0.1,1e-7\n1,1.0,300000000000000000000\n2,-2.0,-0.0\n");
  });

  it("gives every bit of every value and every name back", () => {
    fc.assert(
      fc.property(anyModes, (modes) => {
        const back = fromMsapyCsv(toMsapyCsv(modes));
        expect([back.units, back.outputShape]).toEqual([modes.units, modes.outputShape]);
        expect(Buffer.from(back.values.buffer)).toEqual(Buffer.from(modes.values.buffer));
      }),
    );
  });

  it("reads Windows line ends", () => {
    const text = "#shape=2\r\n,x,y\r\n0,1.0,2.0\r\n1,3.0,4.0\r\n";
    expect(fromMsapyCsv(text).unit("x").values).toEqual(Float64Array.of(1, 3));
  });

  it("is never read where it was cut short, wherever that is; nor is a tidy one within a row", () => {
    const modes = new ShapleyModes({ units: ["a", "b"], outputShape: [1], values: Float64Array.of(0.5, 1.25e-7) });
    const tidy = toTidyCsv(new ShapleyModes({ ...modes, standardErrors: Float64Array.of(0.25, 1e-12) }));
    for (const [text, read] of [
      [toMsapyCsv(modes), fromMsapyCsv],
      [tidy, fromTidyCsv],
    ] as const) {
      expect(read(text).values).toEqual(modes.values);
      for (let length = 0; length < text.length; length++) {
        // A tidy file says nowhere how many rows it has.
        if (read === fromTidyCsv && text[length - 1] === "\n" && length > text.indexOf("\n") + 1) continue;
        expect(() => read(text.slice(0, length))).toThrow(/^modes\.(tidy\.)?csv: /);
      }
    }
    expect(() => fromMsapyCsv("#shape=1\n,a\n0,1.0,1.25e-7")).toThrow(
      "does not end with a line break: it may be cut short",
    );
  });

  it("has no standard errors below 0", () => {
    const parts = { units: ["a"], outputShape: [], values: Float64Array.of(1) };
    expect(() => new ShapleyModes({ ...parts, standardErrors: Float64Array.of(-1) })).toThrow(
      "invalid standardErrors; expected numbers from 0 on; received -1",
    );
    expect(() => new ShapleyModes({ ...parts, meanStandardErrors: Float64Array.of(-1e-9) })).toThrow(
      "invalid meanStandardErrors",
    );
  });

  it.each([
    ["", "has no line with the units' names"],
    ["#shape=2\n,a\n0,1\n", "has 1 rows, its shape says 2"],
    ["#shape=x\n,a\n0,1\n", "line 1 gives no shape"],
    ["#shape=1\n,a,b\n0,1\n", "row 0 has 1 numbers, there are 2 units"],
    ["#shape=1\n,a\n0,nan\n", "row 0, unit a: no number (nan)"],
    ["#shape=1\n,a\n0,\n", "row 0, unit a: no number ()"],
    ["#shape=1\n,a,a\n0,1,2\n", "invalid unit name"],
  ])("refuses %j and names the file", (text, problem) => {
    expect(() => fromMsapyCsv(text, "some.csv")).toThrow(`some.csv: ${problem}`);
  });
});

describe("npz", () => {
  it("gives everything back: values, errors, v(all), v(none), names, provenance", () => {
    expect(fromNpz(toNpz(small))).toEqual(small);
    fc.assert(
      fc.property(anyModes, (modes) => {
        const back = fromNpz(toNpz(modes));
        expect([back.units, back.outputShape]).toEqual([modes.units, modes.outputShape]);
        expect(Buffer.from(back.values.buffer)).toEqual(Buffer.from(modes.values.buffer));
      }),
    );
  });

  it("has the same bytes each time, and half the size in float32", () => {
    expect(toNpz(small)).toEqual(toNpz(small));
    expect(fromNpz(toNpz(small, { dtype: "float32" })).values).toEqual(small.values);
    expect(() => toNpz(small, { dtype: "f32" as "float32" })).toThrow(
      "invalid dtype; expected one of float64, float32",
    );
  });

  it("is refused, with its name, when it is cut off anywhere", () => {
    const bytes = toNpz(small);
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => fromNpz(bytes.subarray(0, length), "cut.npz")).toThrow("cut.npz");
    }
  });
});

describe("saving and loading modes", () => {
  const folder = mkdtempSync(join(tmpdir(), "modes-"));

  it("goes by the ending and leaves nothing but the file behind", () => {
    for (const name of ["modes.npz", "modes.csv"]) {
      saveModes(small, join(folder, "deep", name));
      expect(loadModes(join(folder, "deep", name)).values).toEqual(small.values);
    }
    expect(readdirSync(join(folder, "deep")).sort()).toEqual(["modes.csv", "modes.npz"]);
  });

  it("refuses other endings, absent files and folders it can not make, and touches nothing", () => {
    expect(() => saveModes(small, join(folder, "modes.txt"))).toThrow(
      "a name ending in .npz, .zarr, .tidy.csv or .csv",
    );
    expect(() => loadModes(join(folder, "absent.npz"))).toThrow("absent.npz: no such file");
    writeFileSync(join(folder, "file"), "kept");
    expect(() => saveModes(small, join(folder, "file", "modes.csv"))).toThrow("can not be written");
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("kept");
  });
});
