import type { Steps } from "../../pace.js";
import { addProduct, matrix, transposed, type View } from "./products.js";

/** Rows of a design that are multiplied at a time. */
const rowBlock = 512;

/**
 * Weighted Gram matrix Z'WZ.
 *
 * @param rows Z, `[count, columns]`
 * @param weights one for each row, `weights[at + step * s]`
 * @param gram what it is added to, both halves; default nothing
 * @returns `[columns, columns]`, both halves
 */
export function* gramOf(
  rows: View,
  count: number,
  columns: number,
  weights: Float64Array,
  at = 0,
  step = 1,
  gram = new Float64Array(columns * columns),
): Steps<Float64Array> {
  const weighted = new Float64Array(Math.min(rowBlock, count) * columns);
  for (let s = 0; s < count; s += rowBlock) {
    const height = Math.min(rowBlock, count - s);
    const block = { ...rows, at: rows.at + s * rows.row };
    for (let r = 0; r < height; r++) {
      const weight = weights[at + step * (s + r)];
      const row = block.at + r * rows.row;
      for (let c = 0; c < columns; c++) weighted[r * columns + c] = weight * rows.data[row + c];
    }
    // The lower half, in strips.
    for (let c = 0; c < columns; c += strip) {
      const shape = [columns - c, height, Math.min(strip, columns - c)] as const;
      const own = transposed({ ...block, at: block.at + c });
      yield* addProduct(shape, own, matrix(weighted, columns, c), matrix(gram, columns, c * columns + c));
    }
  }
  for (let a = 0; a < columns; a++) for (let b = 0; b < a; b++) gram[b * columns + a] = gram[a * columns + b];
  return gram;
}

/**
 * Columns of a symmetric matrix that are made together; of what is above its diagonal only what lies in their square is
 * made too.
 */
const strip = 128;

/**
 * Share of its own square that has to be left of a column, once those before are taken out, for it to count as another
 * one.
 */
const independent = 1e-10;

/** A = L L' of a symmetric matrix that is positive or nearly so: {@link factorise}. */
export interface Factor {
  readonly size: number;
  /** L, row after row; a column that depends on those before it has zeros. */
  readonly lower: Float64Array;
  /** 1 / L's diagonal; 0 for a column that depends on those before it, whose unknown is then 0. */
  readonly inverseDiagonal: Float64Array;
}

/** Columns, or rows, that are worked on together: all but what is among themselves is a product of matrices. */
const panel = 32;

/**
 * Cholesky's factorisation. Columns that depend on those before them are left out. Only the lower half of the matrix is
 * read.
 */
export function* factorise(whole: Float64Array, size: number, ridge?: Float64Array): Steps<Factor> {
  const lower = whole.slice();
  const inverseDiagonal = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    lower.fill(0, i * size + i + 1, (i + 1) * size);
    lower[i * size + i] += ridge?.[i] ?? 0;
  }
  for (let first = 0; first < size; first += panel) {
    const end = Math.min(size, first + panel);
    const rows = matrix(lower, size, first * size);
    const diagonal = Float64Array.from({ length: end - first }, (_, j) => lower[(first + j) * (size + 1)]);
    yield* addProduct(
      [size - first, first, end - first],
      rows,
      transposed(rows),
      matrix(lower, size, first * size + first),
      -1,
    );
    for (let i = first; i < size; i++) {
      const row = i * size;
      for (let j = first; j < Math.min(i, end); j++) {
        let left = lower[row + j];
        for (let k = first, other = j * size; k < j; k++) left -= lower[row + k] * lower[other + k];
        lower[row + j] = left * inverseDiagonal[j];
      }
      if (i >= end) continue;
      lower.fill(0, row + i + 1, row + end);
      let left = lower[row + i];
      for (let k = first; k < i; k++) left -= lower[row + k] ** 2;
      const counts = left > independent * diagonal[i - first];
      inverseDiagonal[i] = counts ? 1 / Math.sqrt(left) : 0;
      lower[row + i] = counts ? Math.sqrt(left) : 0;
    }
  }
  return { size, lower, inverseDiagonal };
}

/** L^-1 y in place, of the first `unknowns` rows: `[unknowns, outputs]`. */
export function* forwards(
  { size, lower, inverseDiagonal }: Factor,
  y: Float64Array,
  outputs: number,
  unknowns = size,
): Steps<Float64Array> {
  for (let first = 0; first < unknowns; first += panel) {
    const end = Math.min(unknowns, first + panel);
    const own = matrix(y, outputs, first * outputs);
    yield* addProduct([end - first, first, outputs], matrix(lower, size, first * size), matrix(y, outputs), own, -1);
    for (let i = first; i < end; i++) {
      for (let k = first; k < i; k++) {
        const factor = lower[i * size + k];
        if (factor === 0) continue;
        for (let o = 0; o < outputs; o++) y[i * outputs + o] -= factor * y[k * outputs + o];
      }
      for (let o = 0; o < outputs; o++) y[i * outputs + o] *= inverseDiagonal[i];
    }
  }
  return y;
}

/** L'^-1 y in place, of the first `unknowns` rows alone: what solves the equations of the first columns alone. */
export function* backwards(
  { size, lower, inverseDiagonal }: Factor,
  y: Float64Array,
  outputs: number,
  unknowns = size,
): Steps<Float64Array> {
  for (let first = Math.floor((unknowns - 1) / panel) * panel; first >= 0; first -= panel) {
    const end = Math.min(unknowns, first + panel);
    const own = matrix(y, outputs, first * outputs);
    const below = transposed(matrix(lower, size, end * size + first));
    const known = matrix(y, outputs, end * outputs);
    yield* addProduct([end - first, unknowns - end, outputs], below, known, own, -1);
    for (let i = end - 1; i >= first; i--) {
      for (let o = 0; o < outputs; o++) y[i * outputs + o] *= inverseDiagonal[i];
      for (let k = first; k < i; k++) {
        const factor = lower[i * size + k];
        if (factor === 0) continue;
        for (let o = 0; o < outputs; o++) y[k * outputs + o] -= factor * y[i * outputs + o];
      }
    }
  }
  return y;
}
