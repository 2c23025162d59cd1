import { FileError } from "../errors.js";
import { shapeSize } from "../shape-size.js";
import { npyHeader, shown } from "./npy-header.js";
import type { Numbers } from "./numbers.js";

/** An array as numpy's .npy files hold it. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major, in the kind of number that the file stores. */
  readonly values: Numbers;
}

const magic = "\x93NUMPY";

/** The bytes of a .npy file (format 1.0, little-endian, row-major) of float64, float32 or int32 values. */
export function toNpy({
  shape,
  values,
}: {
  shape: readonly number[];
  values: Float64Array | Float32Array | Int32Array;
}): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dtype = values instanceof Float32Array ? "<f4" : values instanceof Int32Array ? "<i4" : "<f8";
  const description = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const headerLength = Math.ceil((10 + description.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + headerLength + values.byteLength);
  bytes.set(latin1(magic), 0);
  bytes.set([1, 0, headerLength & 255, headerLength >> 8], 6);
  bytes.set(latin1(`${description.padEnd(headerLength - 1)}\n`), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 10 + headerLength);
  return bytes;
}

/** Kinds of numbers that .npy files hold, by numpy's names of them, and the arrays that store them. */
const dtypes: Readonly<Record<string, { new (data: ArrayBuffer): Numbers; readonly BYTES_PER_ELEMENT: number }>> = {
  "<f8": Float64Array,
  "<f4": Float32Array,
  "|u1": Uint8Array,
  "|b1": Uint8Array,
  "|i1": Int8Array,
  "<u2": Uint16Array,
  "<i2": Int16Array,
  "<u4": Uint32Array,
  "<i4": Int32Array,
  "<u8": BigUint64Array,
  "<i8": BigInt64Array,
};

/**
 * Reads the bytes of a .npy file (format 1, 2 or 3) of little-endian numbers in row-major order: float64, float32,
 * whole numbers of 8 to 64 bits, or bool (0 and 1). The numbers stay of the kind that is stored.
 *
 * @throws FileError for bytes that are none, cut off or too many, or of another kind of number
 */
export function fromNpy(bytes: Uint8Array, path: string): NpyArray {
  const { shape, dtype, end, length } = npyStart(bytes, path);
  if (length !== bytes.length) {
    throw new FileError(path, `holds ${bytes.length - end} bytes of data, its shape says ${length - end}`);
  }
  const values = new dtypes[dtype](new Uint8Array(bytes.subarray(end)).buffer);
  if (dtype === "|b1") {
    const bad = (values as Uint8Array).find((value) => value > 1);
    if (bad !== undefined) throw new FileError(path, `holds a bool whose byte is ${bad}; 0 or 1 was expected`);
  }
  return { shape, values };
}

/**
 * What the first bytes of a .npy file say of it, such as its whole `length` in bytes (beyond 2^53 rounded: no file is
 * as long).
 *
 * @throws FileError for bytes that are none, cut off in their header, or of another kind of number
 */
export function npyStart(bytes: Uint8Array, path: string) {
  const { format, start, end } = headerOf(bytes, path);
  if (end > bytes.length) throw new FileError(path, "is cut off in its header");
  const text = new TextDecoder(format === 3 ? "utf-8" : "latin1").decode(bytes.subarray(start, end));
  const { descr, fortranOrder, shape } = npyHeader(text, path);
  if (fortranOrder) throw new FileError(path, "is not in row-major order (save numpy.ascontiguousarray of it)");
  if (!Object.hasOwn(dtypes, descr)) {
    throw new FileError(path, `holds ${shown(descr)}; one of ${Object.keys(dtypes).join(", ")} was expected`);
  }
  const size = shapeSize(shape);
  return { shape, dtype: descr, end, length: end + size * dtypes[descr].BYTES_PER_ELEMENT };
}

/**
 * Where the header of a .npy file ends, as its first 12 bytes say.
 *
 * @throws FileError for bytes that are none, or end before that
 */
export function npyHeaderEnd(bytes: Uint8Array, path: string): number {
  return headerOf(bytes, path).end;
}

function headerOf(bytes: Uint8Array, path: string): { format: number; start: number; end: number } {
  if (bytes.length < 10 || String.fromCharCode(...bytes.subarray(0, 6)) !== magic) {
    throw new FileError(path, "is not a .npy array");
  }
  const [format, minor] = bytes.subarray(6, 8);
  if (format < 1 || format > 3 || minor !== 0) {
    throw new FileError(path, `is of .npy format ${format}.${minor}; 1.0, 2.0 or 3.0 was expected`);
  }
  const start = format === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (start > bytes.length) throw new FileError(path, "is cut off in its header");
  const length = format === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  return { format, start, end: start + length };
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
