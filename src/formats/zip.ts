import { constants as bufferConstants } from "node:buffer";
import { crc32, inflateRawSync, constants as zlib } from "node:zlib";
import { describe, FileError } from "../errors.js";
import { type ZipEntry, zipDirectory } from "./zip-directory.js";

/** A zip file: its entries by name, in the order of its directory. */
export type Zip = ReadonlyMap<string, ZipEntry>;

/**
 * What compressed entries may unpack to in all: a gigabyte, or so many times the length of the file, whichever is more.
 */
const mostUnpacked = 2 ** 30;
const mostTimes = 200;

/**
 * Opens a zip file. Nothing is unpacked, and no size is believed that the file's bytes do not bear out: entries lie
 * within the file, one after the other, and say the same in both of their headers. Zip64 is read.
 *
 * @param path only named in errors
 * @throws FileError for a file that is none, is cut off, contradicts itself, holds an entry twice, is encrypted, is
 *   spread over several files, is compressed by another method than deflate, or would unpack to many times its length
 */
export function openZip(bytes: Uint8Array, path: string): Zip {
  const entries = new Map<string, ZipEntry>();
  let total = 0;
  for (const entry of zipDirectory(bytes, path)) {
    const name = describe(entry.name);
    if (entries.has(entry.name)) throw new FileError(path, `holds the entry ${name} twice`);
    if (!entry.stored) total += entry.size;
    if (entry.size > bufferConstants.MAX_LENGTH || total > Math.max(mostUnpacked, mostTimes * bytes.length)) {
      throw new FileError(
        path,
        `says that it unpacks from ${bytes.length} bytes to ${total}, which is taken for a mistake`,
      );
    }
    entries.set(entry.name, entry);
  }
  return entries;
}

/**
 * The bytes of an entry, unpacked. @throws FileError where they are not as many, or not of the CRC-32, as the file says
 */
export function entryBytes(entry: ZipEntry, path: string): Uint8Array {
  const { name, packed, size, stored } = entry;
  const bytes = stored ? packed : inflated(entry, path);
  if (bytes.length !== size || crc32(bytes) !== entry.crc) {
    throw new FileError(path, `is damaged: its entry ${describe(name)} is not of the length and CRC-32 that it says`);
  }
  return bytes;
}

/** The first bytes of an entry, unpacked but not checked: some thousand of them, or all where there are fewer. */
export function entryHead({ name, packed, stored }: ZipEntry, path: string): Uint8Array {
  const first = packed.subarray(0, 4096);
  if (stored) return first;
  try {
    return inflateRawSync(first, { finishFlush: zlib.Z_SYNC_FLUSH });
  } catch (cause) {
    throw new FileError(path, `is damaged in its entry ${describe(name)} (${(cause as Error).message})`, { cause });
  }
}

function inflated({ name, packed, size }: ZipEntry, path: string): Uint8Array {
  const damaged = (problem: string, options?: ErrorOptions) =>
    new FileError(path, `is damaged in its entry ${describe(name)} (${problem})`, options);
  let result: { buffer: Uint8Array; engine: { bytesWritten: number } };
  try {
    const chunkSize = Math.min(Math.max(size, 1024), 2 ** 20);
    // The types of Node do not know what `info` changes.
    result = inflateRawSync(packed, { chunkSize, info: true, maxOutputLength: Math.max(size, 1) }) as never;
  } catch (cause) {
    throw damaged((cause as Error).message, { cause });
  }
  if (result.engine.bytesWritten !== packed.length) throw damaged("it ends before its bytes do");
  return result.buffer;
}
