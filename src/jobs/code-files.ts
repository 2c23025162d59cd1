import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FileError } from "../errors.js";
import { readRegular, sha256 } from "../files.js";
import type { GameSpec } from "../games/spec.js";
import type { JobFile } from "./job-plan.js";

/** The file of a spec's module; undefined for a package. */
export function moduleFile({ module }: GameSpec<unknown>): string | undefined {
  if (module.startsWith("file:")) return fileURLToPath(module.replace(/[?#].*$/, ""));
  return isAbsolute(module) || module.startsWith(".") ? resolve(module) : undefined;
}

/** The spec with its module as an absolute path, which another process finds, in whatever version it then has. */
export function locatedSpec<Argument>(spec: GameSpec<Argument>): GameSpec<Argument> {
  const file = moduleFile(spec);
  return file === undefined ? spec : { ...spec, module: file };
}

/** Checksums of the code of a game's module: the file, and the files that it imports by a relative path, and so on. */
export function codeFiles(spec: GameSpec<unknown>): JobFile[] {
  const first = moduleFile(spec);
  if (first === undefined) return [];
  const found = new Set([first]);
  for (const file of found) for (const imported of relativeImports(file)) found.add(imported);
  return [...found].sort().map((path) => jobFile(path, "code"));
}

/** A file and its checksum. @throws FileError where it can not be read */
export function jobFile(path: string, kind: JobFile["kind"]): JobFile {
  return { path, sha256: sha256(readRegular(path)), kind };
}

/** @throws FileError that names the first file which is not what it was when the job was planned */
export function checkJobFiles(files: readonly JobFile[]): void {
  for (const { path, sha256: expected, kind } of files) {
    const there = statSync(path, { throwIfNoEntry: false });
    if (!there)
      throw new FileError(path, `is gone: the job was planned with it as ${kind}; bring it back, or plan anew`);
    if (sha256(readRegular(path)) === expected) continue;
    throw new FileError(
      path,
      `has changed since the job was planned (${kind}): put it back as it was, or plan the job anew in another folder`,
    );
  }
}

/** What follows `from`, `import` or `require(` in quotes: more than what is imported does no harm. */
const importPattern = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'`](\.{1,2}(?:\/[^"'`\n]*)?)["'`]/g;

/** What `require` of a folder reads. */
const ofFolder = ["package.json", "index.js", "index.json"];

function relativeImports(file: string): string[] {
  if (!/\.[cm]?[jt]s$/.test(file)) return [];
  const code = readFileSync(file, "utf8");
  return [...code.matchAll(importPattern)]
    .map(([, path]) => join(dirname(file), path))
    .flatMap((path) => [path, `${path}.js`, `${path}.cjs`, `${path}.json`, ...ofFolder.map((name) => join(path, name))])
    .filter((path) => existsSync(path) && statSync(path).isFile());
}
