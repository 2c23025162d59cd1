import { FileError } from "../errors.js";
import type { NumericArray } from "../games/value.js";

/** An array as numpy's .npy files hold it. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: NumericArray;
}

const magic = "\x93NUMPY";

/** The bytes of a .npy file (format 1.0, little-endian, row-major) of float64 or float32 values. */
export function toNpy({
  shape,
  values,
}: {
  shape: readonly number[];
  values: Float64Array | Float32Array;
}): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dtype = values instanceof Float32Array ? "<f4" : "<f8";
  const description = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const headerLength = Math.ceil((10 + description.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + headerLength + values.byteLength);
  bytes.set(latin1(magic), 0);
  bytes.set([1, 0, headerLength & 255, headerLength >> 8], 6);
  bytes.set(latin1(`${description.padEnd(headerLength - 1)}\n`), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 10 + headerLength);
  return bytes;
}

/** Kinds of numbers that .npy files hold, by numpy's names of them, and how bytes become numbers. */
const dtypes: Readonly<Record<string, { readonly bytes: number; read(data: ArrayBuffer): NumericArray }>> = {
  "<f8": { bytes: 8, read: (data) => new Float64Array(data) },
  "<f4": { bytes: 4, read: (data) => new Float32Array(data) },
  "|u1": { bytes: 1, read: (data) => new Uint8Array(data) },
  "|b1": { bytes: 1, read: (data) => new Uint8Array(data) },
  "|i1": { bytes: 1, read: (data) => Int16Array.from(new Int8Array(data)) },
  "<u2": { bytes: 2, read: (data) => new Uint16Array(data) },
  "<i2": { bytes: 2, read: (data) => new Int16Array(data) },
  "<u4": { bytes: 4, read: (data) => new Uint32Array(data) },
  "<i4": { bytes: 4, read: (data) => new Int32Array(data) },
  "<u8": { bytes: 8, read: (data) => Float64Array.from(new BigUint64Array(data), Number) },
  "<i8": { bytes: 8, read: (data) => Float64Array.from(new BigInt64Array(data), Number) },
};

/**
 * Reads the bytes of a .npy file of little-endian numbers in row-major order: float64, float32, whole numbers of 8 to 64 bits
 * (those of 64 as float64), or bool.
 *
 * @throws FileError for bytes that are none, cut off, or of another kind of number
 */
export function fromNpy(bytes: Uint8Array, path: string): NpyArray {
  const { shape, dtype, end, length } = npyStart(bytes, path);
  if (length !== bytes.length) {
    throw new FileError(path, `holds ${bytes.length - end} bytes of data, its shape says ${length - end}`);
  }
  return { shape, values: dtype.read(new Uint8Array(bytes.subarray(end)).buffer) };
}

/**
 * What the first bytes of a .npy file say of it, such as its whole `length` in bytes.
 *
 * @throws FileError for bytes that are none, cut off in their header, or of another kind of number
 */
export function npyStart(bytes: Uint8Array, path: string) {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes.length < 12 || text(0, 6) !== magic) throw new FileError(path, "is not a .npy array");
  const wide = bytes[6] >= 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw new FileError(path, "is cut off in its header");
  const header = text(start, end);
  const name = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? "records";
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (shapeText === undefined) throw new FileError(path, "has no shape in its header");
  if (!/'fortran_order':\s*False/.test(header)) {
    throw new FileError(path, "is not in row-major order (save numpy.ascontiguousarray of it)");
  }
  const dtype = dtypes[name];
  if (!dtype) throw new FileError(path, `holds ${name}; one of ${Object.keys(dtypes).join(", ")} was expected`);
  const shape = shapeText
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(Number);
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, dtype, end, length: end + size * dtype.bytes };
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
