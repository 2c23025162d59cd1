import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { fromNpy, toNpy } from "../../src/formats/npy.js";
import type { Numbers } from "../../src/formats/numbers.js";
import { fromNpz, readNpz } from "../../src/modes/npz.js";
import { npyFile } from "../datasets/npy-writer.js";
import { rawNpy } from "../fuzz/npy.js";

describe("fromNpy", () => {
  it.each<[string, Numbers]>([
    ["<f8", Float64Array.of(0.1, -2)],
    ["<f4", Float32Array.of(0.5, -2)],
    ["|u1", Uint8Array.of(0, 255)],
    ["|i1", Int8Array.of(-128, 127)],
    ["|b1", Uint8Array.of(0, 1)],
    ["<u2", Uint16Array.of(1, 65535)],
    ["<i2", Int16Array.of(-32768, 5)],
    ["<u4", Uint32Array.of(0, 4294967295)],
    ["<i4", Int32Array.of(-2147483648, 7)],
    ["<u8", BigUint64Array.of(3n, 2n ** 64n - 1n)],
    ["<i8", BigInt64Array.of(-(2n ** 53n) - 1n, 9n)],
  ])("reads %s in its own kind", (dtype, data) => {
    // A Buffer is a view of a larger one at some offset that need not be a multiple of 8.
    const inside = Buffer.concat([Buffer.alloc(3), npyFile(dtype, [2], data)]).subarray(3);
    const { shape, values } = fromNpy(inside, "a.npy");
    expect(shape).toEqual([2]);
    expect(values).toEqual(data);
  });

  it("gives back what toNpy writes", () => {
    const array = { shape: [2, 3], values: Float64Array.of(1, 2, 3, 4, 5, 6) };
    expect(fromNpy(toNpy(array), "a.npy")).toEqual(array);
  });

  it("reads an array of a npz file whose header is long", () => {
    const header = "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }\n".padStart(200_000);
    const bytes = rawNpy(header, new Uint8Array(BigInt64Array.of(2n ** 53n + 1n).buffer), 2);
    for (const level of [0, 6] as const) {
      const npz = zipSync({ "a.npy": bytes }, { level });
      expect(readNpz(npz, "a.npz").get("a")).toEqual({ shape: [1], values: BigInt64Array.of(2n ** 53n + 1n) });
    }
  });

  it("is asked by fromNpz for modes as float64, which whole numbers of 64 bits may not be", () => {
    const modes = (value: bigint) => zipSync({ "modes.npy": npyFile("<i8", [1], BigInt64Array.of(value)) });
    expect([...fromNpz(modes(7n)).values]).toEqual([7]);
    expect(() => fromNpz(modes(2n ** 53n + 1n), "m.npz")).toThrow(
      "m.npz: holds 9007199254740993, which float64 does not",
    );
  });

  it("refuses other files, naming them and what is wrong", () => {
    const floats = Float32Array.of(1, 2);
    const refused: [Uint8Array, string][] = [
      [Buffer.from("PK is no array"), "a.npy: is not a .npy array"],
      [npyFile("<f4", [2], floats).subarray(0, 60), "a.npy: is cut off in its header"],
      [npyFile("<f4", [3], floats), "a.npy: holds 8 bytes of data, its shape says 12"],
      [npyFile("<f4", [2], floats, "True"), "a.npy: is not in row-major order (save numpy.ascontiguousarray of it)"],
      [npyFile("<c8", [1], floats), "a.npy: holds <c8; one of <f8, <f4, |u1"],
      [npyFile(">f4", [2], floats), "a.npy: holds >f4; one of <f8"],
    ];
    for (const [bytes, message] of refused) expect(() => fromNpy(bytes, "a.npy")).toThrow(message);
  });
});
