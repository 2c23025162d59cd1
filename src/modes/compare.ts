import { invalid, wrongKind } from "../errors.js";
import { outputSize } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { checkNames } from "../nearest-names.js";
import { knownOptions } from "../options.js";
import { counted, inOneLine } from "../words.js";
import {
  type Compared,
  type ComparisonIntervals,
  type ComparisonIntervalsOptions,
  comparisonIntervals,
  type MeanBlocks,
} from "./compare-intervals.js";
import { degreesOfFreedom } from "./confidence.js";
import { equalButForRounding, roundingOfContributions as rounding } from "./equal-but-for-rounding.js";
import { blockWeights } from "./jackknife.js";
import { meansCancel, roundingOfDoubles } from "./lost-digits.js";
import type { ModeBlocks } from "./mode-blocks.js";
import type { ModesContent } from "./modes-content.js";
import { kendall, linearCorrelation, spearman } from "./rank-correlation.js";
import { endsOfDifference, inStandardErrors } from "./welch.js";

/** Options of `modes.compare`. */
export interface CompareOptions {
  /** What units are called there, by their names here, where these differ; default none: all have the same names. */
  readonly names?: Readonly<Record<string, string>>;
}

/** How one unit's modes differ. */
export interface UnitComparison {
  readonly unit: string;
  /** The unit's contribution here, averaged over the outputs; 0 where contributions cancel in that mean. */
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
   * not vary by more than rounding.
   */
  readonly pearson: number;
  /** Spearman's rank correlation of the same; contributions that are equal but for rounding share their rank. */
  readonly spearman: number;
  /** Kendall's tau-b of the same, with ties as there. */
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
  /**
   * Whether contributions cancel in the mean over the outputs, here or there, as those to probabilities do, which add
   * up to 1: what is left of them is rounding, counts as 0, and has no correlation. `rms`, `largest` and the
   * correlations of the maps are of each output, and hold.
   */
  readonly cancelled: boolean;

  readonly #compared: Compared;

  /**
   * @param rms over all units and outputs
   * @param blocks of both, where both have them
   * @param lost what the rounding of v makes of contributions
   */
  constructor(
    rows: readonly UnitComparison[],
    rms: number,
    sharedSeed: boolean,
    { blocks, cancelled = false, lost = 0 }: { blocks?: Compared["blocks"]; cancelled?: boolean; lost?: number } = {},
  ) {
    this.rows = rows;
    this.cancelled = cancelled;
    const numbers = (name: "contribution" | "other") =>
      equalButForRounding(
        rows.map((row) => row[name]),
        lost,
      );
    const [here, there] = [numbers("contribution"), numbers("other")];
    this.#compared = { here, there, blocks };
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
      `${counted(rows.length, "unit")}: Pearson ${short(pearson)}, Spearman ${short(spearman)}, Kendall ${short(kendall)}`,
      `differences: root mean square ${short(rms)}, largest ${short(largest)}`,
      unitsWithErrors === 0
        ? "standard errors are not known"
        : `${unitsThatDiffer} of ${counted(unitsWithErrors, "unit")} differ by more than ${manyStandardErrors} combined standard errors`,
      ...(this.cancelled
        ? ["contributions cancel in the mean over the outputs, as those to probabilities do: compare modes.slice(k)"]
        : []),
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
  const ofUnits = [mapsHere, mapsThere].map((maps) => Float64Array.from(maps, mean));
  const cancel = [meansCancel(here.values, ofUnits[0]), meansCancel(there.values, ofUnits[1])];
  const [means, others] = ofUnits.map((own, side) => (cancel[side] ? own.fill(0) : own));
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
      ...endsOfDifference(difference, [errors?.[u], otherErrors?.[places[u]]], degrees),
      correlation: linearCorrelation(map, other),
      rms: Math.sqrt(own / outputs),
      largest,
    };
  });
  return new ModesComparison(
    rows,
    Math.sqrt(squares / here.values.length),
    sameSeed(here.provenance, there.provenance),
    {
      blocks:
        here.blocks && there.blocks
          ? [meanBlocks(here.blocks, here), meanBlocks(there.blocks, there, places)]
          : undefined,
      cancelled: cancel.includes(true),
      lost: roundingOfDoubles * Math.max(sizeOfV(here), sizeOfV(there)),
    },
  );
}

/** The size of v of all units and of none, a mean over the outputs; 0 where it is not known. */
function sizeOfV({ vAll, vNone }: ModesContent): number {
  const size = (values: Float64Array | undefined) => (values ? mean(values.map(Math.abs)) : 0);
  return Math.max(size(vAll), size(vNone));
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

/** Whether two results have a seed in common, of one estimator; those of merged results are several. */
function sameSeed(here: JsonObject, there: JsonObject): boolean {
  const seeds = ({ seed, merged }: JsonObject) =>
    Array.isArray(merged) ? (merged as readonly JsonObject[]).map((run) => run.seed) : [seed];
  const known = new Set(seeds(here).filter((seed) => typeof seed === "number"));
  return here.estimator === there.estimator && seeds(there).some((seed) => known.has(seed as number));
}
