import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";
import type { LabelledInputs } from "../../src/datasets/inputs.js";
import { checkLabelled, type LabelledInputsOptions, labelledInputs } from "../../src/datasets/labelled-inputs.js";
import { loadArray } from "../../src/datasets/load-array.js";
import { npyFile } from "./npy-writer.js";

const folder = mkdtempSync(join(tmpdir(), "labelled-inputs-"));
afterAll(() => rmSync(folder, { recursive: true }));
const written = (name: string, bytes: Uint8Array) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const hash = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest("hex");
const values = Float32Array.of(1, 2, 3, 4, 5, 6);
const rows = npyFile("<f4", [3, 2], values);
const classes = npyFile("<i8", [3], BigInt64Array.of(0n, 2n, 1n));

describe("loadArray", () => {
  it("reads numbers in the kind that is stored, with shape, name and checksum of the file", () => {
    expect(loadArray(written("rows.npy", rows))).toEqual({
      name: "rows.npy",
      data: values,
      shape: [3, 2],
      sha256: hash(rows),
    });
    const npz = written("two.npz", zipSync({ "a.npy": rows, "b.npy": classes }));
    expect(loadArray(npz, "b")).toMatchObject({ name: "two.npz", data: BigInt64Array.of(0n, 2n, 1n), shape: [3] });
    expect(loadArray(written("one.npz", zipSync({ "a.npy": rows }))).data).toEqual(values);
  });

  it("names the arrays that there are where the name is none of them", () => {
    const npz = written("two.npz", zipSync({ "a.npy": rows, "b.npy": classes }));
    expect(() => loadArray(npz)).toThrow("two.npz: holds the arrays a, b; name one of them");
    expect(() => loadArray(npz, "c")).toThrow("two.npz: holds the arrays a, b; none is called c");
    expect(() => loadArray(npz, "constructor")).toThrow("none is called constructor");
    expect(() => loadArray(written("rows.npy", rows), "a")).toThrow("holds one array without a name; none is called a");
    expect(() => loadArray(join(folder, "absent.npy"))).toThrow("absent.npy: no such file");
    expect(() => loadArray(5 as never)).toThrow("invalid path; expected the path of a .npy or .npz file; received 5");
  });
});

describe("labelledInputs", () => {
  it("takes numbers with the shape of all rows or of one, and counts classes where they are not stated", () => {
    for (const shape of [[3, 2], [2]]) {
      expect(labelledInputs(values, [0, 2, 1], { shape })).toEqual({
        name: "unnamed",
        inputs: values,
        labels: Uint8Array.of(0, 2, 1),
        count: 3,
        features: 2,
        shape: [2],
        classes: 3,
        sha256: hash(new Uint8Array(values.buffer), Uint8Array.of(0, 2, 1)),
      });
    }
    expect(labelledInputs(values, Uint8Array.of(1), { shape: [1, 6] }).shape).toEqual([6]);
    expect(labelledInputs(values, Uint8Array.of(1), { shape: [2, 3], name: "a", classes: 7 })).toMatchObject({
      shape: [2, 3],
      name: "a",
      classes: 7,
    });
  });

  it("takes what loadArray gives, and labels of any kind that are whole", () => {
    const inputs = loadArray(written("rows.npy", rows));
    const made = labelledInputs(inputs, loadArray(written("classes.npy", classes)));
    expect(made).toMatchObject({ name: "rows.npy", count: 3, features: 2, classes: 3, labels: Uint8Array.of(0, 2, 1) });
    for (const labels of [
      Float64Array.of(0, 2, 1),
      Int32Array.of(0, 2, 1),
      BigUint64Array.of(0n, 2n, 1n),
      [0n, 2, 1],
    ]) {
      expect(labelledInputs(inputs, labels).sha256).toBe(made.sha256);
    }
    expect(labelledInputs(inputs, [0, 256, 1]).labels).toEqual(Uint16Array.of(0, 256, 1));
    const ids = BigInt64Array.of(2n ** 60n, 1n);
    expect(labelledInputs(ids, [0, 1], { shape: [2, 1] }).inputs).toBe(ids);
  });

  it.each<[string, unknown, unknown, LabelledInputsOptions | undefined, string]>([
    [
      "fewer labels",
      values,
      [0, 1],
      { shape: [2] },
      "invalid shape; expected [count, ...row] or [...row] of 2 rows, 6 numbers in all; received [2]",
    ],
    ["more labels", values, [0, 1, 0, 1], { shape: [3, 2] }, "of 4 rows, 6 numbers in all; received [3, 2]"],
    ["no shape", values, [0, 1, 0], undefined, "invalid shape"],
    ["a shape of 0", values, [0, 1, 0], { shape: [3, 0] }, "invalid shape"],
    ["a shape with a fraction", values, [0, 1, 0], { shape: [2.5] }, "invalid shape"],
    [
      "no rows",
      new Float32Array(0),
      [],
      { shape: [2] },
      "invalid number of labels; expected a positive integer; received 0",
    ],
    [
      "a negative label",
      values,
      [0, -1, 0],
      { shape: [2] },
      'invalid labels; expected classes, whole numbers from 0 to 65535; received "-1 at place 1"',
    ],
    ["a fraction", values, Float32Array.of(0, 0.5, 0), { shape: [2] }, '"0.5 at place 1"'],
    ["NaN", values, Float32Array.of(0, 0, Number.NaN), { shape: [2] }, '"NaN at place 2"'],
    ["text", values, ["0", "1", "2"], { shape: [2] }, '"0 at place 0"'],
    [
      "a label beyond the classes",
      values,
      [0, 1, 2],
      { shape: [2], classes: 2 },
      'whole numbers from 0 to 1; received "2 at place 2"',
    ],
    ["too many classes", values, [0, 1, 2], { shape: [2], classes: 70_000 }, "invalid classes; expected at most 65536"],
    ["half a class", values, [0, 1, 2], { shape: [2], classes: 2.5 }, "invalid classes"],
    [
      "a list of numbers",
      [1, 2, 3],
      [0, 1, 2],
      { shape: [1] },
      "invalid values; expected a typed array, or what loadArray gives",
    ],
    ["labels that are none", values, "012", { shape: [2] }, "invalid labels; expected the class of each input"],
    ["null for options", values, [0, 1, 2], null as never, "invalid options"],
  ])("refuses %s", (_, inputs, labels, options, message) => {
    expect(() => labelledInputs(inputs as never, labels as never, options)).toThrow(message);
  });

  it("refuses rows of a file in another order, and labels that are no list", () => {
    const images = { name: "images.npy", data: new Float32Array(24), shape: [2, 3, 4], sha256: "0" };
    expect(labelledInputs(images, [0, 1], { shape: [2, 12] }).shape).toEqual([12]);
    expect(() => labelledInputs(images, [0, 1], { shape: [2, 4, 3] })).toThrow("expected rows of shape [4, 3]");
    const pairs = { ...images, shape: [2, 1], data: new Uint8Array(2) };
    expect(() => labelledInputs(images, pairs)).toThrow(
      'invalid labels; expected an array [count]; received "an array [2, 1]"',
    );
  });
});

describe("checkLabelled", () => {
  const right: LabelledInputs = labelledInputs(values, [0, 2, 1], { shape: [2] });

  it("gives back what is right, and makes the checksum and labels that are missing", () => {
    expect(checkLabelled(right)).toBe(right);
    const { sha256, ...rest } = right;
    expect(checkLabelled({ ...right, sha256: "" })).toEqual(right);
    expect(checkLabelled(rest as LabelledInputs)).toEqual(right);
    expect(checkLabelled({ ...right, labels: [0, 2, 1] as never }).labels).toEqual(right.labels);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, Partial<LabelledInputs>, string]>([
    [
      "fewer labels",
      { labels: Uint8Array.of(0, 1) },
      "invalid labels; expected 3 classes, one for each of the inputs; received 2",
    ],
    ["a label beyond the classes", { labels: Uint8Array.of(0, 3, 0) }, "whole numbers from 0 to 2"],
    [
      "another count",
      { count: 2 },
      "invalid inputs; expected 2 rows of 2 numbers, as unnamed states; received Float32Array of length 6",
    ],
    ["other features", { features: 3 }, "invalid inputs; expected 3 rows of 3 numbers"],
    ["a count of 0", { count: 0 }, "invalid count of the inputs; expected a positive integer; received 0"],
    ["half a class", { classes: 2.5 }, "invalid classes of the inputs"],
    ["another shape", { shape: [3] }, "invalid shape of the inputs; expected that of one row of 2 numbers"],
    ["a name that is none", { name: 5 as never }, "invalid name of the inputs"],
    ["a checksum that is none", { sha256: 5 as never }, "invalid sha256 of the inputs"],
    ["no numbers", { inputs: [1, 2] as never }, "invalid inputs; expected a typed array"],
  ])("refuses %s", (_, wrong, message) => {
    expect(() => checkLabelled({ ...right, ...wrong })).toThrow(message);
  });
});
