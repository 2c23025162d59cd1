import { createHash, type Hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { crc32 } from "node:zlib";
import { FileError } from "../errors.js";
import { readInto } from "../files.js";

/*
 * A chunk's file: a line that says what it is, a record for each block in order, and an end. A record is the length of
 * the block's sums in bytes (8 bytes), the CRC-32 of the block's number and of them (4), and the sums; the end a word
 * (8), the length of the whole file (8), and the SHA-256 of the line and of all records' first 12 bytes (32). Numbers
 * are little-endian. It holds nothing of when, where or by whom it was made: made twice it has the same bytes. Damage
 * is what is to be found, not a forger, and sums are most of the bytes: a CRC-32 finds every one of up to 32 bits in a
 * row, and of any other all but one in four thousand million, for a quarter of what SHA-256 takes.
 */
export const chunkFormat = "shapley-modes-chunk/2";
const recordHead = 12;
const endWord = Buffer.from("CHUNKEND");
const endBytes = 48;

/** What a chunk's file is of. */
export interface ChunkHead {
  /** SHA-256 of the plan. */
  readonly hash: string;
  readonly chunk: number;
  /** Its first block, and the one after its last. */
  readonly from: number;
  readonly to: number;
}

/** The line that a file of that chunk begins with. */
export function headLine({ hash, chunk, from, to }: ChunkHead): Buffer {
  return Buffer.from(`${chunkFormat} ${hash} ${chunk} ${from} ${to}\n`);
}

/** The record of a block. */
export function recordOf(block: number, sums: Float64Array): { readonly head: Buffer; readonly numbers: Uint8Array } {
  const numbers = new Uint8Array(sums.buffer, sums.byteOffset, sums.byteLength);
  const head = Buffer.allocUnsafe(recordHead);
  head.writeBigUInt64LE(BigInt(numbers.length));
  head.writeUInt32LE(checksumOf(block, numbers), 8);
  return { head, numbers };
}

/** The end of a file whose line and checksums were given to a hash. */
export function endOf(checksums: Hash, length: number): Buffer {
  const end = Buffer.alloc(endBytes);
  endWord.copy(end);
  end.writeBigUInt64LE(BigInt(length + endBytes), 8);
  checksums.digest().copy(end, 16);
  return end;
}

/** Starts the hash that {@link endOf} takes; every record's head is to be given to {@link addRecord}. */
export function startChecksums(line: Uint8Array): Hash {
  return createHash("sha256").update(line);
}

/** Adds the head of a record. */
export function addRecord(checksums: Hash, head: Buffer): void {
  checksums.update(head);
}

/** What becomes of a look at a file. */
export type ChunkState =
  | { readonly state: "whole" /** By the clock of the disk. */; readonly written: number }
  | { readonly state: "missing" }
  | { readonly state: "damaged"; readonly problem: string };

/**
 * Looks at a chunk's file: whether its beginning and its end are those of a whole file of this chunk. With `all`,
 * whether every byte is.
 */
export function lookAtChunk(path: string, head: ChunkHead, all = false): ChunkState {
  const file = opened(path);
  if (file === undefined) return { state: "missing" };
  try {
    checkEnds(file, head);
    if (all) for (const _ of recordsOf(file, head));
    return { state: "whole", written: fstatSync(file).mtimeMs };
  } catch (error) {
    return { state: "damaged", problem: (error as Error).message };
  } finally {
    closeSync(file);
  }
}

/**
 * The sums of a chunk's blocks, in order, one after another: each is checked before it is given.
 *
 * @throws FileError for a file that is damaged, or of another plan
 */
export function* readChunk(path: string, head: ChunkHead): Generator<Float64Array> {
  const file = opened(path);
  if (file === undefined) throw new FileError(path, "is missing");
  try {
    checkEnds(file, head);
    yield* recordsOf(file, head);
  } catch (cause) {
    throw new FileError(path, (cause as Error).message, { cause });
  } finally {
    closeSync(file);
  }
}

/** The sums of the first blocks that are whole in a file that may end anywhere; none in a file of something else. */
export function* wholeBlocks(path: string, head: ChunkHead): Generator<Float64Array> {
  const file = opened(path);
  if (file === undefined) return;
  try {
    const line = headLine(head);
    if (!bytesAt(file, 0, line.length)?.equals(line)) return;
    let at = line.length;
    for (let block = head.from; block < head.to; block++) {
      const record = recordAt(file, at, block);
      if (!record) return;
      yield record.sums;
      at += record.bytes;
    }
  } finally {
    closeSync(file);
  }
}

/**
 * How many blocks a file that may end anywhere begins with, by their lengths alone: whether each is whole,
 * {@link wholeBlocks} tells.
 */
export function countBlocks(path: string, head: ChunkHead): number {
  const file = opened(path);
  if (file === undefined) return 0;
  try {
    const { size } = fstatSync(file);
    const line = headLine(head);
    if (!bytesAt(file, 0, line.length)?.equals(line)) return 0;
    let at = line.length;
    for (let block = head.from; block < head.to; block++) {
      const length = lengthOf(bytesAt(file, at, recordHead), size - at);
      if (length === undefined) return block - head.from;
      at += recordHead + length;
    }
    return head.to - head.from;
  } finally {
    closeSync(file);
  }
}

/** @throws FileError where it is there and can not be read */
function opened(path: string): number | undefined {
  let file: number;
  try {
    // Not to wait for whoever writes to a pipe.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new FileError(path, `can not be read (${message})`, { cause });
  }
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new FileError(path, "is no file; move it away, whatever it is");
}

/** @throws Error that says what is wrong */
function checkEnds(file: number, head: ChunkHead): void {
  const { size } = fstatSync(file);
  const line = headLine(head);
  const first = bytesAt(file, 0, line.length) ?? bytesAt(file, 0, Math.min(size, line.length));
  if (!first?.equals(line)) {
    const begun = first !== undefined && line.subarray(0, first.length).equals(first);
    throw new Error(begun ? "it is cut off" : wrongHead(first?.toString("latin1") ?? "", head));
  }
  const end = size < line.length + endBytes ? undefined : bytesAt(file, size - endBytes, endBytes);
  if (!end?.subarray(0, 8).equals(endWord) || end.readBigUInt64LE(8) !== BigInt(size)) throw new Error("it is cut off");
}

/**
 * What the line of a file says that is not the one expected: of what is no such line nothing is repeated, be it for a
 * terminal's sake.
 */
function wrongHead(found: string, { hash, chunk }: ChunkHead): string {
  const [, format] = /^(shapley-modes-chunk\/\d+)\s/.exec(found) ?? [];
  if (format !== undefined && format !== chunkFormat)
    return `it is of another version (${format}; ${chunkFormat} was expected)`;
  const [, of, number] = /^\S+ ([0-9a-f]{64}) (\d+) /.exec(found) ?? [];
  if (format === undefined || of === undefined)
    return found.startsWith("shapley-modes-chunk/") ? "its beginning is damaged" : "it is no chunk of shapley-modes";
  if (of !== hash) {
    const shown = of.slice(0, 12) === hash.slice(0, 12) ? hash.length : 12;
    return `it is of another plan (${of.slice(0, shown)}; this is ${hash.slice(0, shown)})`;
  }
  return Number(number) === chunk ? "its beginning is damaged" : `it is chunk ${number}, not ${chunk}`;
}

/** @throws Error that says what is wrong */
function* recordsOf(file: number, head: ChunkHead): Generator<Float64Array> {
  const line = headLine(head);
  const checksums = startChecksums(line);
  let at = line.length;
  for (let block = head.from; block < head.to; block++) {
    const record = recordAt(file, at, block);
    if (!record) throw new Error(`its block ${block} is damaged`);
    addRecord(checksums, record.head);
    yield record.sums;
    at += record.bytes;
  }
  if (!bytesAt(file, at, endBytes)?.equals(endOf(checksums, at))) throw new Error("its end does not fit its blocks");
}

/** Undefined where there is no whole record of that block. */
function recordAt(file: number, at: number, block: number) {
  const head = bytesAt(file, at, recordHead);
  const length = lengthOf(head, fstatSync(file).size - at);
  if (!head || length === undefined) return undefined;
  const sums = new Float64Array(length / 8);
  const numbers = new Uint8Array(sums.buffer);
  if (readInto(file, numbers, at + recordHead) < length) return undefined;
  if (checksumOf(block, numbers) !== head.readUInt32LE(8)) return undefined;
  return { head, sums, bytes: recordHead + length };
}

/** Bytes of the sums of a record of that head; undefined where there is no room for them, or they are no numbers. */
function lengthOf(head: Buffer | undefined, room: number): number | undefined {
  const length = Number(head?.readBigUInt64LE() ?? Number.NaN);
  return length % 8 === 0 && length <= room - recordHead ? length : undefined;
}

function checksumOf(block: number, numbers: Uint8Array): number {
  let sum = crc32(`${block}\n`);
  for (let at = 0; at < numbers.length; at += sliceBytes) sum = crc32(numbers.subarray(at, at + sliceBytes), sum);
  return sum;
}

/** Bytes that are summed in one call, which is less than 2 GB. */
const sliceBytes = 1 << 30;

function bytesAt(file: number, at: number, length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  return readInto(file, bytes, at) === length ? bytes : undefined;
}
