import { isIntact } from "../../coalitions/coalition.js";
import type { ComplementPairs } from "../../coalitions/complement-pairs.js";
import type { JsonObject } from "../../json.js";
import type { Steps } from "../../pace.js";
import { weightedRows } from "../regression/fit.js";
import { backwards, type Factor, factorise, forwards, gramOf } from "../regression/linear.js";
import { addProduct, matrix, transposed } from "../regression/products.js";
import { Rounding } from "../regression/rounding.js";
import { type EvenDesign, evenDesign } from "./even-design.js";

/** Interactions of all pairs of units, i < j in lexicographic order. */
export interface PairEstimate {
  /** `[pairs of units, outputs]` */
  readonly values: Float64Array;
  /** `[pairs of units, outputs]`; NaN where there are hardly more rows than unknowns. */
  readonly standardErrors: Float64Array;
  /** `[pairs of units]` */
  readonly meanStandardErrors: Float64Array;
  /** Unknowns of the regression that do not follow from each other. */
  readonly unknowns: number;
  /**
   * `fitted_exactly`, where the regression leaves nothing of the rows of an output: errors know nothing of pairs that
   * were not drawn.
   */
  readonly said: JsonObject;
}

/** Rows beyond the unknowns from which on their residuals say how large errors are. */
export const leastFreedom = 3;
/** Rows that are worked on at a time. */
const block = 512;

/** Rows `from` to `to - 1`, some at a time. */
function blocksOf({ pairs: { length } }: EvenDesign): [from: number, to: number][] {
  return Array.from({ length: Math.ceil(length / block) }, (_, b) => [b * block, Math.min(length, (b + 1) * block)]);
}

/** The regression before anything is evaluated: its rows and their factorisation. */
export interface EvenRegression {
  readonly pairs: ComplementPairs;
  readonly design: EvenDesign;
  readonly factor: Factor | undefined;
  readonly unknowns: number;
  /** Whether the rows settle every interaction. */
  readonly settled: boolean;
}

/** Sets the regression up. */
export function* evenRegression(pairs: ComplementPairs): Steps<EvenRegression> {
  const design = evenDesign(pairs);
  const { units, columns } = design;
  const singles = pairs.sizes.reduce((count, size) => count + (size === 1 ? 1 : 0), 0);
  const wanted = units < 4 ? 0 : (units * (units - 3)) / 2;
  if (wanted === 0 || singles < units) {
    return { pairs, design, factor: undefined, unknowns: 0, settled: singles >= (units === 2 ? 1 : units) };
  }
  const gram = new Float64Array(columns * columns);
  for (const [from, to] of blocksOf(design)) {
    yield* gramOf(matrix(design.rows(from, to), columns), to - from, columns, design.weights, from, 1, gram);
  }
  const factor = yield* factorise(gram, columns);
  return { pairs, design, factor, unknowns: columns, settled: factor.inverseDiagonal.every((d) => d > 0) };
}

/**
 * SII of all pairs of units from pairs of complements. What v(S) and v(complement) have in common, their mean, is all
 * that matters: SII_ij = 4 sum over T containing i and j, |T| even, of beta_T / (|T| - 1) in the basis of products of
 * x. The sums over a unit are exact, sum over j of SII_ij = v(all) - v(all but i) - v(i alone) + v(none), and so is all
 * of the interactions that follows from such sums; the rest, I_ij with sums of 0, comes from the regression of
 * {@link evenDesign}. Consistent, not unbiased; exact where all pairs are there.
 *
 * Standard errors: those of a sum over the rows, jackknifed (HC3 of MacKinnon and White 1985), each row times 1 - the
 * probability with which it was drawn, and never less than rounding.
 *
 * @param means `(v(S) + v(complement)) / 2` of each pair, `[pairs, outputs]`, here and in `sum` of v less any number
 * @param sum v(all) + v(none), `[outputs]`
 */
export function* pairInteractions(
  { pairs, design, factor, unknowns }: EvenRegression,
  means: Float64Array,
  sum: Float64Array,
): Steps<PairEstimate> {
  const { units } = design;
  const outputs = sum.length;
  const count = (units * (units - 1)) / 2;
  const values = new Float64Array(count * outputs);
  const rowSums = sumsOver(pairs, means, sum);
  const variances = new Float64Array(count * outputs);
  const meanVariances = new Float64Array(count);
  let said: JsonObject = {};
  if (factor) {
    const { columns, first, weights } = design;
    const height = design.pairs.length;
    const residuals = new Float64Array(height * outputs);
    design.pairs.forEach((pair, r) => residuals.set(means.subarray(pair * outputs, (pair + 1) * outputs), r * outputs));
    const coefficients = new Float64Array(columns * outputs);
    const solution = matrix(coefficients, outputs);
    for (const [from, to] of blocksOf(design)) {
      const targets = residuals.subarray(from * outputs, to * outputs);
      const weighted = matrix(weightedRows(targets, weights.subarray(from, to), outputs), outputs);
      const rows = transposed(matrix(design.rows(from, to), columns));
      yield* addProduct([columns, to - from, outputs], rows, weighted, solution);
    }
    yield* forwards(factor, coefficients, outputs);
    yield* backwards(factor, coefficients, outputs);
    ofAllPairs(design, coefficients.subarray(first * outputs), outputs, values);
    withoutSums(values, units, outputs);
    for (const [from, to] of blocksOf(design)) {
      const rows = matrix(design.rows(from, to), columns);
      const left = matrix(residuals, outputs, from * outputs);
      yield* addProduct([to - from, columns, outputs], rows, solution, left, -1);
    }
    yield* addVariances(design, factor, residuals, outputs, variances, meanVariances);
    if (height < unknowns + leastFreedom && !pairs.complete) {
      variances.fill(Number.NaN);
      meanVariances.fill(Number.NaN);
    } else if (!pairs.complete) {
      const rounding = new Rounding();
      rounding.add(variances, means, residuals, sum);
      rounding.addToMeans(meanVariances, outputs);
      rounding.forget(variances, meanVariances, height - unknowns);
      said = rounding.said(height, height - unknowns, outputs, "the fit of interactions");
    }
  }
  addSums(values, rowSums, units, outputs);
  return {
    values,
    standardErrors: variances.map(Math.sqrt),
    meanStandardErrors: meanVariances.map(Math.sqrt),
    unknowns,
    said,
  };
}

/** Sum over j of SII_ij for each unit i: v(all) - v(all but i) - v(i alone) + v(none), `[units, outputs]`. */
function sumsOver({ sets, sizes }: ComplementPairs, means: Float64Array, sum: Float64Array): Float64Array {
  const { units } = sets;
  const outputs = sum.length;
  const sums = new Float64Array(units * outputs);
  sizes.forEach((size, pair) => {
    if (size !== 1) return;
    for (let u = 0; u < units; u++) {
      // Of two units the pair of one is that of the other.
      if (units > 2 && !isIntact(sets, pair, u)) continue;
      for (let o = 0; o < outputs; o++) sums[u * outputs + o] = sum[o] - 2 * means[pair * outputs + o];
    }
  });
  return sums;
}

/** Four times the numbers of the pairs of units that have columns, each in its place; the others are 0. */
function ofAllPairs({ unitPairs }: EvenDesign, own: Float64Array, width: number, all: Float64Array): void {
  unitPairs.forEach((pair, column) => {
    for (let o = 0; o < width; o++) all[pair * width + o] = 4 * own[column * width + o];
  });
}

/** Takes from numbers of all pairs what follows from their sums over a unit, in place: these are 0 then. */
function withoutSums(values: Float64Array, units: number, outputs: number): void {
  const sums = new Float64Array(units * outputs);
  let at = 0;
  for (let i = 0; i < units; i++) {
    for (let j = i + 1; j < units; j++, at += outputs) {
      for (let o = 0; o < outputs; o++) {
        sums[i * outputs + o] -= values[at + o];
        sums[j * outputs + o] -= values[at + o];
      }
    }
  }
  addSums(values, sums, units, outputs);
}

/** Adds the numbers a_i + a_j + b whose sums over a unit are those given. */
function addSums(values: Float64Array, sums: Float64Array, units: number, outputs: number): void {
  if (units === 2) {
    for (let o = 0; o < outputs; o++) values[o] += sums[o];
    return;
  }
  const totals = new Float64Array(outputs);
  for (let i = 0; i < sums.length; i++) totals[i % outputs] += sums[i];
  let at = 0;
  for (let i = 0; i < units; i++) {
    for (let j = i + 1; j < units; j++, at += outputs) {
      for (let o = 0; o < outputs; o++) {
        const both = sums[i * outputs + o] + sums[j * outputs + o];
        values[at + o] += (both - totals[o] / (units - 1)) / (units - 2);
      }
    }
  }
}

/** Sum over the rows of (1 - p) (m r / (1 - h))^2, m being what a row's target adds to an interaction. */
function* addVariances(
  design: EvenDesign,
  factor: Factor,
  residuals: Float64Array,
  outputs: number,
  variances: Float64Array,
  meanVariances: Float64Array,
): Steps<void> {
  const { units, columns, first, weights, undrawn } = design;
  const count = meanVariances.length;
  for (const [from, to] of blocksOf(design)) {
    const height = to - from;
    if (undrawn.subarray(from, from + height).every((share) => share <= 0)) continue;
    const rows = design.rows(from, to);
    const solved = new Float64Array(columns * height);
    for (let s = 0; s < height; s++) for (let c = 0; c < columns; c++) solved[c * height + s] = rows[s * columns + c];
    yield* forwards(factor, solved, height);
    const leverages = new Float64Array(height);
    for (let c = 0; c < columns; c++) for (let s = 0; s < height; s++) leverages[s] += solved[c * height + s] ** 2;
    yield* backwards(factor, solved, height);
    const influence = new Float64Array(count * height);
    ofAllPairs(design, solved.subarray(first * height), height, influence);
    withoutSums(influence, units, height);
    const squares = new Float64Array(height * outputs);
    const meanSquares = new Float64Array(height);
    for (let s = 0; s < height; s++) {
      const weight = weights[from + s];
      const left = Math.max(1e-6, 1 - weight * leverages[s]);
      const scale = (Math.max(0, undrawn[from + s]) * weight * weight) / (left * left);
      let mean = 0;
      for (let o = 0; o < outputs; o++) {
        const residual = residuals[(from + s) * outputs + o];
        squares[s * outputs + o] = scale * residual * residual;
        mean += residual / outputs;
      }
      meanSquares[s] = scale * mean * mean;
    }
    for (let i = 0; i < influence.length; i++) influence[i] *= influence[i];
    const view = matrix(influence, height);
    yield* addProduct([count, height, outputs], view, matrix(squares, outputs), matrix(variances, outputs));
    yield* addProduct([count, height, 1], view, matrix(meanSquares, 1), matrix(meanVariances, 1));
  }
}
