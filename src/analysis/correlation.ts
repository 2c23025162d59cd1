import { invalid } from "../errors.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";

/** Pearson's correlation of two lists of the same length; NaN where one of them does not vary. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = x.length;
  if (n !== y.length || n < 2) throw invalid("lists", "two of the same length, at least 2", [n, y.length]);
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i++) {
    meanX += x[i] / n;
    meanY += y[i] / n;
  }
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    const dx = x[i] - meanX;
    const dy = y[i] - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return xx === 0 || yy === 0 ? Number.NaN : Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}

/**
 * Correlation of outputs over units: entry [a][b] is Pearson's r between what the units contribute to output a and to
 * output b (METHOD A4). `[outputs, outputs]`.
 */
export function outputCorrelation(modes: ShapleyModes): number[][] {
  const { units, outputs, values } = modes;
  const rows = Array.from({ length: outputs }, (_, o) => units.map((_, u) => values[u * outputs + o]));
  return rows.map((a) => rows.map((b) => pearson(a, b)));
}
