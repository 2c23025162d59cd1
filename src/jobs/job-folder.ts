import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { FileError } from "../errors.js";
import { planPath } from "./layout.js";

/** @throws FileError where a job's folder was moved or removed since it was opened: nothing is written where it was */
export function checkStillThere(folder: string): void {
  if (existsSync(planPath(folder))) return;
  const remedy = "what was done went with it: run the job again where it is now";
  throw new FileError(folder, `is no longer there, or has no plan.json any more: was it moved while it ran? ${remedy}`);
}

/**
 * Makes a folder that lies two below a job's, such as `chunks/00012`, and the one above it, but not the job's own.
 *
 * @throws where it can not be made; FileError where the job's folder is no longer there
 */
export function makeBelow(job: string, folder: string): void {
  checkStillThere(job);
  for (const each of [dirname(folder), folder]) {
    try {
      mkdirSync(each);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/**
 * Removes a file that nobody needs any more, where that goes: a folder that was made read-only is said by what is
 * written there.
 */
export function removeLeft(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // it harms nobody
  }
}
