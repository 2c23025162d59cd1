import type { Steps } from "../../pace.js";
import { compiledKernel } from "./kernel.js";

/** A matrix in an array: number [i, j] is `data[at + i * row + j * column]`. */
export interface View {
  readonly data: Float64Array;
  readonly at: number;
  readonly row: number;
  readonly column: number;
}

/** A matrix whose rows follow each other. */
export function matrix(data: Float64Array, columns: number, at = 0): View {
  return { data, at, row: columns, column: 1 };
}

/** The same numbers, rows for columns. */
export function transposed({ data, at, row, column }: View): View {
  return { data, at, row: column, column: row };
}

/** a is m x k, b k x n, and their product m x n. */
export type ProductShape = readonly [m: number, k: number, n: number];

/** The kernel of products.as.ts. */
export interface ProductsKernel {
  readonly memory: WebAssembly.Memory;
  multiply(
    ...numbers: [
      ...shape: ProductShape,
      ...a: [pointer: number, row: number, column: number],
      ...b: [pointer: number, row: number, column: number],
      ...c: [pointer: number, row: number],
      sign: number,
      packed: number,
    ]
  ): void;
  signProducts(
    ...numbers: [
      ...a: [pointer: number, columns: number],
      ...b: [pointer: number, columns: number],
      ...words: [words: number, weights: number, total: number],
      products: number,
    ]
  ): void;
}

/** Fewer multiplications than these are not worth the way to the kernel. */
const few = 4096;
/** What the kernel is given at a time: some 60 ms of work, and 10 MB. */
const most = { m: 512, k: 512, n: 512 };
/** Numbers of the kernel's own: `packed` in products.as.ts. */
const packed = 260 * 256 + 16;
const pageBytes = 65_536;

/**
 * c += a b, or c -= a b, on WebAssembly SIMD. Products are added to each number of c one by one, in ascending order,
 * each rounded to float64: the bits of {@link plainProduct}.
 *
 * @param c with rows of consecutive numbers; shares none with a and b
 */
export function* addProduct(shape: ProductShape, a: View, b: View, c: View, sign: 1 | -1 = 1): Steps<void> {
  const [m, k, n] = shape;
  if (m * k * n <= few) {
    plainProduct(shape, a, b, c, sign);
    return;
  }
  for (let i = 0; i < m; i += most.m) {
    for (let j = 0; j < n; j += most.n) {
      for (let l = 0; l < k; l += most.k) {
        const part = [Math.min(most.m, m - i), Math.min(most.k, k - l), Math.min(most.n, n - j)] as const;
        productInKernel(part, from(a, i, l), from(b, l, j), from(c, i, j), sign);
        if (part[0] * part[1] * part[2] > 1 << 20) yield;
      }
    }
  }
}

/** {@link addProduct} in TypeScript. */
export function plainProduct([m, k, n]: ProductShape, a: View, b: View, c: View, sign: 1 | -1 = 1): void {
  for (let i = 0; i < m; i++) {
    const to = c.at + i * c.row;
    for (let l = 0; l < k; l++) {
      const factor = sign * a.data[a.at + i * a.row + l * a.column];
      const row = b.at + l * b.row;
      for (let j = 0; j < n; j++) c.data[to + j] += factor * b.data[row + j * b.column];
    }
  }
}

function from(view: View, i: number, j: number): View {
  return { ...view, at: view.at + i * view.row + j * view.column };
}

function productInKernel([m, k, n]: ProductShape, a: View, b: View, c: View, sign: 1 | -1): void {
  const kernel = productsKernel(m * k + k * n + m * n + packed);
  if (!kernel) {
    plainProduct([m, k, n], a, b, c, sign);
    return;
  }
  const memory = new Float64Array(kernel.memory.buffer);
  const atA = pageBytes / 8;
  const atB = atA + m * k;
  const atC = atB + k * n;
  const [aRow, aColumn] = copyIn(memory, atA, a, m, k);
  const [bRow, bColumn] = copyIn(memory, atB, b, k, n);
  copyIn(memory, atC, c, m, n);
  const atPacked = atC + m * n;
  kernel.multiply(m, k, n, 8 * atA, aRow, aColumn, 8 * atB, bRow, bColumn, 8 * atC, n, sign, 8 * atPacked);
  copyOut(memory, atC, c, m, n);
}

/** Rows shorter than these are copied number by number. */
const short = 24;

/** Copies a matrix along whichever of its sides numbers are consecutive. @returns its strides there */
function copyIn(memory: Float64Array, at: number, view: View, rows: number, columns: number) {
  if (view.column !== 1 && view.row === 1) {
    copyRows(view.data, view.at, view.column, memory, at, rows, columns, rows);
    return [1, rows] as const;
  }
  if (view.column === 1) {
    copyRows(view.data, view.at, view.row, memory, at, columns, rows, columns);
  } else {
    const { data, at: start, row, column } = view;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) memory[at + i * columns + j] = data[start + i * row + j * column];
    }
  }
  return [columns, 1] as const;
}

function copyOut(memory: Float64Array, at: number, { data, at: start, row }: View, rows: number, columns: number) {
  copyRows(memory, at, columns, data, start, row, rows, columns);
}

function copyRows(
  from: Float64Array,
  at: number,
  step: number,
  to: Float64Array,
  toAt: number,
  toStep: number,
  rows: number,
  length: number,
): void {
  if (step === length && toStep === length) to.set(from.subarray(at, at + rows * length), toAt);
  else if (length >= short) {
    for (let i = 0; i < rows; i++) to.set(from.subarray(at + i * step, at + i * step + length), toAt + i * toStep);
  } else {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < length; j++) to[toAt + i * toStep + j] = from[at + i * step + j];
    }
  }
}

let kernel: ProductsKernel | null | undefined;

/**
 * The kernel, its memory behind the first page scratch for one call; undefined where there is none
 * ({@link compiledKernel}).
 *
 * @param numbers of float64 that there is to be room for
 */
export function productsKernel(numbers: number): ProductsKernel | undefined {
  if (kernel === undefined) {
    const compiled = compiledKernel("products");
    kernel = compiled ? (new WebAssembly.Instance(compiled).exports as unknown as ProductsKernel) : null;
  }
  if (kernel === null) return undefined;
  const missing = Math.ceil((pageBytes + 8 * numbers - kernel.memory.buffer.byteLength) / pageBytes);
  if (missing > 0) kernel.memory.grow(missing);
  return kernel;
}
