import { shapeSize } from "../shape-size.js";
import { bfloat16Bits, bfloat16Value, float16Bits, float16Value } from "./float16.js";

/** A tensor read from a file: single precision, last axis fastest. */
export interface DenseTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by name, in the order of the file. */
export type NamedTensors = ReadonlyMap<string, DenseTensor>;

/** Number formats that weights are stored in, as safetensors names them. */
export const dtypes = ["F32", "F16", "BF16"] as const satisfies readonly Dtype[];

/** How numbers are stored: in 32 bits, in 16, or in 16 with the exponents of 32. */
export type Dtype = "F32" | "F16" | "BF16";

/** Number formats that are read: those of weights, and the 64-bit integers of counters beside them. */
export const readDtypes = [...dtypes, "I64"] as const;
/** One of `readDtypes`. */
export type ReadDtype = (typeof readDtypes)[number];

/** How many numbers a tensor of a shape holds. */
export function tensorSize(shape: readonly number[]): number {
  if (shape.includes(0)) return 0; // also where the other lengths have no finite product
  return shapeSize(shape);
}

/** Bytes that one number takes. */
export function bytesPerNumber(dtype: ReadDtype): number {
  return { F32: 4, F16: 2, BF16: 2, I64: 8 }[dtype];
}

/** Little-endian numbers of a format, as single precision. F16 and BF16 are exact in it, integers up to 2^24 are. */
export function decodeNumbers(bytes: Uint8Array, dtype: ReadDtype): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / bytesPerNumber(dtype));
  if (dtype === "F32") for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  else if (dtype === "I64") for (let i = 0; i < values.length; i++) values[i] = Number(view.getBigInt64(8 * i, true));
  else {
    const decode = dtype === "F16" ? float16Value : bfloat16Value;
    for (let i = 0; i < values.length; i++) values[i] = decode(view.getUint16(2 * i, true));
  }
  return values;
}

/** Single-precision numbers as little-endian numbers of a format, each rounded to the nearest, ties to even. */
export function encodeNumbers(values: Float32Array, dtype: Dtype): Uint8Array {
  const bytes = new Uint8Array(values.length * bytesPerNumber(dtype));
  const view = new DataView(bytes.buffer);
  if (dtype === "F32") for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i], true);
  else {
    const encode = dtype === "F16" ? float16Bits : bfloat16Bits;
    for (let i = 0; i < values.length; i++) view.setUint16(2 * i, encode(values[i]), true);
  }
  return bytes;
}
