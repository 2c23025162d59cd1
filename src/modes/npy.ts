import { FileError } from "../errors.js";

/** An array as numpy's .npy files hold it. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: Float64Array | Float32Array;
}

const magic = "\x93NUMPY";

/** The bytes of a .npy file (format 1.0, little-endian, row-major) of float64 or float32 values. */
export function toNpy({ shape, values }: NpyArray): Uint8Array {
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

/** Reads the bytes of a .npy file of little-endian float64 or float32 values in row-major order. */
export function fromNpy(bytes: Uint8Array, path: string): NpyArray {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes.length < 12 || text(0, 6) !== magic) throw new FileError(path, "is not a .npy array");
  const wide = bytes[6] >= 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw new FileError(path, "is cut off in its header");
  const header = text(start, end);
  const dtype = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (shapeText === undefined) throw new FileError(path, "has no shape in its header");
  if (!/'fortran_order':\s*False/.test(header)) throw new FileError(path, "is not in row-major order");
  if (dtype !== "<f8" && dtype !== "<f4") throw new FileError(path, `holds ${dtype}, expected <f8 or <f4`);
  const shape = shapeText
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(Number);
  const size = shape.reduce((product, length) => product * length, 1);
  const width = dtype === "<f8" ? 8 : 4;
  if (end + size * width !== bytes.length) {
    throw new FileError(path, `holds ${bytes.length - end} bytes of data, its shape says ${size * width}`);
  }
  const data = bytes.slice(end).buffer;
  return { shape, values: width === 8 ? new Float64Array(data) : new Float32Array(data) };
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
