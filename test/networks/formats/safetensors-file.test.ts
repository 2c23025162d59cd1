import { mkdirSync, readFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FileError } from "../../../src/errors.js";
import { formatSafetensors, parseSafetensors } from "../../../src/formats/safetensors.js";
import { openSafetensors, type SafetensorsFile } from "../../../src/formats/safetensors-file.js";
import { decodeNumbers } from "../../../src/formats/tensor.js";
import { temporaryFolder } from "../../helpers/folders.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);
const tensors = new Map([
  ["a", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ["none", { shape: [0], data: new Float32Array(0) }],
  ["b", { shape: [1], data: Float32Array.of(-7) }],
]);
const written = (name: string) => {
  const path = join(folder, name);
  writeFileSync(path, formatSafetensors(tensors, { dtype: "BF16", metadata: { text: "x" } }));
  return path;
};

describe("a safetensors file that is read tensor by tensor", () => {
  it("has the tensors that it has when it is read at once", () => {
    const path = written("whole.safetensors");
    const file = openSafetensors(path);
    const whole = parseSafetensors(readFileSync(path), path).tensors;
    expect([...file.entries.keys()].sort()).toEqual([...whole.keys()].sort());
    for (const [name, { shape, data }] of whole) {
      const { dtype, shape: own } = file.entries.get(name)!;
      expect([dtype, own]).toEqual(["BF16", shape]);
      expect(decodeNumbers(file.bytes(name), "BF16")).toEqual(data);
    }
    expect(Buffer.concat([...file.parts()])).toEqual(readFileSync(path));
    expect(() => file.bytes("c")).toThrow("invalid tensor name; expected one of the 3 tensors of");
  });

  it("that is cut off at any byte is an error that names it, and one that is cut off later too", () => {
    const path = written("cut.safetensors");
    const size = readFileSync(path).length;
    const file = openSafetensors(path);
    for (let left = size - 1; left >= 0; left--) {
      truncateSync(path, left);
      expect(() => openSafetensors(path)).toThrow(FileError);
      expect(() => openSafetensors(path)).toThrow(`${path}: `);
    }
    expect(() => file.bytes("b")).toThrow(`${path}: is another file than the one that was opened`);
  });

  it("is an error once it was written anew, or another file of its size and time stands in its place", () => {
    const [path, other] = [written("own.safetensors"), written("other.safetensors")];
    const then = new Date(1e12);
    for (const each of [path, other]) utimesSync(each, then, then);
    const into = new Uint8Array(2);
    const refused = (file: SafetensorsFile) => {
      for (const read of [() => file.read("b", 0, into), () => file.bytes("b"), () => [...file.parts()]])
        expect(read).toThrow(`${path}: is another file than the one that was opened`);
    };
    const first = openSafetensors(path);
    first.read("b", 0, into);
    renameSync(other, path);
    refused(first);
    const second = openSafetensors(path);
    writeFileSync(path, readFileSync(path));
    refused(second);
  });

  it("that is not there, or a folder, is an error", () => {
    expect(() => openSafetensors(join(folder, "nowhere"))).toThrow("nowhere: no such file");
    mkdirSync(join(folder, "sub"));
    expect(() => openSafetensors(join(folder, "sub"))).toThrow("sub: is no regular file");
  });
});
