import { interruption } from "../../engine/runs/interruption.js";
import { invalid, oneOf, positiveInteger, validSeed } from "../../errors.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import { knownOptions, type OptionNames, validSignal } from "../../options.js";
import { blockErrors, contributionTable, type OfOutputs } from "./contribution-table.js";
import { bootstrapOf } from "./resampling.js";
import { leastBootstrapBlocks, share } from "./test-modes.js";

/** Options of {@link confidenceIntervals}. */
export interface ConfidenceIntervalsOptions {
  /** Of each unit's mean over the outputs (default), or of its contribution to each output. */
  readonly outputs?: OfOutputs;
  /** With this probability an interval holds the contribution; default 0.95. */
  readonly confidence?: number;
  /** Whether *all* intervals hold theirs together with that probability (Bonferroni); default false. */
  readonly together?: boolean;
  /**
   * "t" (default): Student's t of the standard errors. "bootstrap": studentised, over the blocks that
   * `shapley(game, { blocks })` keeps.
   */
  readonly method?: "t" | "bootstrap";
  /** Draws of the bootstrap; default 9999. */
  readonly resamples?: number;
  /** Of these; default 1. */
  readonly seed?: number;
  /** Stops it: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The names of `ConfidenceIntervalsOptions`. */
export const confidenceIntervalsOptionNames: OptionNames<ConfidenceIntervalsOptions> = {
  outputs: true,
  confidence: true,
  together: true,
  method: true,
  resamples: true,
  seed: true,
  signal: true,
};

/** A contribution with its interval; NaN where no standard error is known. */
export interface ContributionInterval {
  readonly unit: string;
  /** The output's indices, where each output has an interval. */
  readonly output?: string;
  readonly contribution: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Confidence intervals of the contributions of every unit, or of every unit and output: how far they may be from those
 * of all orderings.
 *
 * @throws RangeError for options out of range, and for the bootstrap of modes without 10 blocks; TypeError for what is
 *   no ShapleyModes
 * @example
 * table(await confidenceIntervals(modes, { together: true }));
 */
export async function confidenceIntervals(
  modes: ShapleyModes,
  options: ConfidenceIntervalsOptions = {},
): Promise<ContributionInterval[]> {
  knownOptions("confidenceIntervals", options, confidenceIntervalsOptionNames);
  const table = contributionTable(modes, options.outputs);
  const confidence = share("confidence", options.confidence ?? 0.95);
  const method = oneOf("method", ["t", "bootstrap"], options.method ?? "t");
  const resamples = positiveInteger("resamples", options.resamples ?? 9999);
  const seed = validSeed(options.seed ?? 1);
  const signal = interruption(validSignal(options.signal));
  const { rows, values, standardErrors, blocks } = table;
  const outside = (1 - confidence) / (options.together ? rows : 1);
  const factor = table.factor(outside);
  let low: Float64Array = values.map((value, row) => value - factor * standardErrors[row]);
  let high: Float64Array = values.map((value, row) => value + factor * standardErrors[row]);
  if (method === "bootstrap") {
    if (!blocks || blocks.count < leastBootstrapBlocks) {
      throw invalid("blocks of the modes", `at least ${leastBootstrapBlocks} for the bootstrap`, blocks?.count);
    }
    const least = Math.ceil(2 / outside);
    if (resamples < least)
      throw invalid("resamples", `at least ${least} for intervals that leave out ${outside}`, resamples);
    const errors = blockErrors(blocks, values);
    ({ low, high } = await bootstrapOf(blocks, [values, errors, values], outside, { resamples, seed, signal }));
  }
  return Array.from({ length: rows }, (_, row) => {
    const output = table.output(row);
    return {
      unit: table.unit(row),
      ...(output !== undefined && { output }),
      contribution: values[row],
      standardError: standardErrors[row],
      low: low[row],
      high: high[row],
    };
  });
}
