import { describe, FileError, invalid, oneOf } from "../errors.js";
import { canonicalJson, type JsonObject, parseJson } from "../json.js";
import type { OptionNames } from "../options.js";
import {
  bytesPerNumber,
  type DenseTensor,
  type Dtype,
  decodeNumbers,
  dtypes,
  encodeNumbers,
  type NamedTensors,
  type ReadDtype,
  readDtypes,
  tensorSize,
} from "./tensor.js";

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: NamedTensors;
  /** The file's free text, by key. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Where a safetensors file has a tensor. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: ReadDtype;
  readonly shape: readonly number[];
  /** Its first byte, counted from the first one behind the header. */
  readonly from: number;
  /** The first byte behind it. */
  readonly to: number;
}

/** What the header of a safetensors file says, in the order of the data. */
export interface SafetensorsHeader {
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

const largestHeader = 100_000_000;

/**
 * Reads a safetensors file: the header's length as a little-endian 64-bit number, a JSON header that gives each
 * tensor's format, shape and place, then the data. F32, F16, BF16 and I64 are read, as single precision; the data must
 * be covered without gaps or overlaps, as the format demands. Source: https://github.com/huggingface/safetensors.
 *
 * @param path only named in errors
 * @throws FileError for anything else
 */
export function parseSafetensors(bytes: Uint8Array, path: string): Safetensors {
  const start = dataStart(bytes, bytes.length, path);
  const { entries, metadata } = parseHeader(bytes.subarray(8, start), bytes.length - start, path);
  const tensors = new Map<string, DenseTensor>();
  for (const { name, dtype, shape, from, to } of entries) {
    tensors.set(name, { shape, data: decodeNumbers(bytes.subarray(start + from, start + to), dtype) });
  }
  return { tensors, metadata };
}

/**
 * Where the data of a safetensors file begins.
 *
 * @param first its first 8 bytes or more
 * @param size bytes of the whole file
 * @throws FileError where the header would be too long, or longer than the file
 */
export function dataStart(first: Uint8Array, size: number, path: string): number {
  if (first.length < 8) throw new FileError(path, "is not a safetensors file: it has fewer than 8 bytes");
  const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));
  if (new TextDecoder().decode(first.subarray(0, 8)) === "version ") {
    throw new FileError(path, "is a pointer of Git LFS, which says where the file is: fetch it, as with git lfs pull");
  }
  if (length > largestHeader) throw new FileError(path, `is not a safetensors file: a header of ${length} bytes`);
  if (8 + length > size) throw new FileError(path, "ends within its header");
  return 8 + length;
}

/**
 * What a header says, checked: the tensors cover the data without gaps or overlaps.
 *
 * @param json the header's bytes
 * @param size bytes of data behind it
 * @throws FileError where it is damaged, or holds formats that are not read
 */
export function parseHeader(json: Uint8Array, size: number, path: string): SafetensorsHeader {
  const entries: SafetensorsEntry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(jsonHeader(json, path))) {
    if (name === "__metadata__") metadata = checkedMetadata(value, path);
    else entries.push(checkedEntry(name, value, path));
  }
  entries.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of entries) {
    if (from !== end) throw new FileError(path, `has a gap or an overlap in its data before tensor ${describe(name)}`);
    end = to;
  }
  if (end !== size) throw new FileError(path, `holds ${size} bytes of data; its header describes ${end}`);
  return { entries, metadata };
}

/** How weights are stored. */
export interface SaveWeightsOptions {
  /** Format of all tensors; default F32; numbers are rounded to the nearest, ties to even. */
  readonly dtype?: Dtype;
  /** Text by key, kept in the file's header. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The names of `SaveWeightsOptions`. */
export const saveWeightsOptionNames: OptionNames<SaveWeightsOptions> = { dtype: true, metadata: true };

/**
 * @throws RangeError for a name that does not end in .safetensors, by which files of weights are told apart when they
 *   are read
 */
export function checkWeightsName(path: string): void {
  if (typeof path !== "string" || !/\.safetensors$/i.test(path)) {
    throw invalid("path", "a name that ends in .safetensors", path);
  }
}

/**
 * The bytes of a safetensors file. Equal content gives equal bytes: tensors are stored in the order given, keys of the
 * header sorted, the header padded with spaces to a multiple of 8 bytes.
 */
export function formatSafetensors(
  tensors: NamedTensors,
  { dtype = "F32", metadata = {} }: SaveWeightsOptions = {},
): Uint8Array {
  oneOf("dtype", dtypes, dtype);
  const entries: Omit<SafetensorsEntry, "from" | "to">[] = [];
  const parts: Uint8Array[] = [];
  for (const [name, { shape, data }] of tensors) {
    if (name === "__metadata__") throw invalid("tensor name", "a name other than __metadata__", name);
    if (data.length !== tensorSize(shape)) {
      throw invalid(
        `tensor ${describe(name)}`,
        `${tensorSize(shape)} numbers for the shape [${shape.join(", ")}]`,
        data,
      );
    }
    entries.push({ name, dtype, shape });
    parts.push(encodeNumbers(data, dtype));
  }
  const header = safetensorsHeader(entries, metadata);
  const bytes = new Uint8Array(header.length + parts.reduce((sum, { length }) => sum + length, 0));
  bytes.set(header);
  let at = header.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The bytes of a safetensors file in front of its data, whose tensors follow each other in the order given. */
export function safetensorsHeader(
  tensors: readonly Omit<SafetensorsEntry, "from" | "to">[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries: [string, JsonObject][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  let end = 0;
  for (const { name, dtype, shape } of tensors) {
    const from = end;
    end += tensorSize(shape) * bytesPerNumber(dtype);
    entries.push([name, { dtype, shape, data_offsets: [from, end] }]);
  }
  const json = new TextEncoder().encode(canonicalJson(Object.fromEntries(entries), 0));
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  return bytes;
}

function jsonHeader(json: Uint8Array, path: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (cause) {
    throw new FileError(path, `has a header that is not JSON (${(cause as Error).message})`, { cause });
  }
  if (!isRecord(header)) throw new FileError(path, "has a header that is not a JSON object");
  return header;
}

function checkedMetadata(value: unknown, path: string): Record<string, string> {
  if (!isRecord(value) || Object.values(value).some((text) => typeof text !== "string")) {
    throw new FileError(path, "has metadata that is not text by key");
  }
  return value as Record<string, string>;
}

function checkedEntry(name: string, value: unknown, path: string): SafetensorsEntry {
  const { dtype, shape, data_offsets: offsets } = isRecord(value) ? value : ({} as Record<string, unknown>);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2 || offsets[1] < offsets[0]) {
    throw new FileError(path, `does not say the shape and place of tensor ${describe(name)}`);
  }
  if (!readDtypes.includes(dtype as ReadDtype)) {
    throw new FileError(
      path,
      `holds tensor ${describe(name)} as ${typeof dtype === "string" ? dtype.slice(0, 80) : describe(dtype)}; ${readDtypes.join(", ")} can be read`,
    );
  }
  const bytes = tensorSize(shape) * bytesPerNumber(dtype as ReadDtype);
  if (offsets[1] - offsets[0] !== bytes) {
    throw new FileError(
      path,
      `has ${offsets[1] - offsets[0]} bytes for tensor ${describe(name)}; its shape needs ${bytes}`,
    );
  }
  return { name, dtype: dtype as ReadDtype, shape, from: offsets[0], to: offsets[1] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((part) => Number.isSafeInteger(part) && part >= 0);
}
