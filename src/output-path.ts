import { type BigIntStats, lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { FileError, invalid } from "./errors.js";

/** Most links that one path may go through, as Linux has it. */
const mostLinks = 40;

/**
 * The file that is written where this path is: links are followed, also one to a file that is not there yet, so that
 * the link stays and what it stands for is written.
 *
 * @throws FileError for a folder, a device, a pipe, links that lead to each other, and a path that can not be
 */
export function outputTarget(path: string): string {
  const target = linkTarget(path);
  const there = statsOf(path, target);
  if (there?.isDirectory()) throw new FileError(path, "is a folder, a file was expected");
  // A device or a pipe would be replaced by the file.
  if (there && !there.isFile()) throw new FileError(path, "is no ordinary file");
  return target;
}

/**
 * What a path stands for when its links are followed, be it there or not. @throws FileError for links that lead to each
 * other
 */
export function linkTarget(path: string): string {
  return withoutLinks(path, resolve(path), { left: mostLinks });
}

/** An absolute path without links; what is not there stays as it is. */
function withoutLinks(path: string, absolute: string, links: { left: number }): string {
  const parent = dirname(absolute);
  if (parent === absolute) return absolute;
  const place = join(withoutLinks(path, parent, links), basename(absolute));
  if (!lstatOf(path, place)?.isSymbolicLink()) return place;
  // `/dev/stdout` and its like: what they stand for is open already, and no name of it.
  if (place.startsWith("/proc/")) throw new FileError(path, "is no ordinary file");
  if (links.left-- === 0) throw new FileError(path, "is a link that leads to itself");
  return withoutLinks(path, resolve(dirname(place), readlinkSync(place)), links);
}

function lstatOf(path: string, place: string) {
  return tried(path, () => lstatSync(place, { throwIfNoEntry: false }));
}

function statsOf(path: string, place: string): BigIntStats | undefined {
  return tried(path, () => statSync(place, { throwIfNoEntry: false, bigint: true }));
}

/** A path can be too long, have a file where a folder should be, or lie where nobody may look. */
function tried<T>(path: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw new FileError(path, `can not be written (${(cause as Error).message})`, { cause });
  }
}

/** What tells files apart, whatever their names: two that are one have one of these in common. */
function marksOf(path: string, target: string): string[] {
  const there = statsOf(path, target);
  if (!there) return [target];
  // A number of a file that was deleted is given again, so its birth belongs to it.
  return [target, `${there.dev}:${there.ino}:${there.birthtimeNs}`];
}

/**
 * Files that this process has read as inputs: networks, data, notebooks; by their marks, with the names they were
 * given.
 */
const inputs = new Map<string, string>();

/** Notes that a file is an input of what this process computes: it is not replaced by a result. */
export function noteInput(path: string): void {
  let target: string;
  try {
    target = realpathSync(path);
  } catch {
    return; // a pipe, which has no name of its own
  }
  const marks = marksOf(path, target);
  if (!marks.some((mark) => own.has(mark))) for (const mark of marks) inputs.set(mark, path);
}

/**
 * Files that this process has written: read again they may be written again, as when a notebook's cell is run twice.
 */
const own = new Set<string>();

/** Notes that this process has written a file. */
export function noteOutput(target: string): void {
  for (const mark of marksOf(target, target)) {
    own.add(mark);
    inputs.delete(mark);
  }
}

/** @throws FileError where a file is an input, under this name or another one */
export function checkNoInput(path: string, target: string): void {
  const mark = marksOf(path, target).find((each) => inputs.has(each));
  if (mark === undefined) return;
  const read = inputs.get(mark) as string;
  const name = read === path ? "" : ` (${read})`;
  throw new FileError(path, `is an input of this run${name}, so it is not replaced; choose another name`);
}

/**
 * Checks that the outputs of one command are different files, also where links or several spellings hide it.
 *
 * @param outputs path by the name of its option; undefined where it was not given
 * @throws RangeError where two are one
 */
export function checkDistinct(outputs: Readonly<Record<string, string | undefined>>): void {
  const taken = new Map<string, string>();
  for (const [name, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    const marks = marksOf(path, outputTarget(path));
    const other = marks.map((mark) => taken.get(mark)).find((each) => each !== undefined);
    if (other !== undefined) throw invalid(name, `another file than --${other}`, path);
    for (const mark of marks) taken.set(mark, name);
  }
}
