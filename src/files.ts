import { createHash, randomUUID } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { FileError } from "./errors.js";

/**
 * Writes a file whole or not at all: the content goes to a new file beside it, which then takes its name. A full disk,
 * Ctrl-C or a kill leaves the old file as it was. Folders on the way are made.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const target = resolve(path);
  const part = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(part, content, { flush: true });
    renameSync(part, target);
  } catch (cause) {
    if (existsSync(part)) rmSync(part);
    throw new FileError(path, `can not be written (${(cause as Error).message})`, { cause });
  }
}

/** Throws, before any computing starts, where a file could not be written at this path later. Creates nothing. */
export function checkWritable(path: string): void {
  const target = resolve(path);
  const existing = statSync(target, { throwIfNoEntry: false });
  if (existing?.isDirectory()) throw new FileError(path, "is a folder, a file was expected");
  let folder = dirname(target);
  while (!statSync(folder, { throwIfNoEntry: false }) && folder !== dirname(folder)) folder = dirname(folder);
  if (!statSync(folder).isDirectory()) throw new FileError(path, `can not be written (${folder} is not a folder)`);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    if (existing) accessSync(target, constants.W_OK);
  } catch (cause) {
    throw new FileError(path, `can not be written (no permission in ${folder})`, { cause });
  }
}

/** SHA-256 of some bytes, in hexadecimal: how data and weights are named in provenance. */
export function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
