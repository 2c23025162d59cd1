import { existsSync, statSync } from "node:fs";
import { FileError, invalid, wrongKind } from "../errors.js";

/**
 * A path that is one. @param what it is of, such as `the path of a folder` @throws TypeError, RangeError for anything
 * else
 */
export function checkedPath(name: string, what: string, path: unknown): string {
  if (typeof path !== "string") throw wrongKind(name, what, path);
  // An empty one would be the current folder to some, and none to others.
  if (path === "" || path.includes("\0")) throw invalid(name, what, path);
  return path;
}

/**
 * The path of a checkpoint's folder, which is there. @throws TypeError, RangeError for what is no path; FileError where
 * there is no such folder
 */
export function checkedFolder(name: string, path: unknown): string {
  const folder = checkedPath(name, "the path of a checkpoint's folder", path);
  if (!existsSync(folder)) throw new FileError(folder, "no such folder");
  if (!statSync(folder).isDirectory()) throw new FileError(folder, "is no folder; expected that of a checkpoint");
  return folder;
}
