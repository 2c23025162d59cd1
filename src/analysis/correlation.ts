import { sampleCorrelation } from "simple-statistics";
import { invalid } from "../errors.js";
import { has, isList } from "../kinds.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";

/** Pearson's correlation of two lists of the same length; NaN where one of them does not vary. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  isList("x", x, "numbers");
  isList("y", y, "numbers");
  if (x.length !== y.length || x.length < 2) {
    throw invalid("lists", "two of the same length, at least 2", [x.length, y.length]);
  }
  return Math.max(-1, Math.min(1, sampleCorrelation(Array.from(x), Array.from(y))));
}

/**
 * Correlation of outputs over units: entry [a][b] is Pearson's r between what the units contribute to output a and to
 * output b (figure A4). `[outputs, outputs]`.
 */
export function outputCorrelation(modes: ShapleyModes): number[][] {
  has("modes", modes, "ShapleyModes", "units", "values");
  const { units, outputs, values } = modes;
  const rows = Array.from({ length: outputs }, (_, o) => units.map((_, u) => values[u * outputs + o]));
  return rows.map((a) => rows.map((b) => pearson(a, b)));
}
