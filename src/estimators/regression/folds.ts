import type { Steps } from "../../pace.js";
import type { Design } from "./design.js";
import { addProduct, matrix, transposed, type View } from "./products.js";
import type { SizeTerms } from "./size-terms.js";

/** Folds of the pairs: a fold's triples and their coefficients come from the others. */
export const folds = 4;

/** Pairs in the order of their folds, and where each fold begins. */
export function byFold(pairs: number, folds: number): { readonly pairs: Uint32Array; readonly start: Uint32Array } {
  const order = new Uint32Array(pairs);
  const start = new Uint32Array(folds + 1);
  let at = 0;
  for (let fold = 0; fold < folds; fold++) {
    start[fold] = at;
    for (let s = fold; s < pairs; s += folds) order[at++] = s;
  }
  start[folds] = at;
  return { pairs: order, start };
}

/** The rows of the terms of size that belong to the pairs of a fold. */
export function rowsOf({ rows, columns }: SizeTerms, fold: number): View {
  return { data: rows, at: fold * columns, row: folds * columns, column: 1 };
}

/** Products of the terms of size with weighted residuals, summed over the pairs of each fold: `[columns, outputs]`. */
export function* rightSides(
  design: Design,
  terms: SizeTerms,
  columns: number,
  weighted: Float64Array,
  outputs: number,
): Steps<Float64Array[]> {
  const sides: Float64Array[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const targets: View = { data: weighted, at: fold * outputs, row: folds * outputs, column: 1 };
    const right = new Float64Array(columns * outputs);
    const shape = [columns, pairsIn(fold, design.pairs), outputs] as const;
    yield* addProduct(shape, transposed(rowsOf(terms, fold)), targets, matrix(right, outputs));
    sides.push(right);
  }
  return sides;
}

/** How many pairs a fold has. */
export function pairsIn(fold: number, pairs: number): number {
  return Math.floor((pairs - fold + folds - 1) / folds);
}

/** Sums over the pairs that are not in a fold. @param parts of each fold */
export function sumOfOthers(parts: readonly Float64Array[], fold: number): Float64Array {
  const sum = new Float64Array(parts[0].length);
  parts.forEach((part, other) => {
    if (other === fold) return;
    for (let i = 0; i < sum.length; i++) sum[i] += part[i];
  });
  return sum;
}
