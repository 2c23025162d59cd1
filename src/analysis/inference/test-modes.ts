import { interruption } from "../../engine/runs/interruption.js";
import { invalid, oneOf, positiveInteger, validSeed, wrongKind } from "../../errors.js";
import { degreesOfFreedom } from "../../modes/confidence.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import { knownOptions, type OptionNames, validSignal } from "../../options.js";
import { normalQuantile } from "../../quantiles.js";
import { thousands } from "../../words.js";
import { adjustedPValues } from "./adjusted.js";
import {
  blockErrors,
  type ContributionTable,
  contributionTable,
  type OfOutputs,
  referenceOf,
} from "./contribution-table.js";
import { ModesTest, type TestedUnit, type TestMethod, testMethods } from "./modes-test.js";
import { bootstrapOf, leastSignFlipP, signFlipTests } from "./resampling.js";
import { studentTails } from "./student.js";

/** Options of {@link testModes}. */
export interface TestModesOptions {
  /**
   * What contributions are tested against; default 0: a number, or one for each unit (with `outputs: "each"` for each
   * unit and output, row-major).
   */
  readonly reference?: number | ArrayLike<number>;
  /** Whether each unit's mean over the outputs is tested (default), or its contribution to each output. */
  readonly outputs?: OfOutputs;
  /**
   * "sign-flip" turns the signs of independent blocks; "bootstrap" draws them anew (studentised); "t" needs standard
   * errors alone. Default "sign-flip" where the modes have blocks (`shapley(game, { blocks: 50 })`), else "t".
   */
  readonly method?: TestMethod;
  /** Chance of a false finding that is put up with; default 0.05. Intervals leave out as much. */
  readonly level?: number;
  /**
   * Random sign flips, or draws of blocks, at most; default 9999, or where there are many tests as many as Holm's
   * correction needs.
   */
  readonly resamples?: number;
  /** Of these; default 1. */
  readonly seed?: number;
  /** Stops it: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The names of `TestModesOptions`. */
export const testModesOptionNames: OptionNames<TestModesOptions> = {
  reference: true,
  outputs: true,
  method: true,
  level: true,
  resamples: true,
  seed: true,
  signal: true,
};

/** Resamples where none are asked for. */
const fewResamples = 9999;
/** Most additions of all resampling: a few minutes. */
const mostWork = 1e11;
/** Blocks below which the studentised bootstrap's intervals are of no use. */
export const leastBootstrapBlocks = 10;
/** Differences up to this share of the largest contribution, or of v(all) - v(none), are rounding. */
const rounding = 1e-12;
/** With this probability a contribution is found that is as large as `detectable` says. */
export const power = 0.8;

/**
 * Is this unit more than nothing? Tests of each unit's contribution, or of its contribution to each output, against 0
 * or a reference, with p values corrected for their number by Holm and by Benjamini and Hochberg, and confidence
 * intervals.
 *
 * - `sign-flip`: how often the mean of independent blocks of orderings is as far from the reference when each block's
 *   sign is turned at random. Exact where blocks are distributed alike on both sides of their mean, which means of many
 *   orderings nearly are.
 * - `bootstrap`: the studentised bootstrap over the blocks (msapy's test, but that it is measured in standard errors
 *   and draws blocks); its intervals too.
 * - `t`: Student's t of contribution and standard error: for results of any sampling estimator, of files too. n samples
 *   that happen to be all alike have no spread to go by; their p is that of the signs, 2^(1-n). A tidy CSV file says n
 *   by its intervals. Where nothing does, `settings.degrees` is undefined, the distribution is the normal one, and an
 *   error of 0, which may be that of an exact result or of very few samples, has no p (NaN).
 *
 * What is tested is the run's sampling of orderings: whether the contribution *of this game* is other than the
 * reference. Whether it would be so for other inputs or another training is another question, which
 * {@link averageModes} of several results answers. Exact results have no sampling error: whatever is not 0 is more than
 * nothing. Where contributions cancel in the mean over the outputs, as those to probabilities do, rounding is all that
 * is left: p is 1, and what is printed says so.
 *
 * @throws RangeError for modes without standard errors or blocks, a reference of another shape, so few blocks that no p
 *   could be below the level, and more work than some minutes; TypeError for what is no ShapleyModes
 * @example
 * const modes = await shapley(game, { orderings: 1000, blocks: 50 });
 * const test = await testModes(modes);
 * console.log(test); // how many units hold, and what could have been detected
 * table(test.rows);
 */
export async function testModes(modes: ShapleyModes, options: TestModesOptions = {}): Promise<ModesTest> {
  knownOptions("testModes", options, testModesOptionNames);
  const { outputs = "mean" } = options;
  const table = contributionTable(modes, outputs);
  const reference = referenceOf(options.reference === undefined ? 0 : options.reference, table, outputs);
  const method = oneOf("method", testMethods, options.method ?? (table.blocks ? "sign-flip" : "t"));
  const level = share("level", options.level ?? 0.05);
  const asked = options.resamples === undefined ? undefined : positiveInteger("resamples", options.resamples);
  const resamples = asked ?? Math.max(fewResamples, Math.ceil((2 * table.rows) / level) - 1);
  const resampling = {
    resamples,
    seed: validSeed(options.seed ?? 1),
    signal: interruption(validSignal(options.signal)),
  };
  checkMethod(method, table, level, resamples, modes);

  const { rows, values, standardErrors } = table;
  const scale = [values, reference, ofWholeGame(modes)].reduce(
    (most, list) => list.reduce((top, x) => Math.max(top, Math.abs(x)), most),
    0,
  );
  const differs = (row: number) => Math.abs(values[row] - reference[row]) > Math.max(rounding * scale, table.cancelled);
  const factor = table.factor(level);
  let low: Float64Array = values.map((value, row) => value - factor * standardErrors[row]);
  let high: Float64Array = values.map((value, row) => value + factor * standardErrors[row]);
  let p: Float64Array;
  const { blocks } = table;
  const degrees = method === "t" ? degreesOf(table, modes) : undefined;
  if (method === "sign-flip" && blocks) p = await signFlipTests(blocks, reference, differs, resampling);
  else if (method === "bootstrap" && blocks) {
    const errors = blockErrors(blocks, values);
    ({ p, low, high } = await bootstrapOf(blocks, [values, errors, reference], level, resampling));
  } else {
    p = values.map((value, row) =>
      standardErrors[row] <= rounding * scale
        ? 2 ** -(degrees ?? Number.NaN)
        : studentTails((value - reference[row]) / standardErrors[row], degrees ?? Number.POSITIVE_INFINITY),
    );
  }
  for (let row = 0; row < rows; row++) if (!differs(row)) p[row] = 1;
  const holm = adjustedPValues(p, "holm");
  const falseDiscovery = adjustedPValues(p, "benjamini-hochberg");
  const detectable = table.factor(level / rows) + normalQuantile(power);
  const tested = Array.from({ length: rows }, (_, row): TestedUnit => {
    const output = table.output(row);
    return {
      unit: table.unit(row),
      ...(output !== undefined && { output }),
      contribution: values[row],
      reference: reference[row],
      standardError: standardErrors[row],
      low: low[row],
      high: high[row],
      p: p[row],
      holm: holm[row],
      benjaminiHochberg: falseDiscovery[row],
      detectable: detectable * standardErrors[row],
    };
  });
  const leastP =
    method === "sign-flip" && blocks
      ? leastSignFlipP(blocks.count, resamples)
      : method === "t"
        ? 0
        : 1 / (resamples + 1);
  return new ModesTest(tested, {
    method,
    level,
    leastP,
    blocks: blocks?.count,
    resamples: method === "t" ? undefined : resamples,
    degrees,
    cancelled: table.cancelled > 0,
  });
}

/** v(all) - v(none), mean over the outputs: differences that are rounding of it are none. */
function ofWholeGame({ vAll, vNone, outputs }: ShapleyModes): Float64Array {
  return Float64Array.of(vAll && vNone ? vAll.reduce((sum, all, o) => sum + Math.abs(all - vNone[o]), 0) / outputs : 0);
}

/** @throws RangeError where a method can not say anything */
function checkMethod(
  method: TestMethod,
  { rows, blocks, standardErrors }: ContributionTable,
  level: number,
  resamples: number,
  modes: ShapleyModes,
): void {
  if (method === "t") {
    if (standardErrors.every(Number.isNaN)) {
      throw invalid("modes", neededErrors(modes), modes);
    }
    return;
  }
  if (!blocks) {
    const rule = `"t" where the modes have no blocks; shapley(game, { blocks: 50 }) keeps them, averageModes makes some of several results`;
    throw invalid("method", rule, method);
  }
  if (method === "bootstrap" && blocks.count < leastBootstrapBlocks) {
    throw invalid("blocks", `at least ${leastBootstrapBlocks} for the bootstrap`, blocks.count);
  }
  const least = method === "sign-flip" ? leastSignFlipP(blocks.count, resamples) : 1 / (resamples + 1);
  if (least > level) {
    const few = 2 ** (1 - blocks.count) > level && method === "sign-flip";
    const needed = few ? 1 + Math.ceil(-Math.log2(level)) : Math.ceil(1 / level) - 1;
    const rule = `at least ${needed} for a test at a level of ${level}: with so few no p is below ${least.toPrecision(2)}`;
    throw invalid(few ? "blocks" : "resamples", rule, few ? blocks.count : resamples);
  }
  const work = rows * blocks.count * resamples * (method === "bootstrap" ? 4 : 1);
  if (work > mostWork) {
    const most = Math.floor((mostWork / work) * rows);
    const rule = `at most ${thousands(most)} tests of ${blocks.count} blocks and ${thousands(resamples)} resamples (outputs "mean", a slice of the modes, method "t", or fewer resamples)`;
    throw invalid("outputs", rule, thousands(rows));
  }
}

/** Degrees of freedom of the standard errors, infinite for exact results; undefined where nothing says them. */
function degreesOf({ blocks }: ContributionTable, modes: ShapleyModes): number | undefined {
  const { provenance, meanStandardErrors, standardErrors } = modes;
  if (blocks && !(meanStandardErrors ?? standardErrors)) return blocks.count - 1;
  const degrees = degreesOfFreedom(provenance);
  return degrees === Number.POSITIVE_INFINITY && provenance.standard_error_over === undefined ? undefined : degrees;
}

/** @throws TypeError, RangeError for what is no number between 0 and 1 */
export function share(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongKind(name, "a number between 0 and 1", value);
  if (!(value > 0 && value < 1)) throw invalid(name, "a number between 0 and 1", value);
  return value;
}

/** What modes of which no error of a mean over the outputs is known would have to be. */
function neededErrors({ standardErrors, provenance }: ShapleyModes): string {
  const { standard_errors_unknown: why } = provenance;
  if (typeof why === "string") return `some with standard errors; of these they are unknown (${why})`;
  return standardErrors?.some((error) => !Number.isNaN(error))
    ? 'some with standard errors of their means over the outputs, which a tidy CSV and a part of the outputs do not have (outputs: "each" tests what has; npz has all)'
    : "some with standard errors: of two orderings or more, in a file that holds them (npz, tidy csv)";
}
