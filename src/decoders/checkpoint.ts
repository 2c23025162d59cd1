import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, FileError } from "../errors.js";
import type { SafetensorsEntry } from "../formats/safetensors.js";
import { openSafetensors, type SafetensorsFile } from "../formats/safetensors-file.js";
import { type Dtype, decodeNumbers, dtypes } from "../formats/tensor.js";
import { pathBeside } from "../networks/path-beside.js";
import { readJson } from "./config-fields.js";
import type { StoredTensor } from "./products.js";

const single = "model.safetensors";
const index = "model.safetensors.index.json";

/** A tensor that is in a file, checked, and not read yet. */
export interface TensorOnDisk extends Omit<StoredTensor, "bytes"> {
  readonly name: string;
  /** Bytes that it has. */
  readonly size: number;
  /** Reads its bytes from one on, as many as an array has room for. */
  read(from: number, into: Uint8Array): void;
}

/** The weights of a checkpoint's folder: one safetensors file, or shards and the index that says what is where. */
export interface Checkpoint {
  /** Bytes of all tensors. */
  readonly bytes: number;
  /** The files, by name, and the tensors in each, in the order of their data. */
  readonly files: readonly { readonly name: string; readonly tensors: readonly SafetensorsEntry[] }[];
  /** The file that has a tensor; undefined where none has. */
  pathOf(name: string): string | undefined;
  /**
   * A tensor, to be read later, in parts.
   *
   * @throws FileError where it is not there, has another shape, or is no F32, F16 or BF16
   */
  onDisk(name: string, shape: readonly number[]): TensorOnDisk;
  /** A small tensor as numbers. @throws FileError as `onDisk` does */
  numbers(name: string, shape: readonly number[]): Float32Array;
  /** @throws FileError for tensors that were never asked for: they would decide something that is not computed */
  checkAllUsed(): void;
  /** SHA-256 of the weights' files, one after the other by name: of one file what `sha256sum` says. */
  sha256(): string;
}

/**
 * Opens the weights of a folder: headers are read, and checked against the files' sizes, but no weights.
 *
 * @throws FileError that names the file: where none is there, a shard is missing, cut short or damaged, or has not the
 *   tensors that the index says
 */
export function openCheckpoint(folder: string): Checkpoint {
  const { files, fileOf } = existsSync(join(folder, single)) ? oneFile(folder) : shards(folder);
  const used = new Set<string>();

  function entryOf(name: string, shape: readonly number[]): { file: SafetensorsFile; entry: SafetensorsEntry } {
    const file = fileOf.get(name);
    if (!file)
      throw new FileError(files.length === 1 ? files[0].path : join(folder, index), `has no tensor ${describe(name)}`);
    const entry = file.entries.get(name) as SafetensorsEntry;
    used.add(name);
    if (entry.shape.join() !== shape.join()) {
      const [found, wanted] = [entry.shape, shape].map((lengths) => `[${lengths.join(", ")}]`);
      throw new FileError(file.path, `has tensor ${describe(name)} of shape ${found}; config.json makes it ${wanted}`);
    }
    if (!dtypes.includes(entry.dtype as Dtype)) {
      throw new FileError(
        file.path,
        `has tensor ${describe(name)} as ${entry.dtype}; weights are ${dtypes.join(", ")}`,
      );
    }
    return { file, entry };
  }

  return {
    bytes: files.reduce(
      (sum, { entries }) => sum + [...entries.values()].reduce((all, { from, to }) => all + to - from, 0),
      0,
    ),
    files: files.map(({ path, entries }) => ({ name: relative(folder, path), tensors: [...entries.values()] })),
    pathOf: (name) => fileOf.get(name)?.path,
    onDisk(name, shape) {
      const { file, entry } = entryOf(name, shape);
      const read = (from: number, into: Uint8Array) => file.read(name, from, into);
      return { name, shape, dtype: entry.dtype as Dtype, size: entry.to - entry.from, read };
    },
    numbers(name, shape) {
      const { file, entry } = entryOf(name, shape);
      return decodeNumbers(file.bytes(name), entry.dtype);
    },
    checkAllUsed() {
      for (const [name, { path }] of fileOf) {
        // Older files hold the turns of the rotation, which follow from config.json.
        if (used.has(name) || name.endsWith(".rotary_emb.inv_freq")) continue;
        throw new FileError(path, `has a tensor that a decoder of this kind does not have: ${describe(name)}`);
      }
    },
    sha256() {
      const hash = createHash("sha256");
      for (const file of files) for (const part of file.parts()) hash.update(part);
      return hash.digest("hex");
    },
  };
}

interface Files {
  readonly files: readonly SafetensorsFile[];
  readonly fileOf: ReadonlyMap<string, SafetensorsFile>;
}

function oneFile(folder: string): Files {
  const file = openSafetensors(join(folder, single));
  return { files: [file], fileOf: new Map([...file.entries.keys()].map((name) => [name, file])) };
}

function shards(folder: string): Files {
  const path = join(folder, index);
  if (!existsSync(path))
    throw new FileError(folder, `has no weights: neither ${single} nor ${index}${otherWeights(folder)}`);
  const map = readJson(path).weight_map;
  if (map === null || typeof map !== "object" || Array.isArray(map) || Object.keys(map).length === 0) {
    throw new FileError(path, "has no weight_map, which says in which file each tensor is");
  }
  const opened = new Map<string, SafetensorsFile>();
  const fileOf = new Map<string, SafetensorsFile>();
  for (const [tensor, name] of Object.entries(map)) {
    if (typeof name !== "string")
      throw new FileError(path, `names no file for tensor ${describe(tensor)}: ${describe(name)}`);
    let file = opened.get(name);
    if (!file) opened.set(name, (file = openSafetensors(pathBeside(path, name))));
    if (!file.entries.has(tensor))
      throw new FileError(file.path, `has no tensor ${describe(tensor)}, which ${index} says is in it`);
    fileOf.set(tensor, file);
  }
  for (const file of opened.values()) {
    for (const tensor of file.entries.keys()) {
      if (fileOf.get(tensor) !== file)
        throw new FileError(file.path, `has tensor ${describe(tensor)}, which ${index} does not say is in it`);
    }
  }
  return { files: [...opened].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file), fileOf };
}

/** What a folder has in place of safetensors, for the message. */
function otherWeights(folder: string): string {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new FileError(folder, "is no folder");
  const other = readdirSync(folder).find((name) => /\.(bin|pth?|gguf|h5|msgpack)$/.test(name));
  return other ? `; ${other} is of another format` : "";
}
