import { statSync } from "node:fs";
import { describe, FileError } from "../../errors.js";
import { readBytes, sha256 } from "../../files.js";
import { parseJson } from "../../json.js";
import type { io } from "../../tensors/tensorflow.js";
import { pathBeside } from "../path-beside.js";
import { stringBytes, type WeightSpec, weightSpec } from "./weight-specs.js";

/** Deepest that objects and lists of a `model.json` may lie in one another; real ones have a dozen levels. */
const mostLevels = 500;

/** A `model.json` and its weight files: what is in them, checked as far as they can be without TensorFlow.js. */
export interface ModelFile {
  readonly artifacts: io.ModelArtifacts;
  /** Of the `model.json` and the weight files, one after the other. */
  readonly sha256: string;
}

/**
 * Reads a `model.json` and its weight files, which lie in its folder or below, are regular files, and hold exactly the
 * bytes that it states.
 *
 * @throws FileError where anything of this is not so
 */
export function readModelFile(path: string): ModelFile {
  const text = readBytes(path);
  const stored = parse(path, text);
  const parts = groupsOf(path, stored.weightsManifest).map((group) => readGroup(path, group));
  const specs = parts.flatMap(({ specs }) => specs);
  const names = new Set<string>();
  for (const { name } of specs) {
    if (names.has(name)) throw new FileError(path, `has two weights of one name: ${describe(name)}`);
    names.add(name);
  }
  const weights = Buffer.concat(parts.map((part) => part.weights));
  const artifacts: io.ModelArtifacts = {
    ...(stored as io.ModelArtifacts),
    weightSpecs: specs,
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength) as ArrayBuffer,
  };
  return { artifacts, sha256: sha256(text, weights) };
}

/** One line of an error's message, for another one. */
export function oneLine(error: unknown): string {
  const line = String((error as Error)?.message ?? error).replace(/\s+/g, " ");
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}

function parse(path: string, text: Buffer): Partial<io.ModelJSON> {
  const kind = "is not a TensorFlow.js model.json";
  let stored: unknown;
  try {
    stored = parseJson(text.toString("utf8"));
  } catch (cause) {
    throw new FileError(path, `${kind} (${oneLine(cause)})`, { cause });
  }
  checkTree(path, stored);
  const { modelTopology } = (isObject(stored) ? stored : {}) as { modelTopology?: unknown };
  if (modelTopology === undefined || modelTopology === null)
    throw new FileError(path, `${kind}: it has no modelTopology`);
  if (!isObject(modelTopology)) throw new FileError(path, `${kind}: its modelTopology is ${describe(modelTopology)}`);
  return stored as Partial<io.ModelJSON>;
}

/** Refuses what functions that call themselves, and objects used as tables, can not take. */
function checkTree(path: string, root: unknown): void {
  let level = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > mostLevels) throw new FileError(path, `is nested more than ${mostLevels} levels deep`);
    const next: unknown[] = [];
    for (const value of level) {
      if (value === null || typeof value !== "object") continue;
      if (Object.hasOwn(value, "__proto__")) throw new FileError(path, "has a key called __proto__");
      for (const inner of Object.values(value)) if (inner !== null && typeof inner === "object") next.push(inner);
    }
    level = next;
  }
}

interface Group {
  readonly paths: readonly string[];
  readonly weights: readonly unknown[];
}

function groupsOf(path: string, manifest: unknown): readonly Group[] {
  if (manifest === undefined) return [];
  if (!Array.isArray(manifest)) throw new FileError(path, `its weightsManifest is no list: ${describe(manifest)}`);
  return manifest.map((group: unknown) => {
    if (!isObject(group)) throw new FileError(path, `its weightsManifest holds what is no group: ${describe(group)}`);
    const { paths, weights } = group as { paths?: unknown; weights?: unknown };
    if (!Array.isArray(paths) || !paths.every(isFileName)) {
      throw new FileError(path, `its weightsManifest has paths that are no list of file names: ${describe(paths)}`);
    }
    if (!Array.isArray(weights)) {
      throw new FileError(path, `its weightsManifest has weights that are no list: ${describe(weights)}`);
    }
    return { paths, weights };
  });
}

/** The weights of a group: the bytes of its files one after the other. */
function readGroup(path: string, group: Group): { specs: io.WeightsManifestEntry[]; weights: Buffer } {
  const files = group.paths.map((name) => pathBeside(path, name));
  // Each file once, and only as far as the sum can be what is stated: a file may be named a thousand times.
  if (new Set(files).size < files.length) throw new FileError(path, "names a weight file twice");
  const sizes = files.map((file) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat?.isFile()) return stat.size;
    throw new FileError(file, stat === undefined ? "no such file" : "is no regular file");
  });
  const held = sizes.reduce((sum, size) => sum + size, 0);
  const specs = group.weights.map((entry) => weightSpec(path, entry));
  const stated = specs.reduce((sum, { bytes, count }) => sum + (bytes ?? 4 * count), 0);
  const hasStrings = specs.some(({ bytes }) => bytes === undefined);
  const check = (expected: number) => {
    if (held === expected) return;
    throw new FileError(path, `its weight files hold ${held} bytes; ${expected} were expected`);
  };
  if (!hasStrings || held < stated) check(stated);
  const weights = Buffer.concat(files.map((file, f) => readBytes(file, sizes[f])));
  if (hasStrings) check(withStrings(path, specs, weights));
  return { specs: specs.map(({ entry }) => entry), weights };
}

function withStrings(path: string, specs: readonly WeightSpec[], weights: Buffer): number {
  let at = 0;
  for (const spec of specs) at += spec.bytes ?? stringBytes(path, spec, weights, at);
  return at;
}

/** Whether a text can be a file's name: no control characters, and no longer than systems take. */
function isFileName(name: unknown): boolean {
  return typeof name === "string" && /^\P{Cc}{1,250}$/u.test(name);
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
