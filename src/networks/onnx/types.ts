import { invalid } from "../../errors.js";
import type { NumericArray } from "../../games/value.js";

/** A value that an input has in every run: a number, or numbers in the input's own shape. */
export type FixedValue = number | readonly number[] | NumericArray;

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
  | BigInt64Array;

/** A kind of number: ONNX's code, ONNX Runtime's name, and how plain numbers become it. */
export interface NumberType {
  readonly code: number;
  readonly name: string;
  from(values: ArrayLike<number>): OnnxNumbers;
}

/** Kinds of numbers that inputs may be of. */
export const numberTypes: readonly NumberType[] = [
  { code: 1, name: "float32", from: (values) => Float32Array.from(values) },
  { code: 2, name: "uint8", from: (values) => Uint8Array.from(values) },
  { code: 3, name: "int8", from: (values) => Int8Array.from(values) },
  { code: 5, name: "int16", from: (values) => Int16Array.from(values) },
  { code: 6, name: "int32", from: (values) => Int32Array.from(values) },
  { code: 7, name: "int64", from: (values) => BigInt64Array.from(Array.from(values, BigInt)) },
  { code: 9, name: "bool", from: (values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)) },
  { code: 11, name: "float64", from: (values) => Float64Array.from(values) },
];

/** The kind of number of an ONNX code. @throws RangeError for float16, text and other kinds that are not taken as inputs */
export function numberType(input: string, code: number): NumberType {
  const found = numberTypes.find((type) => type.code === code);
  if (!found) {
    throw invalid(`type of the input ${input}`, numberTypes.map(({ name }) => name).join(", "), `ONNX type ${code}`);
  }
  return found;
}

/** The bytes of some numbers, as a file holds them (little-endian, as every machine that Node runs on). */
export function bytesOf(values: OnnxNumbers): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
