import { closeSync, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import type { PackedParts } from "../../estimators/estimator.js";
import { readInto, sha256OfParts } from "../../files.js";
import { canonicalJson, type JsonObject } from "../../json.js";

/** What the first word of every version's files begins with, and that of this one's. */
export const checkpointFormats = "shapley-modes-checkpoint/";
export const checkpointFormat = `${checkpointFormats}2`;

/** What a checkpoint holds: the sums of a run's first chunks. */
export interface Checkpoint {
  readonly chunks: number;
  /** As `Accumulator.pack` gives them, in parts; of a checkpoint that was read, they come from its file. */
  readonly sums: PackedParts;
  /** What stopping rules saw on the way; undefined where there were none. */
  readonly stopping?: JsonObject | undefined;
}

/** What a file says: the checkpoint, and of which run. */
export type CheckpointContent = Checkpoint & { readonly identity: JsonObject };

/** The first word of a file, which says its format; undefined where it is no file, or has none. */
export function formatOf(path: string): string | undefined {
  if (!lstatSync(path).isFile()) return undefined;
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(64);
    const text = start.toString("latin1", 0, readSync(file, start, 0, start.length, 0));
    return /^(\S+) /.exec(text)?.[1];
  } finally {
    closeSync(file);
  }
}

/**
 * A line with the format and the SHA-256 of all that follows, a line of JSON, and the numbers: the parts of the file.
 */
export function* encodeCheckpoint(identity: JsonObject, { chunks, sums, stopping }: Checkpoint): Generator<Uint8Array> {
  const facts = { chunks, identity, numbers: sums.length, ...(stopping && { stopping }) };
  const header = Buffer.from(`${canonicalJson(facts, 0)}\n`);
  yield Buffer.from(`${checkpointFormat} ${sha256OfParts(withHeader(header, sums.parts()))}\n`);
  yield* withHeader(header, sums.parts());
}

function* withHeader(header: Uint8Array, sums: Iterable<Float64Array>): Generator<Uint8Array> {
  yield header;
  for (const part of sums) yield bytesOf(part);
}

function bytesOf(numbers: Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/**
 * Reads a checkpoint and checks it; its numbers, of which there may be many, are read again when they are asked for.
 */
export function readCheckpoint(path: string): { readonly content?: CheckpointContent; readonly problem?: string } {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const first = lineOf(file, 0);
    const [, checksum] = first.toString("latin1").trimEnd().split(" ");
    const header = lineOf(file, first.length);
    const { chunks, identity, numbers, stopping } = JSON.parse(header.toString("utf8"));
    const start = first.length + header.length;
    if (fstatSync(file).size !== start + numbers * Float64Array.BYTES_PER_ELEMENT) return { problem: "it is cut off" };
    if (sha256OfParts(withHeader(header, numbersOf(file, start, numbers))) !== checksum) {
      return { problem: "its checksum is wrong" };
    }
    const sums = { length: numbers, parts: () => numbersOfFile(path, start, numbers) };
    return { content: { chunks, identity, sums, stopping } };
  } catch (error) {
    return { problem: (error as Error).message };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** A line of a file with its end, from a place on; nothing where the file has no end of a line there. */
function lineOf(file: number, at: number): Buffer {
  for (let size = 1 << 16; ; size *= 4) {
    const part = Buffer.alloc(size);
    const got = readSync(file, part, 0, size, at);
    const line = part.subarray(0, got);
    const end = line.indexOf("\n") + 1;
    if (end > 0) return line.subarray(0, end);
    if (got < size) throw new Error("it is cut off");
  }
}

/** Numbers that are read at a time: 64 MB. */
const numbersAtATime = 1 << 23;

function* numbersOfFile(path: string, at: number, count: number): Generator<Float64Array> {
  const file = openSync(path, "r");
  try {
    yield* numbersOf(file, at, count);
  } finally {
    closeSync(file);
  }
}

/** Numbers of a file from a byte on, in slices. */
function* numbersOf(file: number, at: number, count: number): Generator<Float64Array> {
  for (let done = 0; done < count; done += numbersAtATime) {
    const numbers = new Float64Array(Math.min(numbersAtATime, count - done));
    const bytes = bytesOf(numbers);
    const from = at + done * Float64Array.BYTES_PER_ELEMENT;
    if (readInto(file, bytes, from) < bytes.length) throw new Error("it is cut off");
    yield numbers;
  }
}
