import { compiledKernel } from "../compiled-kernel.js";
import { invalid } from "../errors.js";
import { bytesPerNumber, type Dtype } from "../formats/tensor.js";
import { gateRows } from "./parts.js";
import { plainProduct } from "./plain-products.js";
import type { Matrix, ProductShape, Products, Rows, StoredTensor } from "./products.js";
import { copyNumbers } from "./rows.js";
import { takeArray } from "./spare-arrays.js";

interface Kernel {
  readonly memory: WebAssembly.Memory;
  multiply(
    ...numbers: [
      ...shape: ProductShape,
      ...x: [pointer: number, row: number],
      ...w: [pointer: number, row: number],
      ...y: [pointer: number, row: number],
      format: number,
      wide: number,
    ]
  ): void;
}

/** A memory with weights, and behind them room for one product. */
interface Bank {
  readonly kernel: Kernel;
  /** Where the room begins. */
  end: number;
}

interface HeldMatrix extends Matrix {
  readonly bank: Bank;
  readonly at: number;
  readonly format: number;
  /** Numbers from row to row: a multiple of four. */
  readonly stride: number;
}

const pageBytes = 65_536;
/** Bytes of weights that a memory takes: one has 4 GB at most, and a product wants room beside them. */
const bankBytes = 2 ** 30;
/** Bytes of weights in one tensor that fit beside room for a product. */
const mostBytes = 3 * 2 ** 30;
/** Numbers of rows and products that go to the kernel at a time, 128 MB. */
const roomNumbers = 2 ** 25;
/** Fewer multiplications than these are not worth the way to the kernel. */
const few = 512;
/** How the kernel calls the formats. */
const formats: Readonly<Record<Dtype, number>> = { F32: 0, F16: 1, BF16: 2 };

/**
 * {@link Products} on WebAssembly SIMD. Weights are kept in its memories, so that a product copies rows alone.
 *
 * @param most numbers of rows and products that go to the kernel at a time; less is less memory, and a call more now
 *   and then
 */
export function wasmProducts(most: number = roomNumbers): Products {
  const banks: Bank[] = [];
  const loose = newBank();
  let keptBytes = 0;

  function bankFor(bytes: number): Bank {
    const open = banks.find(({ end }) => end + bytes <= bankBytes);
    if (open) return open;
    const fresh = newBank();
    banks.push(fresh);
    return fresh;
  }

  return {
    get keptBytes() {
      return keptBytes;
    },
    keep({ shape: [outputs, inputs], dtype, bytes }: StoredTensor): HeldMatrix {
      const each = bytesPerNumber(dtype);
      const stride = wholeFours(inputs);
      const size = outputs * stride * each;
      if (size > mostBytes) throw invalid("bytes of a tensor of weights", `at most ${mostBytes}`, size);
      const bank = bankFor(size);
      const at = bank.end;
      bank.end += Math.ceil(size / 16) * 16;
      room(bank, 0);
      const memory = new Uint8Array(bank.kernel.memory.buffer);
      if (stride === inputs) memory.set(bytes, at);
      else {
        const row = inputs * each;
        memory.fill(0, at, at + size);
        for (let j = 0; j < outputs; j++) memory.set(bytes.subarray(j * row, (j + 1) * row), at + j * stride * each);
      }
      keptBytes += size;
      return { outputs, inputs, bank, at, format: formats[dtype], stride };
    },
    clear() {
      for (const bank of banks) bank.end = pageBytes;
      keptBytes = 0;
    },
    multiply(x, m, weights) {
      const { outputs, inputs, bank, at, format, stride } = weights as HeldMatrix;
      const y = takeArray(m * outputs);
      const wRow = stride * (format === 0 ? 4 : 2);
      const atOnce = Math.max(16, Math.floor(most / (stride + outputs)));
      for (let from = 0; from < m; from += atOnce) {
        const rows = Math.min(atOnce, m - from);
        const [atX, atY, atWide] = room(bank, rows * stride, rows * outputs, format === 0 ? 0 : 4 * stride);
        const memory = new Float32Array(bank.kernel.memory.buffer);
        copyIn(memory, atX, { data: x, at: from * inputs, row: inputs }, rows, inputs);
        bank.kernel.multiply(rows, stride, outputs, atX, 4 * stride, at, wRow, atY, 4 * outputs, format, atWide);
        y.set(memory.subarray(atY / 4, atY / 4 + rows * outputs), from * outputs);
      }
      return y;
    },
    feedForward(x, m, ...matrices) {
      const [gate, up, down] = matrices as readonly Matrix[] as readonly HeldMatrix[];
      const { bank } = gate;
      if (up.bank !== bank || down.bank !== bank) return undefined;
      const [width, inputs, hidden] = [gate.inputs, gate.stride, down.stride];
      const y = takeArray(m * down.outputs);
      const wide = 4 * Math.max(...[gate, up, down].map(({ format, stride }) => (format === 0 ? 0 : stride)));
      const atOnce = Math.max(16, Math.floor(most / (inputs + 2 * hidden + down.outputs)));
      for (let from = 0; from < m; from += atOnce) {
        const rows = Math.min(atOnce, m - from);
        const sizes = [rows * inputs, rows * hidden, rows * hidden, rows * down.outputs, wide];
        const [atX, atGate, atUp, atY, atWide] = room(bank, ...sizes);
        const memory = new Float32Array(bank.kernel.memory.buffer);
        copyIn(memory, atX, { data: x, at: from * width, row: width }, rows, width);
        // What rows are filled up with has to be 0.
        if (hidden !== down.inputs) memory.fill(0, atGate / 4, atGate / 4 + rows * hidden);
        const product = (a: number, weights: HeldMatrix, b: number, row: number) => {
          const { at, format, stride, outputs } = weights;
          const wRow = stride * (format === 0 ? 4 : 2);
          bank.kernel.multiply(rows, stride, outputs, a, 4 * stride, at, wRow, b, 4 * row, format, atWide);
        };
        product(atX, gate, atGate, hidden);
        product(atX, up, atUp, hidden);
        for (let i = 0; i < rows; i++) {
          gateRows(memory, memory, atGate / 4 + i * hidden, atUp / 4 + i * hidden, down.inputs);
        }
        product(atGate, down, atY, down.outputs);
        y.set(memory.subarray(atY / 4, atY / 4 + rows * down.outputs), from * down.outputs);
      }
      return y;
    },
    multiplyRows(shape, x, w, y) {
      const [m, k, n] = shape;
      if (m * k * n <= few) {
        plainProduct(shape, x, w, y);
        return;
      }
      const stride = wholeFours(k);
      const [atX, atW, atY] = room(loose, m * stride, n * stride, m * n);
      const memory = new Float32Array(loose.kernel.memory.buffer);
      copyIn(memory, atX, x, m, k);
      copyIn(memory, atW, w, n, k);
      loose.kernel.multiply(m, stride, n, atX, 4 * stride, atW, 4 * stride, atY, 4 * n, 0, 0);
      for (let i = 0; i < m; i++) copyNumbers(memory, atY / 4 + i * n, y.data, y.at + i * y.row, n);
    },
  };
}

function newBank(): Bank {
  return {
    kernel: new WebAssembly.Instance(compiledKernel("decoders/products")).exports as unknown as Kernel,
    end: pageBytes,
  }; // the first page is the kernel's own
}

/** Room behind the weights for arrays of so many numbers. @returns where each begins */
function room(bank: Bank, ...numbers: readonly number[]): number[] {
  let end = bank.end;
  const places = numbers.map((count) => {
    const at = end;
    end += 4 * wholeFours(count);
    return at;
  });
  const missing = Math.ceil((end - bank.kernel.memory.buffer.byteLength) / pageBytes);
  if (missing > 0) bank.kernel.memory.grow(missing);
  return places;
}

function wholeFours(count: number): number {
  return Math.ceil(count / 4) * 4;
}

/** Copies rows, filled up with zeros to a multiple of four. */
function copyIn(memory: Float32Array, place: number, { data, at, row }: Rows, count: number, length: number): void {
  const stride = wholeFours(length);
  let to = place / 4;
  if (stride === length && row === length) {
    memory.set(data.subarray(at, at + count * length), to);
    return;
  }
  for (let i = 0; i < count; i++) {
    copyNumbers(data, at + i * row, memory, to, length);
    for (let l = length; l < stride; l++) memory[to + l] = 0;
    to += stride;
  }
}
