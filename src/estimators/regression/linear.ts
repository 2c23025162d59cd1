/** Rows of a design that are worked on at a time: they stay in the processor's nearer memory. */
const rowBlock = 32;

/**
 * Weighted Gram matrix Z'WZ of some rows of a design.
 *
 * @param rows `[rows, columns]`
 * @param weights one for each row
 * @param which indices of the rows
 * @returns `[columns, columns]`, both halves
 */
export function gramOf(rows: Float64Array, columns: number, weights: Float64Array, which: Uint32Array): Float64Array {
  const gram = new Float64Array(columns * columns);
  const block = new Float64Array(rowBlock * columns);
  const weighted = new Float64Array(rowBlock);
  for (let from = 0; from < which.length; from += rowBlock) {
    const height = Math.min(rowBlock, which.length - from);
    // Column after column, so that the innermost loop runs along both.
    for (let r = 0; r < height; r++) {
      const row = which[from + r] * columns;
      weighted[r] = weights[which[from + r]];
      for (let c = 0; c < columns; c++) block[c * rowBlock + r] = rows[row + c];
    }
    for (let r = height; r < rowBlock; r++) {
      weighted[r] = 0;
      for (let c = 0; c < columns; c++) block[c * rowBlock + r] = 0;
    }
    addGram(gram, block, weighted, columns);
  }
  for (let a = 0; a < columns; a++) for (let b = 0; b < a; b++) gram[b * columns + a] = gram[a * columns + b];
  return gram;
}

/** Adds the lower half of what a block of rows gives. */
function addGram(gram: Float64Array, block: Float64Array, weights: Float64Array, columns: number): void {
  const own = new Float64Array(rowBlock);
  for (let a = 0; a < columns; a++) {
    for (let r = 0; r < rowBlock; r++) own[r] = block[a * rowBlock + r] * weights[r];
    for (let b = 0; b <= a; b++) gram[a * columns + b] += dot(own, 0, block, b * rowBlock, rowBlock);
  }
}

/** Sum of products of some numbers of two arrays: four sums side by side, as processors add. */
function dot(a: Float64Array, atA: number, b: Float64Array, atB: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = length - (length % 4);
  for (let k = 0; k < whole; k += 4) {
    s0 += a[atA + k] * b[atB + k];
    s1 += a[atA + k + 1] * b[atB + k + 1];
    s2 += a[atA + k + 2] * b[atB + k + 2];
    s3 += a[atA + k + 3] * b[atB + k + 3];
  }
  for (let k = whole; k < length; k++) s0 += a[atA + k] * b[atB + k];
  return s0 + s1 + (s2 + s3);
}

/** Z'Wy of some rows: `[columns, outputs]`. */
export function crossProduct(
  rows: Float64Array,
  columns: number,
  weights: Float64Array,
  which: Uint32Array,
  values: Float64Array,
  outputs: number,
): Float64Array {
  const product = new Float64Array(columns * outputs);
  for (const s of which) {
    for (let c = 0; c < columns; c++) {
      const factor = rows[s * columns + c] * weights[s];
      for (let o = 0; o < outputs; o++) product[c * outputs + o] += factor * values[s * outputs + o];
    }
  }
  return product;
}

/** Share of its own square that has to be left of a column, once those before are taken out, for it to count as another one. */
const independent = 1e-10;

/** A = L L' of a symmetric matrix that is positive or nearly so: {@link factorise}. */
export interface Factor {
  readonly size: number;
  /** L, row after row; a column that depends on those before it has zeros. */
  readonly lower: Float64Array;
  /** 1 / L's diagonal; 0 for a column that depends on those before it, whose unknown is then 0. */
  readonly inverseDiagonal: Float64Array;
}

/** Rows that are factorised side by side, so that each earlier row is fetched once for all of them. */
const together = 4;

/** Cholesky's factorisation. Columns that depend on those before them are left out. Only the lower half of the matrix is read. */
export function factorise(matrix: Float64Array, size: number, ridge?: Float64Array): Factor {
  const lower = new Float64Array(size * size);
  const inverseDiagonal = new Float64Array(size);
  const sums = new Float64Array(together);
  for (let first = 0; first < size; first += together) {
    const end = Math.min(size, first + together);
    for (let j = 0; j < first; j++) {
      if (end - first === together) {
        fourDots(lower, first * size, size, j * size, j, sums);
      } else {
        for (let i = first; i < end; i++) sums[i - first] = dot(lower, i * size, lower, j * size, j);
      }
      for (let i = first; i < end; i++) {
        lower[i * size + j] = (matrix[i * size + j] - sums[i - first]) * inverseDiagonal[j];
      }
    }
    for (let i = first; i < end; i++) {
      const row = i * size;
      for (let j = first; j < i; j++) {
        lower[row + j] = (matrix[row + j] - dot(lower, row, lower, j * size, j)) * inverseDiagonal[j];
      }
      const whole = matrix[row + i] + (ridge?.[i] ?? 0);
      const left = whole - dot(lower, row, lower, row, i);
      if (!(left > independent * whole)) continue;
      lower[row + i] = Math.sqrt(left);
      inverseDiagonal[i] = 1 / lower[row + i];
    }
  }
  return { size, lower, inverseDiagonal };
}

/** Products of four rows that follow each other with one, of their first numbers. */
function fourDots(rows: Float64Array, at: number, size: number, one: number, length: number, sums: Float64Array): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const at1 = at + size;
  const at2 = at1 + size;
  const at3 = at2 + size;
  for (let k = 0; k < length; k++) {
    const value = rows[one + k];
    s0 += rows[at + k] * value;
    s1 += rows[at1 + k] * value;
    s2 += rows[at2 + k] * value;
    s3 += rows[at3 + k] * value;
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
}

/** L^-1 y in place, of the first `unknowns` rows: `[unknowns, outputs]`. */
export function forwards({ size, lower, inverseDiagonal }: Factor, y: Float64Array, outputs: number, unknowns = size) {
  for (let i = 0; i < unknowns; i++) {
    for (let k = 0; k < i; k++) {
      const factor = lower[i * size + k];
      if (factor === 0) continue;
      for (let o = 0; o < outputs; o++) y[i * outputs + o] -= factor * y[k * outputs + o];
    }
    for (let o = 0; o < outputs; o++) y[i * outputs + o] *= inverseDiagonal[i];
  }
  return y;
}

/** {@link forwards} of a single column. */
export function forwardsOne({ size, lower, inverseDiagonal }: Factor, y: Float64Array, unknowns: number): void {
  for (let i = 0; i < unknowns; i++) {
    let sum = y[i];
    for (let k = 0, at = i * size; k < i; k++, at++) sum -= lower[at] * y[k];
    y[i] = sum * inverseDiagonal[i];
  }
}

/** L'^-1 y in place, of the first `unknowns` rows alone: what solves the equations of the first columns alone. */
export function backwards({ size, lower, inverseDiagonal }: Factor, y: Float64Array, outputs: number, unknowns = size) {
  for (let i = unknowns - 1; i >= 0; i--) {
    for (let o = 0; o < outputs; o++) y[i * outputs + o] *= inverseDiagonal[i];
    for (let k = 0; k < i; k++) {
      const factor = lower[i * size + k];
      if (factor === 0) continue;
      for (let o = 0; o < outputs; o++) y[k * outputs + o] -= factor * y[i * outputs + o];
    }
  }
  return y;
}
