import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { StoredTensor } from "./schema.js";

/**
 * Whether any number of a stored tensor is not 0; undefined where its numbers are not to be seen. Zeros are bytes of 0,
 * raw or packed.
 */
export function isTrue(tensor: StoredTensor): boolean | undefined {
  const { rawData, int32Data, int64Data, floatData, doubleData, uint64Data } = tensor;
  const parts = [rawData ?? [], ...[int32Data, int64Data, floatData, doubleData, uint64Data].flatMap((of) => of ?? [])];
  if (parts.every(({ length }) => length === 0)) return undefined;
  return parts.some((part) => part.some((byte) => byte !== 0));
}

/** The numbers of a stored tensor of 64-bit integers; undefined where they are not to be seen. */
export function integersOf({ rawData, int64Data }: StoredTensor): number[] | undefined {
  if (rawData && rawData.length > 0) {
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    return Array.from({ length: rawData.length / 8 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
  }
  return int64Data?.flatMap((packed) => {
    const reader = new BinaryReader(packed);
    const values: number[] = [];
    while (reader.pos < reader.len) values.push(Number(reader.int64()));
    return values;
  });
}
