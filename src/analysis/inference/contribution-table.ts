import { invalid, oneOf, wrongKind } from "../../errors.js";
import { checkModes } from "../../modes/check-modes.js";
import { intervalFactor } from "../../modes/confidence.js";
import { rounding as lost, meansCancel } from "../../modes/lost-digits.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";

/** What is looked at of each unit: its contribution averaged over the outputs, or to each of them. */
export type OfOutputs = "mean" | "each";

/** Contributions with what is known of their precision, row by row: of each unit, or of each unit and output. */
export interface ContributionTable {
  readonly rows: number;
  unit(row: number): string;
  /** The output's indices, as `4` or `0, 3`; undefined for means over the outputs. */
  output(row: number): string | undefined;
  /** `[rows]` */
  readonly values: Float64Array;
  /** `[rows]`; NaN where not known. */
  readonly standardErrors: Float64Array;
  /** Standard errors on either side of an interval that leaves this much out. */
  factor(outside: number): number;
  readonly blocks: IndependentBlocks | undefined;
  /**
   * Contributions cancel in the means over the outputs, as those to probabilities do, which add up to 1: values are
   * rounding, up to so much. 0 where they do not.
   */
  readonly cancelled: number;
}

/** Values in independent blocks. */
export interface IndependentBlocks {
  readonly count: number;
  /** Shares of the samples, `[count]`: they add up to 1. */
  readonly weights: Float64Array;
  /** `[rows, count]`: what belongs to one row stands together. */
  readonly values: Float64Array;
}

/** @throws TypeError for what is no ShapleyModes; RangeError for outputs other than "mean" and "each" */
export function contributionTable(modes: ShapleyModes, of: OfOutputs = "mean"): ContributionTable {
  checkModes(modes);
  oneOf("outputs", ["mean", "each"], of);
  const each = of === "each" && modes.outputShape.length > 0;
  const { outputs, units, outputShape } = modes;
  const width = each ? outputs : 1;
  const rows = units.length * width;
  const blocks = blocksOf(modes, each);
  const mean = modes.meanOverOutputs();
  const values = each ? modes.values : mean.values;
  const known = each
    ? modes.standardErrors
    : (mean.standardErrors ?? (outputs === 1 ? modes.standardErrors : undefined));
  return {
    rows,
    values,
    blocks,
    cancelled: !each && meansCancel(modes.values, values) ? lost * largest(modes.values) : 0,
    unit: (row) => units[Math.floor(row / width)],
    output: (row) => (each ? indicesOf(row % width, outputShape).join(", ") : undefined),
    standardErrors: known ?? (blocks ? blockErrors(blocks, values) : new Float64Array(rows).fill(Number.NaN)),
    factor: (outside) =>
      known || !blocks
        ? intervalFactor(modes.provenance, outside)
        : intervalFactor({ standard_error_over: "run", runs: blocks.count }, outside),
  };
}

/** What is said of contributions that cancel in the mean. */
export const cancelledText =
  'the contributions cancel in the mean over the outputs, as those to probabilities do, which add up to 1: look at the outputs each (outputs: "each", or modes.slice(k))';

function largest(numbers: Float64Array): number {
  return numbers.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
}

/**
 * Numbers of the reference for every row. @throws RangeError, TypeError for another shape, and for what is no number
 */
export function referenceOf(reference: unknown, { rows }: ContributionTable, of: OfOutputs): Float64Array {
  const rule = `a finite number, or ${rows} of them, one for each ${of === "each" ? "unit and output" : "unit"}`;
  if (typeof reference === "number" && Number.isFinite(reference)) return new Float64Array(rows).fill(reference);
  if (typeof reference === "number") throw invalid("reference", rule, reference);
  if (!Array.isArray(reference) && !ArrayBuffer.isView(reference)) throw wrongKind("reference", rule, reference);
  const numbers = reference as unknown as ArrayLike<number>;
  if (numbers.length !== rows) throw invalid("reference", rule, reference);
  const values = Float64Array.from(numbers);
  const odd = Array.from(values.keys()).find((i) => !Number.isFinite(values[i]) || typeof numbers[i] !== "number");
  if (odd !== undefined) throw invalid(`reference[${odd}]`, "a finite number", numbers[odd]);
  return values;
}

function blocksOf(modes: ShapleyModes, each: boolean): IndependentBlocks | undefined {
  if (!modes.blocks) return undefined;
  const { samples, values } = modes.blocks;
  const { outputs } = modes;
  const units = modes.units.length;
  const count = samples.length;
  const all = samples.reduce((sum, own) => sum + own, 0);
  const rows = each ? units * outputs : units;
  const turned = new Float64Array(rows * count);
  for (let b = 0; b < count; b++) {
    for (let row = 0; row < rows; row++) {
      let value = 0;
      if (each) value = values[b * rows + row];
      else {
        const from = (b * units + row) * outputs;
        for (let o = 0; o < outputs; o++) value += values[from + o];
        value /= outputs;
      }
      turned[row * count + b] = value;
    }
  }
  return { count, weights: samples.map((own) => own / all), values: turned };
}

/** Standard errors of means of blocks, from their spread: NaN for a single one. */
export function blockErrors({ count, weights, values }: IndependentBlocks, means: Float64Array): Float64Array {
  return means.map((mean, row) => {
    let squares = 0;
    for (let b = 0; b < count; b++) squares += (weights[b] * (values[row * count + b] - mean)) ** 2;
    return count < 2 ? Number.NaN : Math.sqrt((squares * count) / (count - 1));
  });
}

/** The indices of an output in the output's shape. */
export function indicesOf(output: number, shape: readonly number[]): number[] {
  const indices = new Array<number>(shape.length);
  for (let axis = shape.length - 1, rest = output; axis >= 0; axis--) {
    indices[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return indices;
}
