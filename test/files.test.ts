import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FileError } from "../src/errors.js";
import { checkWritable, writeWhole } from "../src/files.js";

describe("writing files", () => {
  const folder = mkdtempSync(join(tmpdir(), "files-"));

  it("makes the folders on the way and leaves the file alone in them", () => {
    writeWhole(join(folder, "a/b/c.txt"), "content");
    expect(readdirSync(join(folder, "a/b"))).toEqual(["c.txt"]);
    writeWhole(join(folder, "a/b/c.txt"), "other");
    expect(readFileSync(join(folder, "a/b/c.txt"), "utf8")).toBe("other");
  });

  it("is tried out beforehand, without a trace", () => {
    checkWritable(join(folder, "new/folder/file.txt"));
    expect(readdirSync(folder)).toEqual(["a"]);
  });

  it("fails beforehand where a folder stands in the place of the file, or a file in that of a folder", () => {
    mkdirSync(join(folder, "is-folder"));
    writeFileSync(join(folder, "is-file"), "");
    expect(() => checkWritable(join(folder, "is-folder"))).toThrow("is a folder, a file was expected");
    expect(() => checkWritable(join(folder, "is-file", "below.txt"))).toThrow(FileError);
    expect(() => checkWritable("/dev/null")).toThrow("/dev/null: is no ordinary file");
    expect(() => checkWritable("/proc/nowhere.txt")).toThrow("/proc/nowhere.txt: can not be written");
    expect(() => writeWhole(join(folder, "is-folder"), "")).toThrow(FileError);
    expect(readdirSync(folder).sort()).toEqual(["a", "is-file", "is-folder"]);
  });
});
