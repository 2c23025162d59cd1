import { invalid, wrongKind } from "../errors.js";
import { outputSize } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { checkNames } from "../nearest-names.js";
import { knownOptions } from "../options.js";
import { inOneLine } from "../words.js";
import {
  type Compared,
  type ComparisonIntervals,
  type ComparisonIntervalsOptions,
  comparisonIntervals,
  type MeanBlocks,
} from "./compare-intervals.js";
import { degreesOfFreedom, tFactor } from "./confidence.js";
import { blockWeights } from "./jackknife.js";
import type { ModeBlocks } from "./mode-blocks.js";
import type { ModesContent } from "./modes-content.js";
import { kendall, linearCorrelation, spearman } from "./rank-correlation.js";

/** Options of `modes.compare`. */
export interface CompareOptions {
  /** What units are called there, by their names here, where these differ; default none: all have the same names. */
  readonly names?: Readonly<Record<string, string>>;
}

/** How one unit's modes differ. */
export interface UnitComparison {
  readonly unit: string;
  /** The unit's contribution here, averaged over the outputs. */
  readonly contribution: number;
  /** The same there. */
  readonly other: number;
  /** `contribution` - `other`. */
  readonly difference: number;
  /**
   * The z score: `difference` in units of its standard error, sqrt(here^2 + there^2); NaN where a standard error is not
   * known, infinite where both are 0 and the contributions differ by more than rounding.
   */
  readonly z: number;
  /**
   * Ends of the confidence interval of 95 % of `difference`: Student's t (Welch); NaN where a standard error is not
   * known.
   */
  readonly low: number;
  readonly high: number;
  /** Pearson's correlation of the two maps over the outputs; NaN for a single output, and where a map does not vary. */
  readonly correlation: number;
  /** Root of the mean squared difference over the outputs. */
  readonly rms: number;
  /** The largest absolute difference over the outputs. */
  readonly largest: number;
}

/** Combined standard errors from which on a difference counts: chance alone gives one in 22. */
export const manyStandardErrors = 2;
/** Differences up to this share of the largest contribution are rounding. */
const rounding = 1e-12;

/**
 * Two results for the same units and outputs, side by side: of two seeds, two estimators, two networks, two lesions.
 * Unit by unit in `rows`; `console.log` prints the whole in a few lines. Comparing the other way round gives the same
 * numbers, and differences of opposite sign.
 */
export class ModesComparison {
  /** One row per unit, in the order of these modes: what `table(comparison.rows)` shows. */
  readonly rows: readonly UnitComparison[];
  /**
   * Pearson's correlation of the units' contributions, averaged over the outputs; NaN for one unit, and where they do
   * not vary.
   */
  readonly pearson: number;
  /** Spearman's rank correlation of the same. */
  readonly spearman: number;
  /** Kendall's tau-b of the same. */
  readonly kendall: number;
  /** Root of the mean squared difference over all units and outputs. */
  readonly rms: number;
  /** The largest absolute difference over all units and outputs. */
  readonly largest: number;
  /**
   * How many units' contributions differ by more than 2 combined standard errors; NaN where no standard error is known.
   */
  readonly unitsThatDiffer: number;
  /** For how many units the standard errors are known. Of so many, chance alone lets one in 22 differ. */
  readonly unitsWithErrors: number;
  /**
   * Whether both were estimated from a common seed by the same estimator. Orderings of the same game are then the same,
   * and those of another one alike: the two are not independent, and differences in units of standard errors are mostly
   * too small.
   */
  readonly sharedSeed: boolean;

  readonly #compared: Compared;

  /**
   * @param rms over all units and outputs
   * @param blocks of both, where both have them
   */
  constructor(rows: readonly UnitComparison[], rms: number, sharedSeed: boolean, blocks?: Compared["blocks"]) {
    this.rows = rows;
    const numbers = (name: "contribution" | "other") => Float64Array.from(rows, (row) => row[name]);
    this.#compared = { here: numbers("contribution"), there: numbers("other"), blocks };
    const here = rows.map(({ contribution }) => contribution);
    const there = rows.map(({ other }) => other);
    this.pearson = linearCorrelation(here, there);
    this.spearman = spearman(here, there);
    this.kendall = kendall(here, there);
    this.rms = rms;
    this.largest = rows.reduce((most, { largest }) => Math.max(most, largest), 0);
    const known = rows.filter(({ z }) => !Number.isNaN(z));
    const differing = known.filter(({ z }) => Math.abs(z) > manyStandardErrors);
    this.unitsWithErrors = known.length;
    this.unitsThatDiffer = known.length === 0 ? Number.NaN : differing.length;
    this.sharedSeed = sharedSeed;
  }

  /**
   * The correlations with confidence intervals: over the orderings that were sampled, where both results have blocks
   * (`shapley(game, { blocks: 50 })`), or over units. Sampling error lowers the correlations themselves, so that
   * intervals over orderings go further up than down.
   *
   * @throws RangeError for options out of range, and for orderings where not both have blocks
   * @example
   * const again = await shapley(game, { orderings: 50, seed: 2 });
   * modes.compare(again).intervals().spearman; // value, low, high
   */
  intervals(options: ComparisonIntervalsOptions = {}): ComparisonIntervals {
    return comparisonIntervals(this.#compared, options);
  }

  /** A few lines: the correlations, the differences, and the units that differ most. */
  toString(): string {
    const { rows, pearson, spearman, kendall, rms, largest, unitsThatDiffer, unitsWithErrors } = this;
    const short = (value: number) => (Number.isNaN(value) ? "unknown" : String(Number(value.toPrecision(3))));
    const size = ({ z, difference }: UnitComparison) =>
      unitsWithErrors > 0 ? (Number.isNaN(z) ? -1 : Math.abs(z)) : Math.abs(difference);
    const most = [...rows].sort((a, b) => size(b) - size(a)).slice(0, 5);
    const width = Math.max(...most.map(({ unit }) => inOneLine(unit).length));
    const line = ({ unit, contribution, other, z }: UnitComparison) =>
      `  ${inOneLine(unit).padEnd(width)}  ${short(contribution)} here, ${short(other)} there` +
      (Number.isNaN(z) ? "" : `; ${short(z)} standard errors`);
    return [
      `${rows.length} units: Pearson ${short(pearson)}, Spearman ${short(spearman)}, Kendall ${short(kendall)}`,
      `differences: root mean square ${short(rms)}, largest ${short(largest)}`,
      unitsWithErrors === 0
        ? "standard errors are not known"
        : `${unitsThatDiffer} of ${unitsWithErrors} units differ by more than ${manyStandardErrors} combined standard errors`,
      ...(this.sharedSeed ? ["both are of the same seed and estimator, so they are not independent"] : []),
      "units that differ most:",
      ...most.map(line),
    ].join("\n");
  }

  /** What `console.log` prints. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/**
 * {@link ModesComparison} of two results. Units are matched by name.
 *
 * @throws RangeError for other units, names that are none, or outputs of another shape; TypeError for what is no
 *   ShapleyModes
 */
export function compareModes(here: ModesContent, there: ModesContent, options: CompareOptions = {}): ModesComparison {
  knownOptions("compare", options, { names: true });
  if (!(there?.values instanceof Float64Array)) throw wrongKind("modes to compare with", "ShapleyModes", there);
  const places = matched(here, there, options.names);
  const outputs = outputSize(here.outputShape);
  const mapsHere = here.units.map((_, u) => here.values.subarray(u * outputs, (u + 1) * outputs));
  const mapsThere = places.map((u) => there.values.subarray(u * outputs, (u + 1) * outputs));
  const [means, others] = [mapsHere.map(mean), mapsThere.map(mean)];
  const [errors, otherErrors] = [meanErrors(here, outputs), meanErrors(there, outputs)];
  const scale = [...means, ...others].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const degrees = [here, there].map(({ provenance }) => degreesOfFreedom(provenance));
  let squares = 0;
  const rows = here.units.map((unit, u): UnitComparison => {
    const [map, other] = [mapsHere[u], mapsThere[u]];
    let own = 0;
    let largest = 0;
    for (let o = 0; o < outputs; o++) {
      const apart = map[o] - other[o];
      own += apart * apart;
      largest = Math.max(largest, Math.abs(apart));
    }
    squares += own;
    const difference = means[u] - others[u];
    return {
      unit,
      contribution: means[u],
      other: others[u],
      difference,
      z: inStandardErrors(difference, errors?.[u], otherErrors?.[places[u]], scale * rounding),
      ...ends(difference, [errors?.[u], otherErrors?.[places[u]]], degrees),
      correlation: linearCorrelation(map, other),
      rms: Math.sqrt(own / outputs),
      largest,
    };
  });
  return new ModesComparison(
    rows,
    Math.sqrt(squares / here.values.length),
    sameSeed(here.provenance, there.provenance),
    here.blocks && there.blocks && [meanBlocks(here.blocks, here), meanBlocks(there.blocks, there, places)],
  );
}

/** Ends of Welch's interval of a difference, of 95 %. */
function ends(difference: number, errors: readonly (number | undefined)[], degrees: readonly number[]) {
  const variances = errors.map((error = Number.NaN) => error * error);
  const variance = variances[0] + variances[1];
  if (variance === 0) return { low: difference, high: difference };
  const known = variances.reduce((sum, own, i) => sum + (own === 0 ? 0 : (own / variance) ** 2 / degrees[i]), 0);
  const half = Number.isNaN(variance) ? variance : tFactor(1 / known) * Math.sqrt(variance);
  return { low: difference - half, high: difference + half };
}

/** Contributions averaged over the outputs, block by block. @param places of the units, in another order */
function meanBlocks(
  { samples, values }: ModeBlocks,
  { units, outputShape }: ModesContent,
  places?: readonly number[],
): MeanBlocks {
  const outputs = outputSize(outputShape);
  const means = new Float64Array(samples.length * units.length);
  for (let b = 0; b < samples.length; b++) {
    for (let u = 0; u < units.length; u++) {
      const from = (b * units.length + (places?.[u] ?? u)) * outputs;
      means[b * units.length + u] = mean(values.subarray(from, from + outputs));
    }
  }
  return { weights: blockWeights({ samples, values }), means };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Where each unit here is there. @throws RangeError for other units, or another shape */
function matched(here: ModesContent, there: ModesContent, names: CompareOptions["names"]): number[] {
  checkNames("names", names, here.units, "units");
  const nameThere = (unit: string) => (names && Object.hasOwn(names, unit) ? names[unit] : unit);
  const known = new Set(here.units.map(nameThere));
  if (known.size < here.units.length) throw invalid("names", "another unit for each", names);
  const strange = there.units.find((unit) => !known.has(unit));
  if (strange !== undefined) {
    const rule = "the same units, or names that say which unit there is which here (compare's --map HERE=THERE)";
    throw invalid("units of the modes to compare with", rule, strange);
  }
  if (there.units.length !== here.units.length) {
    throw invalid("units of the modes to compare with", `all ${here.units.length} units`, there.units.length);
  }
  if (there.outputShape.join() !== here.outputShape.join()) {
    throw invalid("modes to compare with", `outputs of shape [${here.outputShape.join(", ")}]`, there.outputShape);
  }
  const places = new Map(there.units.map((unit, u) => [unit, u]));
  return here.units.map((unit) => places.get(nameThere(unit)) as number);
}

/** Standard errors of the means over the outputs. */
function meanErrors({ meanStandardErrors, standardErrors }: ModesContent, outputs: number): Float64Array | undefined {
  return meanStandardErrors ?? (outputs === 1 ? standardErrors : undefined);
}

function inStandardErrors(difference: number, here = Number.NaN, there = Number.NaN, nothing = 0): number {
  const error = Math.sqrt(here * here + there * there);
  if (Number.isNaN(error)) return Number.NaN;
  return Math.abs(difference) <= nothing && error <= nothing ? 0 : difference / error;
}

/** Whether two results have a seed in common, of one estimator; those of merged results are several. */
function sameSeed(here: JsonObject, there: JsonObject): boolean {
  const seeds = ({ seed, merged }: JsonObject) =>
    Array.isArray(merged) ? (merged as readonly JsonObject[]).map((run) => run.seed) : [seed];
  const known = new Set(seeds(here).filter((seed) => typeof seed === "number"));
  return here.estimator === there.estimator && seeds(there).some((seed) => known.has(seed as number));
}
