import { describe, expect, it } from "vitest";
import { applyFeedForward } from "../../src/decoders/parts.js";
import { plainProducts } from "../../src/decoders/plain-products.js";
import type { Matrix, Rows } from "../../src/decoders/products.js";
import { wasmProducts } from "../../src/decoders/wasm-products.js";
import { float16Value } from "../../src/formats/float16.js";
import { dtypes, encodeNumbers } from "../../src/formats/tensor.js";
import { fc } from "../helpers/properties.js";

const [wasm, plain] = [wasmProducts(), plainProducts()];

/** Numbers of a seed between -1 and 1. */
function numbers(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const length = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 70 }));
const shape = fc.tuple(length, length, length);

describe("products", () => {
  it.each(dtypes)("with weights of %s are the same bits in WebAssembly and in TypeScript", (dtype) => {
    fc.assert(
      fc.property(shape, fc.nat(), ([m, k, n], seed) => {
        const tensor = { shape: [n, k], dtype, bytes: encodeNumbers(numbers(n * k, seed + 1), dtype) };
        const x = numbers(m * k, seed);
        expect(wasm.multiply(x, m, wasm.keep(tensor))).toEqual(plain.multiply(x, m, plain.keep(tensor)));
      }),
    );
  });

  it.each(dtypes)("of a whole feed-forward network of %s are those of its three products", (dtype) => {
    fc.assert(
      fc.property(shape, length, fc.nat(), ([m, width, hidden], outputs, seed) => {
        const tensors = [
          [hidden, width],
          [hidden, width],
          [outputs, hidden],
        ].map((own, i) => ({
          shape: own,
          dtype,
          bytes: encodeNumbers(numbers(own[0] * own[1], seed + i + 1), dtype),
        }));
        const x = numbers(m * width, seed);
        const [gate, up, down] = tensors.map((tensor) => ({ weights: plain.keep(tensor), bias: undefined }));
        const held = tensors.map((tensor) => wasm.keep(tensor)) as [Matrix, Matrix, Matrix];
        expect(wasm.feedForward?.(x, m, ...held)).toEqual(applyFeedForward(plain, x, m, { gate, up, down }));
      }),
    );
  });

  it("of rows anywhere are too, and nothing else is written", () => {
    fc.assert(
      fc.property(shape, fc.nat(), fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }), ([m, k, n], seed, gaps) => {
        const rows = (count: number, width: number, i: number): Rows => {
          const row = width + gaps[i];
          return { data: numbers(gaps[i + 3] + count * row, seed + i), at: gaps[i + 3], row };
        };
        const [x, w, y] = [rows(m, k, 0), rows(n, k, 1), rows(m, n, 2)];
        const other = { ...y, data: y.data.slice() };
        wasm.multiplyRows([m, k, n], x, w, y);
        plain.multiplyRows([m, k, n], x, w, other);
        expect(y.data).toEqual(other.data);
      }),
    );
  });

  it("are within rounding of those in double precision, of more rows than are taken at once", () => {
    const [m, k, n] = [150, 2049, 7];
    const [x, w] = [numbers(m * k, 1), numbers(n * k, 2)];
    const y = wasm.multiply(x, m, wasm.keep({ shape: [n, k], dtype: "F32", bytes: encodeNumbers(w, "F32") }));
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        let size = 0;
        for (let l = 0; l < k; l++) {
          const term = x[i * k + l] * w[j * k + l];
          sum += term;
          size += Math.abs(term);
        }
        // k / 4 + 3 roundings of half a unit in the last place, of partial sums that are not above the sum of sizes.
        expect(Math.abs(y[i * n + j] - sum)).toBeLessThan((k / 4 + 3) * 2 ** -24 * size);
      }
    }
  });

  it("of so many outputs that rows go to the kernel in parts are those of single rows", () => {
    const [m, n] = [17, 2 ** 21]; // 2^25 numbers at a time: 16 rows
    const [x, w] = [numbers(m, 1), numbers(n, 2)];
    const weights = wasm.keep({ shape: [n, 1], dtype: "F32", bytes: encodeNumbers(w, "F32") });
    const all = wasm.multiply(x, m, weights);
    for (const row of [0, 15, 16]) {
      const one = wasm.multiply(x.subarray(row, row + 1), 1, weights);
      expect(Buffer.compare(Buffer.from(one.buffer), Buffer.from(all.slice(row * n, (row + 1) * n).buffer))).toBe(0);
    }
    expect(() => wasm.keep({ shape: [2 ** 30, 1], dtype: "F32", bytes: new Uint8Array(0) })).toThrow(
      "invalid bytes of a tensor of weights; expected at most 3221225472; received",
    );
  });

  it("take every number of 16 bits for what it is", () => {
    const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const tensor = { shape: [65_536, 1], dtype: "F16", bytes: new Uint8Array(bits.buffer) } as const;
    const found = wasm.multiply(Float32Array.of(1), 1, wasm.keep(tensor));
    // Sums begin with 0, to which -0 adds nothing.
    found.forEach((value, i) => {
      const expected = float16Value(i) + 0;
      if (!Object.is(value, expected)) expect([i, value]).toEqual([i, expected]);
    });
    const brain = wasm.multiply(Float32Array.of(1), 1, wasm.keep({ ...tensor, dtype: "BF16" }));
    const wide = new Float32Array(Uint32Array.from({ length: 65_536 }, (_, i) => i << 16).buffer);
    brain.forEach((value, i) => {
      if (!Object.is(value, wide[i] + 0)) expect([i, value]).toEqual([i, wide[i] + 0]);
    });
  });

  it("keep weights as they are stored", () => {
    const fresh = wasmProducts();
    fresh.keep({ shape: [3, 8], dtype: "BF16", bytes: new Uint8Array(48) });
    expect(fresh.keptBytes).toBe(48);
    fresh.keep({ shape: [3, 8], dtype: "F32", bytes: new Uint8Array(96) });
    expect(fresh.keptBytes).toBe(144);
  });

  it("forget them, and keep others in the same memory", () => {
    const some = (value: number) => ({
      shape: [3, 8],
      dtype: "F32" as const,
      bytes: new Uint8Array(Float32Array.from({ length: 24 }, () => value).buffer),
    });
    for (const products of [wasmProducts(64), plainProducts()]) {
      for (const value of [1, 2, 3]) {
        products.clear();
        const kept = products.keep(some(value));
        expect(products.keptBytes).toBe(96);
        expect([...products.multiply(new Float32Array(8 * 40).fill(1), 40, kept)]).toEqual(Array(120).fill(8 * value));
      }
    }
  });
});
