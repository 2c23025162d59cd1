import { FileError, invalid } from "../errors.js";
import { fileSize, fileStamp, readPart, readPartInto } from "../files.js";
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
  /** So many of them as an array has room for, from one on, into the array. @throws as `bytes` does */
  read(name: string, from: number, into: Uint8Array): void;
  /** All bytes of the file, header included, in pieces of some megabytes. @throws FileError where it can not be read */
  parts(): Generator<Uint8Array>;
}

/** Bytes of a piece of a file. */
const partBytes = 2 ** 24;

/**
 * Reads the header of a safetensors file, and checks it against the file's size: a file that was cut short is an error
 * here.
 *
 * @throws FileError where it is absent, no regular file, damaged, or holds formats that are not read
 */
export function openSafetensors(path: string): SafetensorsFile {
  const size = fileSize(path);
  const stamp = fileStamp(path);
  const checkUnchanged = () => {
    if (fileStamp(path) !== stamp)
      throw new FileError(path, "is another file than the one that was opened: it was written since");
  };
  const start = dataStart(readPart(path, 0, Math.min(8, size)), size, path);
  const { entries } = parseHeader(readPart(path, 8, start - 8), size - start, path);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  function entryOf(name: string): SafetensorsEntry {
    const entry = byName.get(name);
    if (!entry) throw invalid("tensor name", `one of the ${byName.size} tensors of ${path}`, name);
    return entry;
  }
  return {
    path,
    entries: byName,
    bytes(name) {
      const { from, to } = entryOf(name);
      checkUnchanged();
      return readPart(path, start + from, to - from);
    },
    read(name, from, into) {
      const entry = entryOf(name);
      checkUnchanged();
      readPartInto(path, start + entry.from + from, into);
    },
    *parts() {
      for (let from = 0; from < size; from += partBytes) {
        checkUnchanged();
        yield readPart(path, from, Math.min(partBytes, size - from));
      }
    },
  };
}
