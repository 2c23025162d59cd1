import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { FileError } from "../errors.js";
import { writeWhole } from "../files.js";
import { canonicalJson, type JsonObject } from "../json.js";
import { storedArrays } from "./stored-modes.js";

/** What is known of a store that is not finished. */
export interface UnfinishedStore {
  /** What tells its run from others. */
  readonly identity: JsonObject;
  /** Of what was written last. */
  readonly provenance: JsonObject;
  /** First indices that are played at a time. */
  readonly rows: number;
  /** First indices whose modes are written. */
  readonly written: readonly number[];
}

/** Folder in which a store grows, until it gets its name. */
export function unfinishedFolder(path: string): string {
  return `${resolve(path)}.part`;
}

/** Where the arrays of a store grow. */
export function unfinishedArrays(path: string): string {
  return join(unfinishedFolder(path), "store");
}

const logName = "written.json";

/** What an earlier run left; undefined where there is none, and where its arrays have got their name already. */
export function readUnfinished(path: string): UnfinishedStore | undefined {
  if (!existsSync(join(unfinishedArrays(path), storedArrays.modes, "zarr.json"))) return undefined;
  try {
    return JSON.parse(readFileSync(join(unfinishedFolder(path), logName), "utf8"));
  } catch {
    return undefined; // never written, or cut off by something else than this: all is played again
  }
}

/** Notes what is written so far, whole or not at all. */
export function noteUnfinished(path: string, store: UnfinishedStore): void {
  writeWhole(join(unfinishedFolder(path), logName), canonicalJson(store as unknown as JsonObject));
}

/** Stores that grow in this process. */
const growing = new Set<string>();

/**
 * Keeps others from the same store while it grows. A lock whose process has ended is taken over.
 *
 * @returns what lets go of it
 * @throws FileError where a store of this name grows already, in this process or another one
 */
export function lockStore(path: string): () => void {
  const folder = unfinishedFolder(path);
  const lock = join(folder, "lock");
  mkdirSync(folder, { recursive: true });
  const owner = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
  if (growing.has(folder) || (owner !== process.pid && isAlive(owner))) {
    throw new FileError(path, `is being written already, by process ${owner || process.pid}`);
  }
  rmSync(lock, { force: true });
  const file = openSync(lock, "wx");
  writeSync(file, String(process.pid));
  closeSync(file);
  growing.add(folder);
  return () => {
    growing.delete(folder);
    rmSync(lock, { force: true });
  };
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
