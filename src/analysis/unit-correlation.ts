import { has } from "../kinds.js";
import { roundingOfDoubles } from "../modes/lost-digits.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";

/** Outputs in one block: a block of all units then stays in the processor's cache. */
const blockOutputs = 256;

/**
 * Correlation of units over outputs: entry `[a, b]` is Pearson's r between the modes of units a and b, flattened,
 * `[units, units]` row-major; 1 on the diagonal. NaN in the row and the column of a unit whose mode is the same number
 * everywhere, but for rounding.
 */
export function unitCorrelation(
  modes: Pick<ShapleyModes, "units" | "outputs" | "values"> & Partial<Pick<ShapleyModes, "vAll" | "vNone">>,
): Float64Array {
  has("modes", modes, "ShapleyModes", "units", "values");
  const { outputs, values } = modes;
  const n = modes.units.length;
  const rows = 2 * Math.ceil(n / 2); // units go in pairs; the last may be a row of zeros
  const means = Float64Array.from({ length: n }, (_, u) => meanOf(values, u * outputs, outputs));
  const products = new Float64Array(rows * rows);
  const block = new Float64Array(rows * blockOutputs);
  for (let from = 0; from < outputs; from += blockOutputs) {
    const width = Math.min(blockOutputs, outputs - from);
    for (let u = 0; u < n; u++) {
      for (let o = 0; o < width; o++) block[u * blockOutputs + o] = values[u * outputs + from + o] - means[u];
    }
    addProducts(block, rows, width, products);
  }
  const size = (numbers: Float64Array = new Float64Array(0)) =>
    numbers.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const lost = roundingOfDoubles * Math.max(size(values), size(modes.vAll), size(modes.vNone));
  const varies = Array.from({ length: n }, (_, u) => !isConstant(values, u * outputs, outputs, lost));
  const correlations = new Float64Array(n * n).fill(Number.NaN);
  for (let a = 0; a < n; a++) {
    for (let b = a; b < n; b++) {
      if (!varies[a] || !varies[b]) continue;
      const r = products[a * rows + b] / Math.sqrt(products[a * rows + a] * products[b * rows + b]);
      correlations[a * n + b] = correlations[b * n + a] = a === b ? 1 : Math.max(-1, Math.min(1, r));
    }
  }
  return correlations;
}

/** Adds the inner products of all pairs of rows to the upper triangle, two rows with two at a time. */
function addProducts(block: Float64Array, rows: number, width: number, products: Float64Array): void {
  for (let a = 0; a < rows; a += 2) {
    const a0 = a * blockOutputs;
    const a1 = a0 + blockOutputs;
    for (let b = a; b < rows; b += 2) {
      const b0 = b * blockOutputs;
      const b1 = b0 + blockOutputs;
      let [s00, s01, s10, s11] = [0, 0, 0, 0];
      for (let o = 0; o < width; o++) {
        const x0 = block[a0 + o];
        const x1 = block[a1 + o];
        const y0 = block[b0 + o];
        const y1 = block[b1 + o];
        s00 += x0 * y0;
        s01 += x0 * y1;
        s10 += x1 * y0;
        s11 += x1 * y1;
      }
      products[a * rows + b] += s00;
      products[a * rows + b + 1] += s01;
      products[(a + 1) * rows + b] += s10;
      products[(a + 1) * rows + b + 1] += s11;
    }
  }
}

function meanOf(values: Float64Array, from: number, count: number): number {
  let sum = 0;
  for (let i = from; i < from + count; i++) sum += values[i];
  return sum / count;
}

function isConstant(values: Float64Array, from: number, count: number, lost: number): boolean {
  for (let i = from + 1; i < from + count; i++) if (Math.abs(values[i] - values[from]) > lost) return false;
  return true;
}
