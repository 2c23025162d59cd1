import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync } from "node:fs";
import { join } from "node:path";
import { FileError } from "../errors.js";
import {
  addRecord,
  type ChunkHead,
  endOf,
  headLine,
  lookAtChunk,
  recordOf,
  startChecksums,
  wholeBlocks,
} from "./chunk-file.js";
import { GatheredFile } from "./gathered-file.js";
import { checkStillThere, makeBelow, removeLeft } from "./job-folder.js";
import { chunkFolder, chunkPath } from "./layout.js";
import { isLeftBehind, partName, partsOf } from "./part-files.js";

/**
 * Writes the file of a chunk, block by block, to a new file beside it that takes its name when it is whole. What a
 * process left behind that was killed is taken up: the blocks that are whole in it are not computed again. Processes
 * that do the same chunk at once do not disturb each other: each has a file of its own, and all of them come to the
 * same bytes. Blocks of less than a tenth of a second are written a few at a time.
 */
export class ChunkWriter {
  /** The next block. */
  next: number;
  /** Blocks that are in the file: what whoever goes on will find. */
  written = 0;
  readonly path: string;
  readonly #part: string;
  readonly #file: number;
  readonly #gathered: GatheredFile;
  readonly #checksums;
  #length: number;
  #open = true;
  /** Whether something could be written in part alone, which is taken up as far as it is whole. */
  #torn = false;

  /** @throws FileError where the folder can not be written */
  constructor(
    readonly folder: string,
    readonly head: ChunkHead,
  ) {
    this.path = chunkPath(folder, head.chunk);
    const shard = chunkFolder(folder, head.chunk);
    this.#part = join(shard, partName(head.chunk, randomUUID()));
    const line = headLine(head);
    this.#checksums = startChecksums(line);
    this.#length = line.length;
    this.next = head.from;
    try {
      makeBelow(folder, shard);
      this.#file = openSync(this.#part, "wx");
      this.#gathered = new GatheredFile(this.#file);
      this.#gathered.append(line);
    } catch (cause) {
      throw this.#unwritable(cause);
    }
    this.#takeUp(shard);
  }

  /** Whether all blocks are there. */
  get complete(): boolean {
    return this.next === this.head.to;
  }

  /**
   * Writes the sums of the next block. @throws FileError where they can not be written: what is there stays, and can be
   * taken up
   */
  append(sums: Float64Array): void {
    const { head, numbers } = recordOf(this.next, sums);
    try {
      this.#gathered.append(head, numbers);
    } catch (cause) {
      this.#torn = true;
      throw this.#unwritable(cause);
    }
    addRecord(this.#checksums, head);
    this.#length += head.length + numbers.length;
    this.next++;
    if (this.#gathered.empty) this.written = this.next - this.head.from;
  }

  /** Makes the file whole and gives it its name: once this has returned, it survives a power cut. */
  finish(): void {
    const shard = chunkFolder(this.folder, this.head.chunk);
    try {
      this.#gathered.append(endOf(this.#checksums, this.#length));
      this.#gathered.flush();
      this.written = this.next - this.head.from;
      fsyncSync(this.#file);
      this.close();
      this.#rename();
      syncFolder(shard);
    } catch (cause) {
      this.#torn = true;
      throw this.#unwritable(cause);
    }
    for (const part of partsOf(shard, this.head.chunk)) removeLeft(part);
  }

  /** Lets go of the file; what is done stays for whoever goes on. */
  close(): void {
    if (this.#open) {
      this.keep();
      closeSync(this.#file);
    }
    this.#open = false;
    if (this.written === 0 && !this.#torn) removeLeft(this.#part);
  }

  /** Writes what waits for more, where that goes. */
  keep(): void {
    if (this.#gathered.empty) return;
    try {
      this.#gathered.flush();
      this.written = this.next - this.head.from;
    } catch {
      this.#torn = true;
    }
  }

  #unwritable(cause: unknown): FileError {
    if (cause instanceof FileError) return cause;
    const { code = "", message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") checkStillThere(this.folder);
    const full = ["ENOSPC", "EDQUOT", "EFBIG"].includes(code);
    const remedy = full ? "; make room and do the chunk again: it goes on where it was" : "";
    return new FileError(this.path, `can not be written (${message})${remedy}`, { cause });
  }

  /** Another process may have finished the chunk, and removed what it then took for left behind. */
  #rename(): void {
    try {
      renameSync(this.#part, this.path);
    } catch (error) {
      const absent = (error as NodeJS.ErrnoException).code === "ENOENT";
      if (!absent || lookAtChunk(this.path, this.head).state !== "whole") throw error;
    }
  }

  /** Takes the blocks of whichever unfinished file has most of them. */
  #takeUp(shard: string): void {
    const parts = partsOf(shard, this.head.chunk).filter((part) => part !== this.#part);
    const counted = parts.map((part) => ({ part, blocks: count(wholeBlocks(part, this.head)) }));
    const longest = counted.reduce((most, each) => (each.blocks > most.blocks ? each : most), { part: "", blocks: 0 });
    if (longest.blocks > 0) for (const sums of wholeBlocks(longest.part, this.head)) this.append(sums);
    for (const part of parts.filter(isLeftBehind)) removeLeft(part);
  }
}

function count(values: Iterable<unknown>): number {
  let counted = 0;
  for (const _ of values) counted++;
  return counted;
}

/** Makes the names of a folder's files lasting, where the system can. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const file = openSync(folder, "r");
  try {
    fsyncSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EINVAL" && code !== "ENOTSUP" && code !== "EPERM") throw error;
  } finally {
    closeSync(file);
  }
}
