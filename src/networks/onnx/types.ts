import { invalid } from "../../errors.js";
import { copyAs, type NumberKind, type NumberList } from "../../formats/numbers.js";

/**
 * A value that an input has in every run: a number, or numbers in the input's own shape. Whole numbers beyond 2^53 as
 * bigints, or, as JSON holds no such, as text.
 */
export type FixedValue = number | bigint | string | NumberList | readonly (number | bigint | string)[];

/** Numbers as ONNX Runtime takes and gives them. */
export type OnnxNumbers =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A kind of number: ONNX's code, ONNX Runtime's name, and how numbers that it holds become it, copied. */
export interface NumberType {
  readonly code: number;
  readonly name: NumberKind;
  from(values: NumberList): OnnxNumbers;
}

const codes: readonly (readonly [code: number, name: NumberKind])[] = [
  [1, "float32"],
  [2, "uint8"],
  [3, "int8"],
  [4, "uint16"],
  [5, "int16"],
  [6, "int32"],
  [7, "int64"],
  [9, "bool"],
  [11, "float64"],
  [12, "uint32"],
  [13, "uint64"],
];

/** ONNX's codes of what a tensor holds: the name, and the bits of one in a file; text has no size of its own. */
const elements: readonly (readonly [name: string, bits?: number])[] = [
  ["undefined"],
  ["float32", 32],
  ["uint8", 8],
  ["int8", 8],
  ["uint16", 16],
  ["int16", 16],
  ["int32", 32],
  ["int64", 64],
  ["string"],
  ["bool", 8],
  ["float16", 16],
  ["float64", 64],
  ["uint32", 32],
  ["uint64", 64],
  ["complex64", 64],
  ["complex128", 128],
  ["bfloat16", 16],
  ["float8e4m3fn", 8],
  ["float8e4m3fnuz", 8],
  ["float8e5m2", 8],
  ["float8e5m2fnuz", 8],
  ["uint4", 4],
  ["int4", 4],
  ["float4e2m1", 4],
  ["float8e8m0", 8],
  ["uint2", 2],
  ["int2", 2],
  ["float6e2m3"],
  ["float6e3m2"],
];

/** The name of an ONNX code, e.g. `bfloat16`. */
export function typeName(code: number): string {
  return elements[code]?.[0] ?? `of ONNX type ${code}`;
}

/** Whether a kind of tensors is one of those that every version of the standard operators knows. */
export function isOldType(type: string | undefined): boolean {
  return elements.slice(1, 14).some(([name]) => name === type);
}

/** Bits of one element of an ONNX code, as a file holds it; undefined for text and codes that are not known. */
export function typeBits(code: number): number | undefined {
  return elements[code]?.[1];
}
/** Kinds of numbers that inputs may be of. */
export const numberTypes: readonly NumberType[] = codes.map(([code, name]) => ({
  code,
  name,
  from: (values) => copyAs(values, name),
}));

/**
 * The kind of number of an ONNX code. @throws RangeError for float16, text and other kinds that are not taken as inputs
 */
export function numberType(input: string, code: number): NumberType {
  const found = numberTypes.find((type) => type.code === code);
  if (!found) {
    const rule = `${numberTypes.map(({ name }) => name).join(", ")}; a Cast in front of it in the file makes it one of these`;
    throw invalid(`type of the input ${input}`, rule, typeName(code));
  }
  return found;
}

/** The bytes of some numbers, as a file holds them (little-endian, as every machine that Node runs on). */
export function bytesOf(values: OnnxNumbers): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
