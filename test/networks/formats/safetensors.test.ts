import { describe, expect, test } from "vitest";
import { FileError } from "../../../src/errors.js";
import { formatSafetensors, parseSafetensors } from "../../../src/formats/safetensors.js";
import { type DenseTensor, type Dtype, decodeNumbers, encodeNumbers } from "../../../src/formats/tensor.js";
import { fc } from "../../helpers/properties.js";

const tensor: fc.Arbitrary<DenseTensor> = fc.array(fc.nat({ max: 4 }), { maxLength: 3 }).chain((shape) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return fc
    .array(fc.float({ noNaN: true }), { minLength: size, maxLength: size })
    .map((values) => ({ shape, data: Float32Array.from(values) }));
});
const name = fc.string({ unit: "binary" }).filter((text) => text !== "__metadata__");
const tensors = fc.array(fc.tuple(name, tensor), { maxLength: 5 }).map((entries) => new Map(entries));
const metadata = fc.dictionary(fc.string(), fc.string());

/** A safetensors file with this header and this many bytes of data. */
function file(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 8);
  return bytes;
}

describe("safetensors", () => {
  test("F32 loses nothing: names, order, shapes, numbers and metadata", () => {
    fc.assert(
      fc.property(tensors, metadata, (original, text) => {
        const read = parseSafetensors(formatSafetensors(original, { metadata: text }), "file");
        expect(new Map(read.tensors)).toEqual(original);
        expect(read.metadata).toEqual({ ...text });
      }),
    );
  });

  test.each(["F16", "BF16"] as const)("%s rounds each number once, and then loses nothing", (dtype: Dtype) => {
    fc.assert(
      fc.property(tensor, (original) => {
        const once = parseSafetensors(formatSafetensors(new Map([["t", original]]), { dtype }), "file").tensors;
        expect(once.get("t")!.data).toEqual(decodeNumbers(encodeNumbers(original.data, dtype), dtype));
        expect(new Map(parseSafetensors(formatSafetensors(once, { dtype }), "file").tensors)).toEqual(new Map(once));
      }),
    );
  });

  test("has the bytes that the format prescribes", () => {
    const bytes = formatSafetensors(new Map([["w", { shape: [2], data: Float32Array.of(1, -2) }]]), { dtype: "F16" });
    const header = '{"w":{"data_offsets":[0,4],"dtype":"F16","shape":[2]}}';
    expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(BigInt(Math.ceil(header.length / 8) * 8));
    expect(new TextDecoder().decode(bytes.subarray(8, -4)).trimEnd()).toBe(header);
    expect([...bytes.subarray(-4)]).toEqual([0x00, 0x3c, 0x00, 0xc0]);
  });

  test("a file cut off at any byte, or longer than it should be, is an error that names it", () => {
    const bytes = formatSafetensors(new Map([["w", { shape: [3], data: Float32Array.of(1, 2, 3) }]]));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseSafetensors(bytes.subarray(0, length), "cut")).toThrow(FileError);
    }
    expect(() => parseSafetensors(Uint8Array.of(...bytes, 0), "long")).toThrow("long: holds 13 bytes of data");
  });

  test("a file with any bytes changed is read or refused, never anything else", () => {
    const bytes = formatSafetensors(new Map([["w", { shape: [3], data: Float32Array.of(1, 2, 3) }]]));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), { minLength: 1 }),
        (flips) => {
          const changed = bytes.slice();
          for (const [at, value] of flips) changed[at] = value;
          try {
            parseSafetensors(changed, "changed");
          } catch (error) {
            expect(error).toBeInstanceOf(FileError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ["F64", { w: { dtype: "F64", shape: [1], data_offsets: [0, 8] } }, 8, 'holds tensor "w" as F64'],
    ["a wrong size", { w: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 4, "its shape needs 8"],
    ["a gap", { w: { dtype: "F32", shape: [1], data_offsets: [4, 8] } }, 8, "a gap or an overlap"],
    [
      "an overlap",
      { v: { dtype: "F32", shape: [1], data_offsets: [0, 4] }, w: { dtype: "F32", shape: [2], data_offsets: [0, 8] } },
      8,
      "a gap or an overlap",
    ],
    ["a negative shape", { w: { dtype: "F32", shape: [-1], data_offsets: [0, 4] } }, 4, "the shape and place"],
    ["no place", { w: { dtype: "F32", shape: [1] } }, 4, "the shape and place"],
    ["a huge shape", { w: { dtype: "F32", shape: [1e9, 1e9], data_offsets: [0, 4] } }, 4, "its shape needs"],
    ["metadata that is not text", { __metadata__: { a: 1 } }, 0, "metadata that is not text"],
    ["a header that is not an object", [1, 2], 0, "not a JSON object"],
    ["a header that is not JSON", "{", 0, "not JSON"],
    [
      "a tensor that stands twice",
      '{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
      'the name "w" stands twice',
    ],
  ])("refuses %s", (_what, header, dataBytes, problem) => {
    expect(() => parseSafetensors(file(header, dataBytes), "bad")).toThrow(FileError);
    expect(() => parseSafetensors(file(header, dataBytes), "bad")).toThrow(problem);
  });

  test("refuses a header longer than the file or any sensible one, before it takes memory", () => {
    const bytes = new Uint8Array(16).fill(0xff, 0, 8);
    expect(() => parseSafetensors(bytes, "bad")).toThrow("is not a safetensors file");
    new DataView(bytes.buffer).setBigUint64(0, 9n, true);
    expect(() => parseSafetensors(bytes, "bad")).toThrow("ends within its header");
  });

  test("refuses to write a tensor whose numbers do not fill its shape", () => {
    const wrong = new Map([["w", { shape: [2, 2], data: new Float32Array(3) }]]);
    expect(() => formatSafetensors(wrong)).toThrow('invalid tensor "w"; expected 4 numbers for the shape [2, 2]');
  });
});
