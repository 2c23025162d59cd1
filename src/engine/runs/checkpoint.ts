import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { describe, FileError, invalid, wrongKind } from "../../errors.js";
import type { PackedParts } from "../../estimators/estimator.js";
import { checkWritable, readInto, sha256OfParts, writeWhole } from "../../files.js";
import { canonicalJson, type Json, type JsonObject } from "../../json.js";
import { takeLock } from "../../lock.js";

/** What a checkpoint holds: the sums of a run's first chunks. */
export interface Checkpoint {
  readonly chunks: number;
  /** As `Accumulator.pack` gives them, in parts; of a checkpoint that was read, they come from its file. */
  readonly sums: PackedParts;
  /** What stopping rules saw on the way; undefined where there were none. */
  readonly stopping?: JsonObject | undefined;
}

/** The checkpoints of one run, in a folder of their own. */
export interface Checkpoints {
  /**
   * The newest checkpoint that is whole, or undefined. One that is damaged is reported and removed.
   *
   * @param identity what tells this run from others; a checkpoint with another one is refused
   * @param but names in it that may differ
   * @throws RangeError where the folder is that of another run
   */
  restore(identity: JsonObject, but?: readonly string[]): (Checkpoint & { readonly identity: JsonObject }) | undefined;
  /** Whether so much time has passed that it is worth writing again. */
  due(): boolean;
  /** Writes a checkpoint of the run that was restored, whole or not at all, and removes all but the one before. */
  save(checkpoint: Checkpoint): void;
  /** The same, and removes all others: they are of another budget, and may be of more chunks. */
  saveAlone(checkpoint: Checkpoint): void;
  /** Lets other runs into the folder. */
  close(): void;
}

const formats = "shapley-modes-checkpoint/";
const format = `${formats}2`;
const namePattern = /^checkpoint-(\d+)\.bin$/;
const unfinishedPattern = /^\.checkpoint-\d{9}\.bin\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/;
const lockName = "checkpoint.lock";
/** Writing is not to take more than this share of the time. */
const share = 0.05;

/**
 * Opens a folder of checkpoints for one run; it is made where it is not there.
 *
 * @param seconds least time between two checkpoints
 * @param remark is told about damaged files
 * @param signal of the run
 * @throws FileError where the folder can not be written, another run is at work in it, or a file of others has the name of a
 *   checkpoint: nothing is removed that does not begin as this package's files do
 */
export function openCheckpoints(
  folder: string,
  seconds: number,
  remark: (text: string) => void,
  signal?: AbortSignal,
): Checkpoints {
  makeFolder(folder);
  checkpointNames(folder);
  const unlock = takeLock(join(folder, lockName), folder, signal);
  removeUnfinished(folder);
  let savedAt = performance.now();
  let cost = 0;
  let identity: JsonObject = {};
  /** @param kept how many of those before stay */
  const write = (checkpoint: Checkpoint, kept: number): void => {
    const start = performance.now();
    const names = checkpointNames(folder); // of which none belongs to others by now
    const own = `checkpoint-${String(checkpoint.chunks).padStart(9, "0")}.bin`;
    writeWhole(join(folder, own), encode(identity, checkpoint));
    for (const name of names.slice(kept)) if (name !== own) rmSync(join(folder, name), { force: true });
    savedAt = performance.now();
    cost = savedAt - start;
  };
  return {
    close: unlock,
    restore(own, but = []) {
      identity = own;
      for (const name of checkpointNames(folder)) {
        const path = join(folder, name);
        const { content, problem } = read(path);
        if (!content) {
          rmSync(path, { force: true });
          remark(`${path} is damaged (${problem}) and was removed; what was saved before it is used`);
          continue;
        }
        const differences = differing(without(content.identity, but), without(identity, but));
        if (differences.length > 0) {
          throw invalid(
            "resume",
            `the folder of a run with the same game and options (${differences.join("; ")})`,
            folder,
          );
        }
        return content;
      }
      return undefined;
    },
    due: () => performance.now() - savedAt >= Math.max(seconds * 1000, cost / share),
    save: (checkpoint) => write(checkpoint, 1),
    saveAlone: (checkpoint) => write(checkpoint, 0),
  };
}

/** Checks the option `resume`, before anything is computed. */
export function checkResumeFolder(folder: unknown): string {
  if (typeof folder !== "string") throw wrongKind("resume", "the name of a folder", folder);
  if (folder.trim() === "") throw invalid("resume", "the name of a folder", folder);
  checkWritable(join(folder, "checkpoint.bin"));
  return folder;
}

/** The estimator of the newest checkpoint in a folder; undefined where none can be read. */
export function savedEstimator(folder: string): string | undefined {
  try {
    const [newest] = readdirSync(folder)
      .filter((name) => namePattern.test(name))
      .sort()
      .reverse();
    return newest === undefined ? undefined : (read(join(folder, newest)).content?.identity.estimator as string);
  } catch {
    return undefined; // opening the folder says why
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new FileError(folder, `can not be used as a folder of checkpoints (${(cause as Error).message})`, { cause });
  }
}

/** Removes what a process left behind that was killed as it wrote. */
function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => unfinishedPattern.test(each))) {
    const path = join(folder, name);
    if (isEmpty(path) || formatOf(path) === format) rmSync(path, { force: true });
  }
}

/** Removes a folder of checkpoints that are not needed any more; what does not belong to it stays, and so does the folder then. */
export function removeCheckpoints(folder: string): void {
  for (const name of checkpointNames(folder)) rmSync(join(folder, name), { force: true });
  removeUnfinished(folder);
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/**
 * Names of the checkpoints, newest first.
 *
 * @throws FileError for one that is not of this format: of another version, or a file of others
 */
function checkpointNames(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => namePattern.test(name));
  for (const name of names) {
    const found = formatOf(join(folder, name));
    if (found === format) continue;
    const problem = found?.startsWith(formats)
      ? `is a checkpoint of another version of shapley-modes (${found}; ${format} was expected)`
      : "is no checkpoint of shapley-modes";
    throw new FileError(join(folder, name), `${problem}; it stays as it is: move it away, or choose another folder`);
  }
  return names.sort().reverse();
}

function isEmpty(path: string): boolean {
  const there = lstatSync(path);
  return there.isFile() && there.size === 0;
}

/** The first word of a file, which says its format; undefined where it is no file, or has none. */
function formatOf(path: string): string | undefined {
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

/** A line with the format and the SHA-256 of all that follows, a line of JSON, and the numbers: the parts of the file. */
function* encode(identity: JsonObject, { chunks, sums, stopping }: Checkpoint): Generator<Uint8Array> {
  const facts = { chunks, identity, numbers: sums.length, ...(stopping && { stopping }) };
  const header = Buffer.from(`${canonicalJson(facts, 0)}\n`);
  yield Buffer.from(`${format} ${sha256OfParts(withHeader(header, sums.parts()))}\n`);
  yield* withHeader(header, sums.parts());
}

function* withHeader(header: Uint8Array, sums: Iterable<Float64Array>): Generator<Uint8Array> {
  yield header;
  for (const part of sums) yield bytesOf(part);
}

function bytesOf(numbers: Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

type Content = Checkpoint & { readonly identity: JsonObject };

/** Reads a checkpoint and checks it; its numbers, of which there may be many, are read again when they are asked for. */
function read(path: string): { readonly content?: Content; readonly problem?: string } {
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

function without(identity: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(identity).filter(([name]) => !names.includes(name)));
}

/** What differs, in words: `seed: 1 there, 2 here`; of two games what differs in these, from which other values follow. */
export function differing(there: JsonObject, here: JsonObject): string[] {
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])].sort();
  const different = names.filter((name) => text(there[name]) !== text(here[name]));
  return different
    .filter((name) => name !== "values" || !different.includes("game"))
    .flatMap((name) => {
      const [one, other] = [there[name], here[name]];
      if (name === "draw") return drawText(one !== undefined);
      if (name === "walks") return walksText(one === true);
      if (name === "game" && isObject(one) && isObject(other)) return differing(one, other);
      return isShort(one) && isShort(other)
        ? `${name}: ${describe(one)} there, ${describe(other)} here`
        : `another ${name} there`;
    });
}

/** Of a game that brings units back one by one, and one that plays every coalition by itself. */
function walksText(walksThere: boolean): string {
  const [there, here] = walksThere ? ["one by one", "by coalitions"] : ["by coalitions", "one by one"];
  return `walks: units come back ${there} there and ${here} here (by coalitions where weights stay on the disk)`;
}

function isObject(value: Json | undefined): value is JsonObject {
  return value?.constructor === Object;
}

/** Of coalitions that one run draws in stages and the other all at once. */
function drawText(stagesThere: boolean): string {
  const once = "all at once (as without `until`, or with evaluations for one look only)";
  const [there, here] = stagesThere ? ["in stages", once] : [once, "in stages"];
  return `draw: coalitions were drawn ${there} there and are drawn ${here} here, which are others; choose another folder`;
}

function text(value: Json | undefined): string {
  return value === undefined ? "" : canonicalJson(value, 0);
}

/** Checksums and objects are not worth showing; what an older version did not note is. */
function isShort(value: Json | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    typeof value === "number" ||
    (typeof value === "string" && value.length < 40)
  );
}
