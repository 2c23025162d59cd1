import { readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isAlive } from "../process-alive.js";
import { countBlocks } from "./chunk-file.js";
import type { Job } from "./job.js";
import { chunkFolder, nameOfChunk, shardOf } from "./layout.js";
import { headOf } from "./survey.js";

/** An unfinished chunk of which some blocks are done. */
export interface KeptChunk {
  readonly chunk: number;
  /** Blocks that whoever goes on need not do again, of so many. */
  readonly done: number;
  readonly of: number;
}

/** The name of a new file for what is done of a chunk. A job's folder may be seen by many machines. */
export function partName(chunk: number, unique: string): string {
  return `${partPrefix(chunk)}${hostInNames()}-${process.pid}.${unique}${partEnding}`;
}

/** The files of a chunk that is not finished, as paths. @throws Error where the folder can not be listed */
export function partsOf(shard: string, chunk: number): string[] {
  return readdirSync(shard)
    .filter((name) => name.startsWith(partPrefix(chunk)) && name.endsWith(partEnding))
    .map((name) => join(shard, name));
}

/** Whether the process that wrote a file is known to have ended: one of this machine. */
export function isLeftBehind(part: string): boolean {
  const [, where, pid] = /\.([^.-]+)-(\d+)\.[^.]+\.part$/.exec(part) ?? [];
  return where === hostInNames() && Number(pid) !== process.pid && !isAlive(Number(pid));
}

/**
 * What is done of some chunks, in ascending order, that are not finished, and can be taken up: of each the most that a
 * file has. Each folder is listed once, and of files only the lengths of their blocks are read: a block that is damaged
 * counts until somebody goes on.
 */
export function keptOf(job: Job, chunks: readonly number[]): KeptChunk[] {
  const open = new Set(chunks);
  const shards = new Map(chunks.map((chunk) => [shardOf(chunk), chunkFolder(job.folder, chunk)]));
  const most = new Map<number, number>();
  for (const folder of shards.values()) {
    for (const name of namesOf(folder)) {
      const chunk = Number(/^\.chunk-(\d+)\..*\.part$/.exec(name)?.[1] ?? Number.NaN);
      if (!open.has(chunk)) continue;
      most.set(chunk, Math.max(most.get(chunk) ?? 0, blocksIn(join(folder, name), job, chunk)));
    }
  }
  return chunks.flatMap((chunk) => {
    const { from, to } = headOf(job, chunk);
    const done = most.get(chunk) ?? 0;
    return done > 0 ? [{ chunk, done, of: to - from }] : [];
  });
}

/** None of what can not be read, or has been taken up meanwhile. */
function blocksIn(path: string, job: Job, chunk: number): number {
  try {
    return countBlocks(path, headOf(job, chunk));
  } catch {
    return 0;
  }
}

function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const partEnding = ".part";

/** `.chunk-0001234.`; the dot behind the number keeps it apart from longer ones. */
function partPrefix(chunk: number): string {
  return `.${nameOfChunk(chunk)}.`;
}

function hostInNames(): string {
  return hostname().replace(/[^A-Za-z0-9]/g, "_");
}
