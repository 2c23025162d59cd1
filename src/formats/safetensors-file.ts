import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { FileError, invalid } from "../errors.js";
import { noteInput } from "../output-path.js";
import { dataStart, parseHeader, type SafetensorsEntry } from "./safetensors.js";

/** A safetensors file of any size, whose tensors are read when they are asked for. */
export interface SafetensorsFile {
  readonly path: string;
  /** What is in it, by name, in the order of the data. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  /**
   * The bytes of a tensor, as they are stored.
   *
   * @throws FileError where the file is no longer what it was; RangeError for a name that it does not have
   */
  bytes(name: string): Uint8Array;
  /** All bytes of the file, header included, in pieces of some megabytes. @throws FileError where it can not be read */
  parts(): Generator<Uint8Array>;
}

/** Bytes of a piece of a file. */
const partBytes = 2 ** 24;
/** Bytes that one call of Node takes, which is less than 2 GB. */
const sliceBytes = 2 ** 30;

/**
 * Reads the header of a safetensors file, and checks it against the file's size: a file that was cut short is an error here.
 *
 * @throws FileError where it is absent, no regular file, damaged, or holds formats that are not read
 */
export function openSafetensors(path: string): SafetensorsFile {
  const { start, size, entries } = withFile(path, (file, size) => {
    const start = dataStart(readAt(file, 0, Math.min(8, size), path), size, path);
    return { start, size, entries: parseHeader(readAt(file, 8, start - 8, path), size - start, path).entries };
  });
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    path,
    entries: byName,
    bytes(name) {
      const entry = byName.get(name);
      if (!entry) throw invalid("tensor name", `one of the ${byName.size} tensors of ${path}`, name);
      return withFile(path, (file) => readAt(file, start + entry.from, entry.to - entry.from, path));
    },
    *parts() {
      for (let from = 0; from < size; from += partBytes) {
        yield withFile(path, (file) => readAt(file, from, Math.min(partBytes, size - from), path));
      }
    },
  };
}

function withFile<T>(path: string, use: (file: number, size: number) => T): T {
  let file: number;
  try {
    // Asked first, by name: only to open a pipe waits for whoever writes to it.
    if (!statSync(path).isFile()) throw new FileError(path, "is no regular file");
    file = openSync(path, "r");
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    const absent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new FileError(path, absent ? "no such file" : `can not be read (${(cause as Error).message})`, { cause });
  }
  try {
    noteInput(path);
    return use(file, fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, from: number, length: number, path: string): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const read = readSync(file, bytes, at, Math.min(sliceBytes, length - at), from + at);
    if (read === 0) throw new FileError(path, `ends at byte ${from + at}; it was longer when it was opened`);
    at += read;
  }
  return bytes;
}
