import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FileError } from "../src/errors.js";
import { checkWritable, readBytes, writeWhole } from "../src/files.js";
import { checkDistinct } from "../src/output-path.js";

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
    expect(() => writeWhole(join(folder, "is-folder"), "")).toThrow(FileError);
    expect(readdirSync(folder).sort()).toEqual(["a", "is-file", "is-folder"]);
  });
});

describe.skipIf(process.platform === "win32")("what is no ordinary file", () => {
  it("is refused beforehand", () => {
    expect(() => checkWritable("/dev/null")).toThrow("/dev/null: is no ordinary file");
  });

  it.runIf(existsSync("/proc/self"))("is refused beforehand where nothing can be made", () => {
    expect(() => checkWritable("/proc/nowhere.txt")).toThrow("/proc/nowhere.txt: can not be written");
  });
});

describe.skipIf(process.platform === "win32")("outputs through links", () => {
  const newFolder = () => realpathSync(mkdtempSync(join(tmpdir(), "links-")));

  it("are written where the link leads, be it there or not, and the link stays", () => {
    const folder = newFolder();
    mkdirSync(join(folder, "far"));
    writeFileSync(join(folder, "far", "there"), "before");
    const links = { "to-file": "far/there", "to-none": "far/new", "to-link": "to-file", "to-folder": "far" };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
    for (const [path, target] of [
      ["to-file", "far/there"],
      ["to-none", "far/new"],
      ["to-link", "far/there"],
      ["to-folder/below", "far/below"],
    ]) {
      checkWritable(join(folder, path));
      writeWhole(join(folder, path), path);
      expect(readFileSync(join(folder, target), "utf8")).toBe(path);
    }
    for (const [name, target] of Object.entries(links)) expect(readlinkSync(join(folder, name))).toBe(target);
    expect(readdirSync(folder).sort()).toEqual(["far", ...Object.keys(links)].sort());
    expect(readdirSync(join(folder, "far")).sort()).toEqual(["below", "new", "there"]);
  });

  it("fail where links lead to each other, to a folder or to a device, and the link stays", () => {
    const folder = newFolder();
    const links = { a: "b", b: "a", folder: ".", device: "/dev/null", stream: "/dev/stdout" };
    const messages = {
      a: "a link that leads to itself",
      b: "a link that leads to itself",
      folder: "is a folder, a file was expected",
      device: "is no ordinary file",
      stream: "is no ordinary file",
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
    for (const [name, message] of Object.entries(messages)) {
      expect(() => checkWritable(join(folder, name))).toThrow(message);
      expect(() => writeWhole(join(folder, name), "content")).toThrow(message);
      expect(lstatSync(join(folder, name)).isSymbolicLink()).toBe(true);
    }
    expect(readdirSync(folder).sort()).toEqual(Object.keys(links).sort());
    for (const path of ["/dev/null", "/dev/stdout", "/dev/fd/1"]) {
      expect(() => writeWhole(path, "content")).toThrow(`${path}: is no ordinary file`);
    }
  });

  it("never replace a file that was read as an input: by its name, a link, a hard link or another spelling", () => {
    const folder = newFolder();
    const input = join(folder, "input");
    writeFileSync(input, "precious");
    readBytes(input);
    symlinkSync("input", join(folder, "link"));
    linkSync(input, join(folder, "hard"));
    symlinkSync(".", join(folder, "here"));
    for (const name of ["input", "link", "hard", "here/input", "here/../input", "./here/./hard"]) {
      const path = `${folder}/${name}`;
      expect(() => checkWritable(path)).toThrow(`${path}: is an input of this run`);
      expect(() => writeWhole(path, "content")).toThrow(`so it is not replaced; choose another name`);
    }
    expect(readFileSync(input, "utf8")).toBe("precious");
    writeWhole(join(folder, "other"), "content");
  });

  it("may be read again and written again by who wrote them", () => {
    const path = join(newFolder(), "file");
    writeWhole(path, "1");
    readBytes(path);
    writeWhole(path, "2");
    readBytes(path);
    writeWhole(path, "3");
    expect(readFileSync(path, "utf8")).toBe("3");
  });

  it("are two files where a command has two", () => {
    const folder = newFolder();
    writeFileSync(join(folder, "a"), "");
    linkSync(join(folder, "a"), join(folder, "hard"));
    symlinkSync("new", join(folder, "to-new"));
    const refused = [
      ["a", "a"],
      ["a", "./a"],
      ["a", "hard"],
      ["new", "to-new"],
    ];
    for (const [out, summary] of refused) {
      const paths = { out: `${folder}/${out}`, summary: `${folder}/${summary}` };
      expect(() => checkDistinct(paths)).toThrow(
        `invalid summary; expected another file than --out; received "${folder}`,
      );
    }
    checkDistinct({ out: `${folder}/a`, summary: `${folder}/new`, other: undefined });
  });

  it("may have names of any length that a disk takes, and longer ones fail beforehand", () => {
    const folder = newFolder();
    const long = join(folder, "x".repeat(255));
    checkWritable(long);
    writeWhole(long, "content");
    expect(readFileSync(long, "utf8")).toBe("content");
    expect(() => checkWritable(`${long}x`)).toThrow(FileError);
  });
});

describe("inputs", () => {
  it.each([...["/dev/zero", "/dev/null"].filter(existsSync), tmpdir()])(
    "that are no regular files are refused, not read to no end: %s",
    (path) => {
      expect(() => readBytes(path)).toThrow(`${path}: is no regular file`);
    },
  );
});
