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
    for (let b = 0; b <= a; b++) {
      const at = b * rowBlock;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let r = 0; r < rowBlock; r += 4) {
        s0 += own[r] * block[at + r];
        s1 += own[r + 1] * block[at + r + 1];
        s2 += own[r + 2] * block[at + r + 2];
        s3 += own[r + 3] * block[at + r + 3];
      }
      gram[a * columns + b] += s0 + s1 + (s2 + s3);
    }
  }
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

/** Cholesky's factorisation. Columns that depend on those before them are left out. Only the lower half of the matrix is read. */
export function factorise(matrix: Float64Array, size: number, ridge?: Float64Array): Factor {
  const lower = new Float64Array(size * size);
  const inverseDiagonal = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const rowI = i * size;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * size;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      let k = 0;
      for (; k + 3 < j; k += 4) {
        s0 += lower[rowI + k] * lower[rowJ + k];
        s1 += lower[rowI + k + 1] * lower[rowJ + k + 1];
        s2 += lower[rowI + k + 2] * lower[rowJ + k + 2];
        s3 += lower[rowI + k + 3] * lower[rowJ + k + 3];
      }
      for (; k < j; k++) s0 += lower[rowI + k] * lower[rowJ + k];
      const sum = s0 + s1 + (s2 + s3);
      if (j < i) {
        lower[rowI + j] = (matrix[rowI + j] - sum) * inverseDiagonal[j];
        continue;
      }
      const whole = matrix[rowI + i] + (ridge?.[i] ?? 0);
      const left = whole - sum;
      if (!(left > independent * whole)) continue;
      lower[rowI + i] = Math.sqrt(left);
      inverseDiagonal[i] = 1 / lower[rowI + i];
    }
  }
  return { size, lower, inverseDiagonal };
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
