import { bfloat16Value, float16Value } from "../formats/float16.js";
import { bytesPerNumber, type Dtype, decodeNumbers } from "../formats/tensor.js";
import type { Matrix, ProductShape, Products, Rows, StoredTensor } from "./products.js";

interface PlainMatrix extends Matrix {
  readonly dtype: Dtype;
  readonly numbers: Float32Array | Uint16Array;
}

/** {@link Products} in TypeScript. */
export function plainProducts(): Products {
  let keptBytes = 0;
  return {
    get keptBytes() {
      return keptBytes;
    },
    keep({ shape: [outputs, inputs], dtype, bytes }: StoredTensor): PlainMatrix {
      keptBytes += bytes.length;
      return { outputs, inputs, dtype, numbers: dtype === "F32" ? decodeNumbers(bytes, dtype) : halves(bytes) };
    },
    clear() {
      keptBytes = 0;
    },
    multiply(x, m, weights) {
      const { outputs, inputs, dtype, numbers } = weights as PlainMatrix;
      const y = new Float32Array(m * outputs);
      const from = { data: x, at: 0, row: inputs };
      if (numbers instanceof Float32Array) {
        const w = { data: numbers, at: 0, row: inputs };
        plainProduct([m, inputs, outputs], from, w, { data: y, at: 0, row: outputs });
        return y;
      }
      const value = dtype === "F16" ? float16Value : bfloat16Value;
      const wide = new Float32Array(inputs);
      for (let j = 0; j < outputs; j++) {
        for (let l = 0; l < inputs; l++) wide[l] = value(numbers[j * inputs + l]);
        plainProduct([m, inputs, 1], from, { data: wide, at: 0, row: 0 }, { data: y, at: j, row: outputs });
      }
      return y;
    },
    multiplyRows: plainProduct,
  };
}

/** One product of rows and transposed other rows, as {@link Products} has it. */
export function plainProduct([m, k, n]: ProductShape, x: Rows, w: Rows, y: Rows): void {
  const { fround } = Math;
  const whole = k - (k % 4);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let a = x.at + i * x.row;
      let b = w.at + j * w.row;
      const end = a + whole;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (; a < end; a += 4, b += 4) {
        s0 = fround(s0 + fround(x.data[a] * w.data[b]));
        s1 = fround(s1 + fround(x.data[a + 1] * w.data[b + 1]));
        s2 = fround(s2 + fround(x.data[a + 2] * w.data[b + 2]));
        s3 = fround(s3 + fround(x.data[a + 3] * w.data[b + 3]));
      }
      if (k - whole > 0) s0 = fround(s0 + fround(x.data[a] * w.data[b]));
      if (k - whole > 1) s1 = fround(s1 + fround(x.data[a + 1] * w.data[b + 1]));
      if (k - whole > 2) s2 = fround(s2 + fround(x.data[a + 2] * w.data[b + 2]));
      y.data[y.at + i * y.row + j] = fround(fround(s0 + s1) + fround(s2 + s3));
    }
  }
}

/** The bits of numbers of 16 bits. */
function halves(bytes: Uint8Array): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: bytes.length / bytesPerNumber("F16") }, (_, i) => view.getUint16(2 * i, true));
}
