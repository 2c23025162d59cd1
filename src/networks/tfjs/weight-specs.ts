import { describe, FileError } from "../../errors.js";
import type { io } from "../../tensors/tensorflow.js";

/** Bytes of a stored number. Strings have a length of their own each: 4 bytes, then as many as these say. */
const bytesOfType = new Map([
  ["float32", 4],
  ["int32", 4],
  ["bool", 1],
  ["complex64", 8],
  ["string", 0],
]);
/** Bytes of a number stored in fewer bits, and which types it may stand for. */
const quantized = new Map([
  ["uint8", { bytes: 1, types: ["float32", "int32"] }],
  ["uint16", { bytes: 2, types: ["float32", "int32"] }],
  ["float16", { bytes: 2, types: ["float32"] }],
]);

/** More than that no file holds; products up to it are exact. */
const mostNumbers = 2 ** 46;

/** What `model.json` says of one tensor of weights, checked. */
export interface WeightSpec {
  readonly entry: io.WeightsManifestEntry;
  /** How many bytes of the weight files it takes; undefined for strings, which say it themselves. */
  readonly bytes: number | undefined;
  readonly count: number;
}

/**
 * Checks an entry of a weights manifest. @throws FileError for anything that does not say exactly which bytes are which
 * numbers
 */
export function weightSpec(path: string, entry: unknown): WeightSpec {
  const wrong = (what: string, rule: string, value: unknown) =>
    new FileError(path, `its weights manifest has ${what} that is not ${rule}: ${describe(value)}`);
  if (entry === null || typeof entry !== "object") throw wrong("an entry", "an object", entry);
  const { name, shape, dtype, quantization } = entry as Partial<Record<string, unknown>>;
  if (typeof name !== "string" || name === "" || name === "__proto__") throw wrong("a name", "a name", name);
  if (!Array.isArray(shape) || !shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw wrong(`a shape, of ${describe(name)},`, "a list of sizes", shape);
  }
  const bytesEach = bytesOfType.get(dtype as string);
  if (bytesEach === undefined) {
    throw wrong(`a dtype, of ${describe(name)},`, `one of ${[...bytesOfType.keys()].join(", ")}`, dtype);
  }
  const count = shape.reduce((product: number, length: number) => product * length, 1);
  const each = quantization === undefined ? bytesEach : quantizedBytes(wrong, name, dtype as string, quantization);
  if (!(count <= mostNumbers)) {
    throw new FileError(path, `its weights ${describe(name)} of shape ${describe(shape)} are more than any file holds`);
  }
  return { entry: entry as io.WeightsManifestEntry, bytes: each === 0 ? undefined : count * each, count };
}

function quantizedBytes(
  wrong: (what: string, rule: string, value: unknown) => FileError,
  name: string,
  dtype: string,
  quantization: unknown,
): number {
  const of = `of ${describe(name)},`;
  if (quantization === null || typeof quantization !== "object")
    throw wrong(`a quantization, ${of}`, "an object", quantization);
  const { dtype: stored, scale, min } = quantization as Partial<Record<string, unknown>>;
  const kind = quantized.get(stored as string);
  if (!kind?.types.includes(dtype)) {
    throw wrong(`a quantization's dtype, ${of}`, `one for ${dtype} among ${[...quantized.keys()].join(", ")}`, stored);
  }
  if (stored === "float16") return kind.bytes;
  if (!Number.isFinite(scale)) throw wrong(`a quantization's scale, ${of}`, "a finite number", scale);
  if (!Number.isFinite(min)) throw wrong(`a quantization's min, ${of}`, "a finite number", min);
  return kind.bytes;
}

/** Bytes that some strings take, from where they begin. @throws FileError where they go on beyond the end */
export function stringBytes(path: string, { entry, count }: WeightSpec, weights: Buffer, from: number): number {
  let at = from;
  for (let i = 0; i < count; i++) {
    const length = at + 4 <= weights.length ? weights.readUInt32LE(at) : Number.POSITIVE_INFINITY;
    at += 4 + length;
    if (at > weights.length)
      throw new FileError(path, `its strings ${describe(entry.name)} go beyond their files' end`);
  }
  return at - from;
}
