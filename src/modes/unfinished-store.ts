import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FileError } from "../errors.js";
import { writeWhole } from "../files.js";
import { canonicalJson, type JsonObject } from "../json.js";
import { takeLock } from "../lock.js";
import { linkTarget } from "../output-path.js";
import { storedArrays } from "./store-format.js";

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
  return `${linkTarget(path)}.part`;
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

/** Names that this package gives to what is in the folder of a store that grows. */
const ownNames =
  /^(lock(\.[0-9a-f-]{36})?|store|replaced|written\.json|part-\d+-\d+|\.written\.json\.[0-9a-f-]{36}\.part)$/;

/**
 * Keeps others from the same store while it grows. A lock whose process has ended is taken over.
 *
 * @returns what lets go of it
 * @throws FileError where a store of this name grows already, in this process or another one, and where its folder
 *   holds files of others
 */
export function lockStore(path: string, signal?: AbortSignal): () => void {
  const folder = unfinishedFolder(path);
  checkOwn(folder);
  try {
    const unlock = takeLock(join(folder, "lock"), path, signal);
    return () => {
      unlock();
      removeEmpty(folder);
    };
  } catch (error) {
    removeEmpty(folder);
    throw error;
  }
}

/** Removes a folder in which nothing is left; another process may be in it, or have removed it. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // it harms nobody
  }
}

/** @throws FileError where a folder holds what is not of a store that grows */
function checkOwn(folder: string): void {
  if (!existsSync(folder)) return;
  const other = readdirSync(folder).find((name) => !ownNames.test(name));
  if (other === undefined) return;
  throw new FileError(
    join(folder, other),
    "is in the way: it is not of this package; move it away, or choose another name",
  );
}

/** Removes what is left of a store that has got its name, but for the lock; what others put there stays. */
export function removeUnfinished(path: string): void {
  const folder = unfinishedFolder(path);
  for (const name of ["replaced", logName]) rmSync(join(folder, name), { recursive: true, force: true });
}

/** Removes what is written of a store that could not be finished and that nobody goes on with. */
export function discardUnfinished(path: string): void {
  const own = [unfinishedArrays(path), join(unfinishedFolder(path), logName)];
  for (const made of own) rmSync(made, { recursive: true, force: true });
}
