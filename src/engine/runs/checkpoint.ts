import { lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FileError, invalid, wrongKind } from "../../errors.js";
import { checkWritable, writeWhole } from "../../files.js";
import type { JsonObject } from "../../json.js";
import { takeLock } from "../../lock.js";
import {
  type Checkpoint,
  type CheckpointContent,
  checkpointFormat,
  checkpointFormats,
  encodeCheckpoint,
  formatOf,
  readCheckpoint,
} from "./checkpoint-file.js";
import { differing } from "./differing.js";

/** The checkpoints of one run, in a folder of their own. */
export interface Checkpoints {
  /**
   * The newest checkpoint that is whole, or undefined. One that is damaged is reported and removed.
   *
   * @param identity what tells this run from others; a checkpoint with another one is refused
   * @param but names in it that may differ
   * @throws RangeError where the folder is that of another run
   */
  restore(identity: JsonObject, but?: readonly string[]): CheckpointContent | undefined;
  /** Whether so much time has passed that it is worth writing again. */
  due(): boolean;
  /** Writes a checkpoint of the run that was restored, whole or not at all, and removes all but the one before. */
  save(checkpoint: Checkpoint): void;
  /** The same, and removes all others: they are of another budget, and may be of more chunks. */
  saveAlone(checkpoint: Checkpoint): void;
  /** Lets other runs into the folder. */
  close(): void;
}

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
 * @throws FileError where the folder can not be written, another run is at work in it, or a file of others has the name
 *   of a checkpoint: nothing is removed that does not begin as this package's files do
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
    writeWhole(join(folder, own), encodeCheckpoint(identity, checkpoint));
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
        const { content, problem } = readCheckpoint(path);
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
    return newest === undefined
      ? undefined
      : (readCheckpoint(join(folder, newest)).content?.identity.estimator as string);
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
    if (isEmpty(path) || formatOf(path) === checkpointFormat) rmSync(path, { force: true });
  }
}

/**
 * Removes a folder of checkpoints that are not needed any more; what does not belong to it stays, and so does the
 * folder then.
 */
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
    if (found === checkpointFormat) continue;
    const problem = found?.startsWith(checkpointFormats)
      ? `is a checkpoint of another version of shapley-modes (${found}; ${checkpointFormat} was expected)`
      : "is no checkpoint of shapley-modes";
    throw new FileError(join(folder, name), `${problem}; it stays as it is: move it away, or choose another folder`);
  }
  return names.sort().reverse();
}

function isEmpty(path: string): boolean {
  const there = lstatSync(path);
  return there.isFile() && there.size === 0;
}

function without(identity: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(identity).filter(([name]) => !names.includes(name)));
}
