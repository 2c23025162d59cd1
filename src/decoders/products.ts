import type { Dtype } from "../formats/tensor.js";

/** A tensor as it is stored: its bytes are little-endian numbers of the format, last axis fastest. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly bytes: Uint8Array;
}

/**
 * Weights that rows are multiplied with, `[outputs, inputs]`: as PyTorch has them. Kept as they are stored: two bytes a
 * number of F16 and BF16.
 */
export interface Matrix {
  readonly outputs: number;
  readonly inputs: number;
}

/** Rows of consecutive numbers in an array: row i begins at `at + i * row`. */
export interface Rows {
  readonly data: Float32Array;
  readonly at: number;
  readonly row: number;
}

/** x is m x k, w n x k, and the product of x and the transposed w m x n. */
export type ProductShape = readonly [m: number, k: number, n: number];

/**
 * What multiplies. Both kinds give the same bits, in float32: of a product four sums, of the numbers whose places leave
 * the same rest by four, each added in ascending order, then (first + second) + (third + fourth). So a row's product
 * does not depend on the rows beside it.
 */
export interface Products {
  /** Keeps weights, to be multiplied with. */
  keep(tensor: StoredTensor): Matrix;
  /** Forgets all weights that are kept: their memory is that of the next ones. */
  clear(): void;
  /** Bytes that the kept weights take. */
  readonly keptBytes: number;
  /**
   * The product of some rows, `[m, inputs]`, and the transposed weights: `[m, outputs]`, in an array that may be given
   * back (spare-arrays.ts).
   */
  multiply(x: Float32Array, m: number, weights: Matrix): Float32Array;
  /**
   * What a feed-forward network without biases makes of some rows, down(silu(gate(x)) * up(x)), `[m, width]`: the
   * numbers of three products, without the way back and forth in between. Absent, or undefined where it can not do so
   * with these weights: the products are then asked for one by one.
   */
  feedForward?(x: Float32Array, m: number, gate: Matrix, up: Matrix, down: Matrix): Float32Array | undefined;
  /** The product of rows and transposed other rows, which it writes to `y`. */
  multiplyRows(shape: ProductShape, x: Rows, w: Rows, y: Rows): void;
}
