import { uniformIndex } from "../coalitions/random.js";
import { randomStream } from "../coalitions/random-streams.js";
import { invalid, oneOf, positiveInteger, validSeed } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { normalQuantile, studentFactor } from "../quantiles.js";
import { kendall, linearCorrelation, spearman } from "./rank-correlation.js";

/** Options of `ModesComparison.intervals`. */
export interface ComparisonIntervalsOptions {
  /**
   * What would be drawn anew. "orderings": how near the correlations are to those of the exact contributions of the
   * same units; a bootstrap over the blocks of both results, which both must have. "units": how near they are to those
   * of more units of the same kind; a bootstrap over the units, no narrower than the interval of Fisher's z. Default
   * "orderings" where there are blocks, else "units".
   */
  readonly over?: "orderings" | "units";
  /** With this probability an interval holds its correlation; default 0.95. */
  readonly confidence?: number;
  /** Draws of blocks or units; default 1000. */
  readonly resamples?: number;
  /** Of these; default 1. */
  readonly seed?: number;
}

/** The names of `ComparisonIntervalsOptions`. */
export const comparisonIntervalsOptionNames: OptionNames<ComparisonIntervalsOptions> = {
  over: true,
  confidence: true,
  resamples: true,
  seed: true,
};

/** A correlation with its interval; NaN where it can not be known. */
export interface CorrelationInterval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What `ModesComparison.intervals` gives. */
export interface ComparisonIntervals {
  readonly pearson: CorrelationInterval;
  readonly spearman: CorrelationInterval;
  readonly kendall: CorrelationInterval;
  readonly over: "orderings" | "units";
}

/** Means over the outputs of each unit in independent blocks. */
export interface MeanBlocks {
  readonly weights: Float64Array;
  /** `[blocks, units]` */
  readonly means: Float64Array;
}

/** What two results have to be resampled from: units in the same order. */
export interface Compared {
  readonly here: Float64Array;
  readonly there: Float64Array;
  readonly blocks: readonly [MeanBlocks, MeanBlocks] | undefined;
}

type Correlation = (x: ArrayLike<number>, y: ArrayLike<number>) => number;

/**
 * The largest correlation of which Fisher's z is taken. Rank correlations go in steps, of which the last one is that of
 * two neighbours that change places: 1 may be anything up to half of it below, and is taken as a quarter. Pearson's
 * only has to have a z at all.
 */
const largest = {
  pearson: () => 1 - 1e-12,
  spearman: (units: number) => 1 - 3 / (units ** 3 - units),
  kendall: (units: number) => 1 - 1 / (units * (units - 1)),
} as const;

/** @throws RangeError for options out of range, and for orderings where not both results have two blocks or more */
export function comparisonIntervals(compared: Compared, options: ComparisonIntervalsOptions = {}): ComparisonIntervals {
  knownOptions("intervals", options, comparisonIntervalsOptionNames);
  const over = oneOf("over", ["orderings", "units"], options.over ?? (compared.blocks ? "orderings" : "units"));
  const confidence = options.confidence ?? 0.95;
  if (!(confidence > 0 && confidence < 1)) throw invalid("confidence", "a number between 0 and 1", confidence);
  const resamples = positiveInteger("resamples", options.resamples ?? 1000);
  const seed = validSeed(options.seed ?? 1);
  const { blocks } = compared;
  if (over === "orderings" && !blocks) {
    throw invalid("over", '"units" where not both results have blocks (shapley(game, { blocks: 50 }))', over);
  }
  const found =
    over === "orderings" && blocks
      ? overBlocks(compared, blocks, 1 - confidence, resamples, seed)
      : overUnits(compared, 1 - confidence, resamples, seed);
  return { ...found, over };
}

type Found = Pick<ComparisonIntervals, "pearson" | "spearman" | "kendall">;

/**
 * The bootstrap over the blocks of both results, on the scale of Fisher's z: its mean says how far sampling error
 * lowers a correlation, by which the interval goes up further, its spread how wide it is. Ranks do not change where one
 * block is left out, so that the jackknife does not do here.
 */
function overBlocks(
  { here, there }: Compared,
  blocks: readonly [MeanBlocks, MeanBlocks],
  outside: number,
  resamples: number,
  seed: number,
): Found {
  const random = randomStream(seed);
  const drawnMeans = ({ weights, means }: MeanBlocks) => {
    const count = weights.length;
    const units = means.length / count;
    const drawn = new Float64Array(units);
    let weight = 0;
    for (let draw = 0; draw < count; draw++) {
      const b = uniformIndex(random, count);
      weight += weights[b];
      for (let u = 0; u < units; u++) drawn[u] += weights[b] * means[b * units + u];
    }
    return drawn.map((sum) => sum / weight);
  };
  const draws = Array.from({ length: resamples }, () => blocks.map(drawnMeans));
  // Of few blocks the bootstrap's variance is too small.
  const unbiased = Math.max(...blocks.map(({ weights }) => weights.length / (weights.length - 1)));
  const degrees = Math.min(...blocks.map(({ weights }) => weights.length - 1));
  const of = (correlation: Correlation, most: number): CorrelationInterval => {
    const value = correlation(here, there);
    const z = (r: number) => Math.atanh(Math.max(-most, Math.min(most, r)));
    const end = (from: number, sign: 1 | -1) => (sign * Math.tanh(from) < most - 1e-9 ? Math.tanh(from) : sign);
    const drawn = draws
      .map(([a, b]) => correlation(a, b))
      .filter((r) => !Number.isNaN(r))
      .map(z);
    if (Number.isNaN(value) || drawn.length < resamples / 2) return { value, low: Number.NaN, high: Number.NaN };
    const mean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length;
    const variance = (unbiased * drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0)) / (drawn.length - 1);
    const estimate = 2 * z(value) - mean;
    const half = studentFactor(outside, degrees) * Math.sqrt(variance);
    const ends = [z(value), estimate]; // as it is, and corrected: of ranks too little, or too much, can be added
    return {
      value,
      low: Math.min(value, end(Math.min(...ends) - half, -1)),
      high: Math.max(value, end(Math.max(...ends) + half, 1)),
    };
  };
  const units = here.length;
  return {
    pearson: of(linearCorrelation, largest.pearson()),
    spearman: of(spearman, largest.spearman(units)),
    kendall: of(kendall, largest.kendall(units)),
  };
}

/**
 * Fewest units whose bootstrap says anything: two correlate by 1 or -1 whatever they are, three in hardly more ways.
 */
const fewestUnits = 4;

/**
 * Standard errors of Fisher's z of a correlation `r` over units (Fisher 1921; Bonett and Wright 2000; Fieller et al.
 * 1957).
 */
const errorOfZ = {
  pearson: (units: number) => Math.sqrt(1 / (units - 3)),
  spearman: (units: number, r: number) => Math.sqrt((1 + (r * r) / 2) / (units - 3)),
  kendall: (units: number) => Math.sqrt(0.437 / (units - 4)),
} as const;

/**
 * Percentiles of the bootstrap over units, but no less than the interval of Fisher's z: of few units the bootstrap is
 * too narrow, and of ranks that agree wholly it has no width. NaN for too few; draws in which a list does not vary are
 * left out.
 */
function overUnits({ here, there }: Compared, outside: number, resamples: number, seed: number): Found {
  const units = here.length;
  const random = randomStream(seed);
  const draws = Array.from({ length: resamples }, () =>
    Uint32Array.from({ length: units }, () => uniformIndex(random, units)),
  );
  const of = (correlation: Correlation, most: number, error: (r: number) => number): CorrelationInterval => {
    const value = correlation(here, there);
    if (units < fewestUnits || Number.isNaN(value)) return { value, low: Number.NaN, high: Number.NaN };
    const drawn = draws
      .map((draw) =>
        correlation(
          Float64Array.from(draw, (u) => here[u]),
          Float64Array.from(draw, (u) => there[u]),
        ),
      )
      .filter((r) => !Number.isNaN(r))
      .sort((a, b) => a - b);
    const at = (share: number) => drawn[Math.min(drawn.length - 1, Math.floor(share * drawn.length))] ?? Number.NaN;
    const z = Math.atanh(Math.max(-most, Math.min(most, value)));
    const half = -normalQuantile(outside / 2) * error(value);
    return {
      value,
      low: Math.min(value, at(outside / 2), Math.tanh(z - half)),
      high: Math.max(value, at(1 - outside / 2), Math.tanh(z + half)),
    };
  };
  return {
    pearson: of(linearCorrelation, largest.pearson(), () => errorOfZ.pearson(units)),
    spearman: of(spearman, largest.spearman(units), (r) => errorOfZ.spearman(units, r)),
    kendall: of(kendall, largest.kendall(units), () => errorOfZ.kendall(units)),
  };
}
