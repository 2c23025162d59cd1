import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";
import { readInputs } from "../../src/datasets/input-arrays.js";
import { loadInputs } from "../../src/datasets/inputs.js";
import { rowsIn } from "../../src/datasets/rows.js";
import { npyFile } from "./npy-writer.js";

const folder = mkdtempSync(join(tmpdir(), "input-arrays-"));
afterAll(() => rmSync(folder, { recursive: true }));
const written = (name: string, bytes: Uint8Array) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const rows = npyFile("<f4", [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
const classes = npyFile("<i8", [3], BigInt64Array.of(0n, 2n, 300n));
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("readInputs", () => {
  it("reads rows and classes that numpy saved, and states the checksums of the files", () => {
    const read = readInputs(written("rows.npy", rows), written("classes.npy", classes));
    expect(read.name).toBe("rows.npy");
    expect(read.arrays.get("")).toEqual({
      name: "rows.npy",
      shape: [3, 2],
      data: Float32Array.of(1, 2, 3, 4, 5, 6),
      sha256: hash(rows),
    });
    expect([...(read.labels ?? [])]).toEqual([0, 2, 300]);
    expect(read.sha256).toBe(hash(rows));
    expect(read.labelsFile).toEqual({ name: "classes.npy", sha256: hash(classes) });
  });

  it("takes the arrays of a npz file by name, and classes from its array labels", () => {
    const path = written("both.npz", zipSync({ "a.npy": rows, "b.npy": rows, "labels.npy": classes }));
    const read = readInputs(path);
    expect([...read.arrays.keys()]).toEqual(["a", "b"]);
    expect([...(read.labels ?? [])]).toEqual([0, 2, 300]);
    expect(readInputs(written("alone.npz", zipSync({ "labels.npy": classes }))).arrays.has("labels")).toBe(true);
  });

  it("knows the names of data sets as loadInputs does", () => {
    const named = loadInputs("mnist-test:3-5");
    const read = readInputs("mnist-test:3-5");
    expect(read.arrays.get("")).toMatchObject({ shape: [3, 784], data: named.inputs });
    expect([read.labels, read.classes, read.sha256]).toEqual([named.labels, 10, named.sha256]);
  });

  it("refuses what is none, naming the file", () => {
    expect(() => readInputs(join(folder, "absent.npy"))).toThrow("absent.npy: no such file");
    expect(() => readInputs(written("cut.npz", Buffer.from("PK")))).toThrow("cut.npz: is no zip file, or is cut off");
    expect(() => readInputs(written("empty.npz", zipSync({})))).toThrow("empty.npz: holds no arrays");
    expect(() => readInputs("cats")).toThrow(
      "invalid inputs; expected a .npy or .npz file that numpy saved, or a name such as mnist-test:0-1023",
    );
    const path = written("rows.npy", rows);
    const labels = (bytes: Uint8Array) => () => readInputs(path, written("labels.npy", bytes));
    expect(labels(rows)).toThrow("labels.npy: holds an array [3, 2]; labels are [count]");
    expect(labels(npyFile("<f4", [1], Float32Array.of(0.5)))).toThrow(
      "labels.npy: holds 0.5; labels are whole numbers",
    );
    expect(labels(npyFile("<i4", [1], Int32Array.of(-1)))).toThrow("labels.npy: holds -1; labels are whole numbers");
    expect(() => readInputs("mnist-test:0-3", written("classes.npy", classes))).toThrow(
      "invalid labels; expected none for mnist-test:0-3",
    );
  });
});

describe("rowsIn", () => {
  const image = { name: "x", shape: [3, 4, 5] };
  const array = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });

  it("counts rows in the input's shape, flat ones, and a single one", () => {
    const counts = [array(7, 3, 4, 5), array(7, 60), array(7, 1, 3, 4, 5), array(3, 4, 5)].map((a) => rowsIn(a, image));
    expect(counts).toEqual([7, 7, 7, 1]);
    expect(rowsIn(array(2, 28, 28), { name: "x", shape: [784] })).toBe(2);
    expect(rowsIn(array(2, 28, 28), { name: "x", shape: [1, 28, 28] })).toBe(2);
  });

  it("refuses rows whose numbers are in another order, and none", () => {
    for (const shape of [[7, 4, 5, 3], [7, 59], [0, 3, 4, 5], [7]]) {
      expect(() => rowsIn(array(...shape), image)).toThrow(
        `invalid inputs for x; expected rows of shape [3, 4, 5], so an array [count, 3, 4, 5]; received "an array [${shape.join(", ")}]"`,
      );
    }
  });
});
