import { invalid } from "../../../errors.js";
import { shapeSize } from "../../../shape-size.js";
import { type KeptPlaces, keptPlaces } from "../../kept-places.js";
import type { StoredTensor } from "../schema.js";
import { bytesOf, typeBits, typeName } from "../types.js";

/** ONNX's codes of single precision and of 64-bit integers. */
export const float32 = 1;
export const int64 = 7;

/** Sizes of a stored tensor. */
export function dimsOf({ dims }: StoredTensor): number[] {
  return (dims ?? []).map(Number);
}

/**
 * A stored tensor with some places of some axes only, of any kind of numbers. @throws RangeError for one whose bytes
 * are not to be seen
 */
export function narrowStored(tensor: StoredTensor, name: string, parts: readonly KeptPlaces[]): StoredTensor {
  const dims = dimsOf(tensor);
  const dataType = tensor.dataType ?? 0;
  const each = (typeBits(dataType) ?? 0) / 8;
  const bytes = rawBytes(tensor);
  if (!bytes || !Number.isInteger(each) || each === 0 || bytes.byteLength !== each * shapeSize(dims)) {
    throw invalid(`tensor ${tensor.name}`, "numbers of whole bytes, stored raw", typeName(dataType));
  }
  // A view of the file's bytes may be a Buffer, which makes no arrays of zeros.
  const own = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { values, shape } = keptPlaces(own, dims, parts, each);
  return { name, dims: shape, dataType, rawData: values };
}

/** The numbers of a stored tensor of single precision; undefined for another kind, or where they are not to be seen. */
export function floatsOf(tensor: StoredTensor): Float32Array | undefined {
  const bytes = tensor.dataType === float32 ? rawBytes(tensor) : undefined;
  // A copy: a view of the file's bytes may be a Buffer, whose slice is none.
  return bytes && new Float32Array(new Uint8Array(bytes).buffer);
}

/** A stored tensor of single precision. */
export function storedFloats(name: string, dims: readonly number[], values: Float32Array): StoredTensor {
  return { name, dims: [...dims], dataType: float32, rawData: bytesOf(values) };
}

/** A stored list of 64-bit integers. */
export function storedIntegers(name: string, values: readonly number[]): StoredTensor {
  return { name, dims: [values.length], dataType: int64, rawData: bytesOf(BigInt64Array.from(values, BigInt)) };
}

/** The bytes of a tensor: raw, or of single precision as protobuf packs them, which are the same. */
function rawBytes({ rawData, floatData, dataType }: StoredTensor): Uint8Array | undefined {
  if (rawData && rawData.byteLength > 0) return rawData;
  return dataType === float32 && floatData ? new Uint8Array(Buffer.concat([...floatData])) : undefined;
}
