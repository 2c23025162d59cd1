import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { FileError } from "./errors.js";
import { checkNoInput, noteInput, noteOutput, outputTarget } from "./output-path.js";
import { sizeText } from "./words.js";

/**
 * The bytes of a file that is an input: a network, data, a notebook. No result of this process replaces it.
 *
 * @param most bytes that it may have; default any
 * @throws FileError where it is absent, a folder, a pipe or a device (which may never end), too large, or can not be
 *   read
 */
export function readBytes(path: string, most?: number): Buffer {
  const bytes = readRegular(path, most);
  noteInput(path);
  return bytes;
}

/**
 * The text of a file that is an input, without a byte-order mark.
 *
 * @throws FileError as {@link readBytes} does, and where it is not UTF-8, with the place of the first such byte
 */
export function readUtf8(path: string, most?: number): string {
  const bytes = readBytes(path, most);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    // What is left of it where wrong bytes are replaced is another text from the first one on.
    const again = Buffer.from(bytes.toString("utf8"), "utf8");
    const at = bytes.findIndex((byte, i) => byte !== again[i]);
    throw new FileError(path, `is not UTF-8: byte ${at} is 0x${bytes[at].toString(16).padStart(2, "0")}`, { cause });
  }
}

/** As {@link readBytes}, for what results may replace: modes that were saved, a run on its way. */
export function readRegular(path: string, most = Number.POSITIVE_INFINITY): Buffer {
  return withFile(path, (file, size) => {
    if (size > most) throw new FileError(path, `holds ${size} bytes; ${most} were expected`);
    return readFileSync(file);
  });
}

/**
 * Some bytes of a file that is an input, as {@link readBytes} reads all of it.
 *
 * @throws FileError also where the file ends before them
 */
export function readPart(path: string, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  readPartInto(path, from, bytes);
  return bytes;
}

/** As {@link readPart}, into an array: as many bytes as it has room for. */
export function readPartInto(path: string, from: number, bytes: Uint8Array): void {
  withFile(path, (file) => {
    const read = readInto(file, bytes, from);
    if (read < bytes.length) throw new FileError(path, `ends at byte ${from + read}, before all was read`);
  });
  noteInput(path);
}

/** Bytes of a file that is an input. @throws FileError as {@link readBytes} does */
export function fileSize(path: string): number {
  return withFile(path, (_file, size) => size);
}

/**
 * What changes where a file is written anew, or another one takes its place: its number on the disk, size and time of
 * change.
 */
export function fileStamp(path: string): string {
  return withFile(path, (file) => {
    const { ino, size, mtimeNs } = fstatSync(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  });
}

function withFile<T>(path: string, use: (file: number, size: number) => T): T {
  try {
    // Asked first, by name: only to open a pipe waits for whoever writes to it.
    if (!statSync(path).isFile()) throw new FileError(path, "is no regular file");
    const file = openSync(path, "r");
    try {
      return use(file, fstatSync(file).size);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    const absent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new FileError(path, absent ? "no such file" : `can not be read (${(cause as Error).message})`, { cause });
  }
}

/**
 * Writes a file whole or not at all: the content goes to a new file beside it, which then takes its name. A full disk,
 * Ctrl-C or a kill leaves the old file as it was. Folders on the way are made. A link stays, and the file that it
 * stands for is written.
 *
 * @param content all of it, or its parts in order, each asked for when the one before is written
 * @throws FileError where it can not be written, is a folder, a device or a pipe, or was read as an input of this
 *   process
 */
export function writeWhole(path: string, content: string | Uint8Array | Iterable<string | Uint8Array>): void {
  const target = checkedTarget(path);
  const part = join(dirname(target), `.${basename(target).slice(0, shownOfName)}.${randomUUID()}.part`);
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeParts(part, content instanceof Uint8Array || typeof content === "string" ? [content] : content);
    renameSync(part, target);
    noteOutput(target);
  } catch (cause) {
    if (existsSync(part)) rmSync(part);
    throw new FileError(path, `can not be written (${(cause as Error).message})`, { cause });
  }
}

/** Characters of a file's name that are in the name of the new file beside it, which must not be too long either. */
const shownOfName = 40;

/** The file that is to be written at a path. */
function checkedTarget(path: string): string {
  const target = outputTarget(path);
  checkNoInput(path, target);
  return target;
}

/** Bytes that one call of Node takes, which is less than 2 GB. */
const sliceBytes = 2 ** 30;

/** Reads bytes of an open file, from a place on, however many there are. @returns how many it has of them */
export function readInto(file: number, target: Uint8Array, from: number): number {
  for (let at = 0; at < target.length; ) {
    const read = readSync(file, target, at, Math.min(sliceBytes, target.length - at), from + at);
    if (read === 0) return at;
    at += read;
  }
  return target.length;
}

/** Writes bytes to an open file, however many there are. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(sliceBytes, bytes.length - at));
}

/** Something as slices that one call of Node takes. */
function* slicesOf(content: string | Uint8Array): Generator<string | Uint8Array> {
  if (typeof content === "string") yield content;
  else for (let at = 0; at < content.length; at += sliceBytes) yield content.subarray(at, at + sliceBytes);
}

function writeParts(path: string, parts: Iterable<string | Uint8Array>): void {
  const file = openSync(path, "w");
  try {
    for (const part of parts) for (const slice of slicesOf(part)) writeFileSync(file, slice);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Throws, before any computing starts, where a file could not be written at this path later. Tries it out in the
 * nearest folder that exists, and leaves nothing behind. Call it again when the inputs are read: it refuses them too.
 */
export function checkWritable(path: string): void {
  const target = checkedTarget(path);
  if (existsSync(target)) {
    try {
      // A new file would take the place of a write-protected one, where the folder is not protected.
      closeSync(openSync(target, "r+"));
    } catch (cause) {
      throw new FileError(path, `is write-protected or in use (${(cause as Error).message})`, { cause });
    }
  }
  let folder = dirname(target);
  while (!existsSync(folder)) folder = dirname(folder);
  const probe = join(folder, `.${randomUUID()}.part`);
  try {
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (cause) {
    throw new FileError(path, `can not be written (${(cause as Error).message.replace(probe, folder)})`, { cause });
  }
}

/**
 * Throws, before any computing starts, where there is less room than will be needed.
 *
 * @param path of what is to be written, or of a folder
 * @throws FileError
 */
export function checkRoom(path: string, needed: number): void {
  let folder = resolve(path);
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free < needed)
    throw new FileError(path, `needs ${sizeText(needed)} on its disk, where ${sizeText(free)} are free`);
}

/** SHA-256 of some bytes, in hexadecimal: how data and weights are named in provenance. */
export function sha256(...parts: readonly Uint8Array[]): string {
  return sha256OfParts(parts);
}

/** The same of bytes that come part by part. */
export function sha256OfParts(parts: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) for (const slice of slicesOf(part)) hash.update(slice);
  return hash.digest("hex");
}
