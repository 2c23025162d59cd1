import { shuffle } from "../../coalitions/random.js";
import { randomStream } from "../../coalitions/random-streams.js";
import { invalid, oneOf, positiveInteger, validSeed, wrongKind } from "../../errors.js";
import { has, isList } from "../../kinds.js";
import { linearCorrelation, spearman } from "../../modes/rank-correlation.js";
import type { UnitContributions } from "../../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../../options.js";

/** Options of {@link permutationTest}. */
export interface PermutationTestOptions {
  /** How often items are put in a random order; default 9999. */
  readonly permutations?: number;
  /**
   * Which values of the statistic count against chance: "larger", "smaller", or "two-sided" (default), as far from the
   * mean of the null model.
   */
  readonly alternative?: "two-sided" | "larger" | "smaller";
  /** Of the orders; default 1. */
  readonly seed?: number;
}

/** The names of `PermutationTestOptions`. */
export const permutationTestOptionNames: OptionNames<PermutationTestOptions> = {
  permutations: true,
  alternative: true,
  seed: true,
};

/** A statistic beside those of a null model. */
export interface PermutationTest {
  readonly observed: number;
  /** (1 + random orders whose statistic is at least as extreme) / (1 + random orders): Phipson and Smyth 2010. */
  readonly p: number;
  /** Mean and standard deviation of the statistic under the null model. */
  readonly nullMean: number;
  readonly nullSd: number;
  /** (observed - mean) / sd; NaN where the null model does not vary. */
  readonly z: number;
  /** The statistic of every random order, `[permutations]`. */
  readonly null: Float64Array;
}

/** Statistics that differ by less than this share are the same. */
const rounding = 1e-10;

/**
 * A permutation null model: a statistic of items as they are, beside those of the same items in random orders. What it
 * says is as good as the null model: that the items, as the units of a network without order among them, could as well
 * have stood in any other order.
 *
 * @param items how many there are
 * @param statistic of the items in an order: `order[i]` is the item that stands in the place of item i. As they are: 0,
 *   1, 2, ...
 * @throws RangeError for options out of range, and a statistic that is not finite
 * @example
 * // Do neighbours contribute alike?
 * const { values } = modes.meanOverOutputs();
 * const roughness = (order: Uint32Array) =>
 *   order.reduce((sum, unit, i) => sum + (i > 0 ? Math.abs(values[unit] - values[order[i - 1]]) : 0), 0);
 * permutationTest(values.length, roughness, { alternative: "smaller" }).p;
 */
export function permutationTest(
  items: number,
  statistic: (order: Uint32Array) => number,
  options: PermutationTestOptions = {},
): PermutationTest {
  knownOptions("permutationTest", options, permutationTestOptionNames);
  const order = Uint32Array.from({ length: positiveInteger("number of items", items) }, (_, item) => item);
  if (typeof statistic !== "function") throw wrongKind("statistic", "a function of an order", statistic);
  const permutations = positiveInteger("permutations", options.permutations ?? 9999);
  const alternative = oneOf("alternative", ["two-sided", "larger", "smaller"], options.alternative ?? "two-sided");
  const random = randomStream(validSeed(options.seed ?? 1));
  const checked = () => {
    const value = statistic(order);
    if (!Number.isFinite(value)) throw invalid("statistic", "a finite number for every order", value);
    return value;
  };
  const observed = checked();
  const found = Float64Array.from({ length: permutations }, () => {
    shuffle(random, order);
    return checked();
  });
  const mean = found.reduce((sum, value) => sum + value, 0) / permutations;
  const squares = found.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const sd = permutations > 1 ? Math.sqrt(squares / (permutations - 1)) : Number.NaN;
  const nothing = rounding * found.reduce((most, value) => Math.max(most, Math.abs(value)), Math.abs(observed));
  const extreme = {
    larger: (value: number) => value >= observed - nothing,
    smaller: (value: number) => value <= observed + nothing,
    "two-sided": (value: number) => Math.abs(value - mean) >= Math.abs(observed - mean) - nothing,
  }[alternative];
  return {
    observed,
    p: (1 + found.filter(extreme).length) / (1 + permutations),
    nullMean: mean,
    nullSd: sd,
    z: sd > nothing ? (observed - mean) / sd : Number.NaN,
    null: found,
  };
}

/** Options of {@link correlationTest}. */
export interface CorrelationTestOptions extends PermutationTestOptions {
  /** "pearson" (default) or "spearman", of ranks. */
  readonly of?: "pearson" | "spearman";
}

/**
 * Whether two numbers of each unit go together more than when units are exchanged at random: contributions and weights,
 * or two networks' contributions.
 *
 * @throws RangeError for lists of different lengths, of fewer than three numbers, or one that does not vary
 * @example
 * const magnitudes = [0.3, 0.1, 0.2, 0.5];
 * correlationTest(modes.meanOverOutputs().values, magnitudes, { of: "spearman" }).p;
 */
export function correlationTest(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: CorrelationTestOptions = {},
): PermutationTest {
  knownOptions("correlationTest", options, { ...permutationTestOptionNames, of: true });
  isList("x", x, "numbers");
  isList("y", y, "numbers");
  const { of: kind = "pearson", ...rest } = options;
  oneOf("of", ["pearson", "spearman"], kind);
  if (x.length !== y.length || x.length < 3) {
    throw invalid("lists", "two of the same length, at least 3", [x.length, y.length]);
  }
  const of = kind === "spearman" ? spearman : linearCorrelation;
  const observed = of(x, y);
  if (Number.isNaN(observed)) throw invalid("lists", "two that vary, of finite numbers", [x, y]);
  const turned = new Float64Array(x.length);
  return permutationTest(
    x.length,
    (order) => {
      for (let i = 0; i < turned.length; i++) turned[i] = y[order[i]];
      return of(x, turned);
    },
    rest,
  );
}

/**
 * Whether some units contribute more, or less, on average than as many units drawn at random from all: a layer, a
 * community.
 *
 * @param contributions of all units, as `modes.meanOverOutputs()` gives them
 * @param members names of the units of the group
 * @throws RangeError for a name that is no unit's, one that stands twice, and a group of none or of all units
 * @example
 * groupTest(modes.meanOverOutputs(), layerGroups(modes.units).layer2).p;
 */
export function groupTest(
  contributions: Pick<UnitContributions, "units" | "values">,
  members: readonly string[],
  options: PermutationTestOptions = {},
): PermutationTest {
  knownOptions("groupTest", options, permutationTestOptionNames);
  has("contributions", contributions, "UnitContributions", "units", "values");
  const { units, values } = contributions;
  const places = new Map(units.map((unit, u) => [unit, u]));
  const own = members.map((name) => {
    const place = places.get(name);
    if (place === undefined) throw invalid("member", "the name of a unit", name);
    return place;
  });
  if (new Set(own).size < own.length) throw invalid("members", "each unit once", members);
  if (own.length === 0 || own.length === units.length)
    throw invalid("members", "some of the units, not all", own.length);
  const mean = (order: Uint32Array) => own.reduce((sum, place) => sum + values[order[place]], 0) / own.length;
  return permutationTest(units.length, mean, options);
}
