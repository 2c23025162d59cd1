import { readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { FileError } from "../errors.js";
import { readRegular } from "../files.js";
import { makeBelow, removeLeft } from "./job-folder.js";
import { nameOfChunk, notePath, shardOf } from "./layout.js";

/**
 * What the latest attempt at a chunk says of itself. Nothing is decided by it: a chunk is done when its file is there.
 */
export interface ChunkNote {
  readonly chunk: number;
  /** "stopped": told to end, with what was done kept. */
  readonly state: "running" | "stopped" | "failed";
  /** How many attempts there were, this one included, as far as is known. */
  readonly attempt: number;
  readonly host: string;
  readonly pid: number;
  /** Blocks that are done, of so many. */
  readonly done: number;
  readonly of: number;
  /** Seconds of this attempt so far. */
  readonly seconds: number;
  /** Why it stopped or failed. */
  readonly reason: string | null;
  /** Where the task's output is; null where nobody keeps it. */
  readonly log: string | null;
}

/** A note that was read, and when it was written by the clock of the disk. */
export interface DatedNote extends ChunkNote {
  readonly written: number;
}

/** One for all that write the note: what one of them leaves behind, the next one takes. */
const partOf = (path: string) => `${path}.part`;

/** Writes a note over the one before. What can not be noted is not: the work goes on. */
export function writeNote(folder: string, note: Omit<ChunkNote, "host" | "pid">): void {
  const path = notePath(folder, note.chunk);
  const part = partOf(path);
  try {
    makeBelow(folder, dirname(path));
    writeFileSync(part, JSON.stringify({ ...note, host: hostname(), pid: process.pid }));
    renameSync(part, path);
  } catch {
    removeLeft(part);
  }
}

/** Removes the note of a chunk that is done. */
export function removeNote(folder: string, chunk: number): void {
  const path = notePath(folder, chunk);
  for (const file of [path, partOf(path)]) removeLeft(file);
}

/** Removes what is left of notes of chunks that are done, in ascending order: each folder is listed once. */
export function removeNotes(folder: string, chunks: readonly number[]): void {
  const notes = join(folder, "notes");
  for (const ending of [".json", partOf(".json")])
    for (const chunk of inListed(notes, chunks, ending)) removeNote(folder, chunk);
}

/** The note of a chunk; undefined where there is none, or none that can be read. */
export function readNote(folder: string, chunk: number): DatedNote | undefined {
  const path = notePath(folder, chunk);
  try {
    const note = JSON.parse(readRegular(path, mostBytes).toString("utf8")) as ChunkNote;
    if (note.chunk !== chunk || !isNote(note)) return undefined;
    const { host, reason, log } = note;
    const texts = { host: inLine(host), reason: reason && inLine(reason), log: log && inLine(log) };
    return { ...note, ...texts, written: statSync(path).mtimeMs };
  } catch {
    return undefined;
  }
}

/** A text that a terminal shows as it is. */
function inLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

/** More is no note. */
const mostBytes = 1e6;

/** Whether what was read has the form of a note: anyone may have written it. */
function isNote({ state, attempt, host, done, of, seconds, reason, log }: ChunkNote): boolean {
  return (
    ["running", "stopped", "failed"].includes(state) &&
    [attempt, done, of, seconds].every(Number.isFinite) &&
    typeof host === "string" &&
    [reason, log].every((text) => text === null || typeof text === "string")
  );
}

/** The notes of some chunks, in ascending order: each folder is listed once. */
export function readNotes(folder: string, chunks: readonly number[]): DatedNote[] {
  return inListed(join(folder, "notes"), chunks, ".json").flatMap((chunk) => readNote(folder, chunk) ?? []);
}

/**
 * Which of some chunks, in ascending order, have a file under their name, be it whole or not: each folder is listed
 * once.
 */
export function chunksWithFiles(folder: string, chunks: readonly number[]): number[] {
  return inListed(join(folder, "chunks"), chunks, ".bin");
}

/** Chunks that have a file of their name and an ending in their folder. */
function inListed(folder: string, chunks: readonly number[], ending: string): number[] {
  let [shard, names] = ["", new Set<string>()];
  return chunks.filter((chunk) => {
    if (shardOf(chunk) !== shard) {
      shard = shardOf(chunk);
      names = new Set(namesOf(join(folder, shard)));
    }
    return names.has(`${nameOfChunk(chunk)}${ending}`);
  });
}

function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw new FileError(folder, `can not be listed (${message})`, { cause: error });
  }
}
