import { randomOrdering, shuffle } from "../coalitions/random.js";
import { type Random, randomStream } from "../coalitions/random-streams.js";
import { interruption } from "../engine/runs/interruption.js";
import { invalid, positiveInteger, validSeed, wrongKind } from "../errors.js";
import { type Game, outputSize, unitNames, type Values } from "../games/game.js";
import { knownOptions, type OptionNames, validSignal } from "../options.js";
import { type AttributionCurve, AttributionCurves, type RandomCurve } from "./attribution-curves-result.js";
import { visitLesioned } from "./lesions.js";
import { followsLower, remarkConstant } from "./lower-is-better.js";
import { groupsByScore, rankedGroups, type UnitRanking } from "./unit-ranking.js";

/** Options of {@link attributionCurves}. */
export interface AttributionCurvesOptions {
  /** Whether units are ranked by their value (default), so that those that do harm go last, or by its size. */
  readonly by?: "value" | "size";
  /** One number of v to follow; default its mean over the outputs. */
  readonly value?: (values: Values) => number;
  /**
   * Whether less of v is better; default false, but true for games of the score "cross-entropy" without a `value` of
   * one's own.
   */
  readonly lowerIsBetter?: boolean;
  /** Gets what you should know but need not act on; default: stderr, each remark once in a process. */
  readonly onRemark?: (remark: string) => void;
  /**
   * Whether single lesions are ranked beside the others, by what each takes away; default true. One evaluation for each
   * unit.
   */
  readonly singleLesions?: boolean;
  /** Random rankings to compare with; default 20. */
  readonly random?: number;
  /** Of these; default 1. */
  readonly seed?: number;
  /** Steps in which the units go, or come back; default one for each unit, at most 50. */
  readonly steps?: number;
  /** Stops it: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The names of `AttributionCurvesOptions`. */
export const attributionCurvesOptionNames: OptionNames<AttributionCurvesOptions> = {
  by: true,
  value: true,
  lowerIsBetter: true,
  onRemark: true,
  singleLesions: true,
  random: true,
  seed: true,
  steps: true,
  signal: true,
};

/** Random orders of units that a ranking does not tell apart. */
const ordersOfEqual = 20;

/** Steps where none are asked for, at most. */
const usualSteps = 50;

/**
 * How good is an attribution? Deletion and insertion curves (Samek et al. 2017; Petsiuk et al. 2018): units are
 * lesioned from the most important on, and v is to fall soon; they come back to the network that is wholly lesioned
 * from the most important on, and v is to rise soon. The area below each curve says how soon, beside the same of random
 * rankings, of single lesions, and of whatever else ranks units: magnitudes, activations, other modes. Where less of v
 * is better, as of a cross-entropy, v is to rise and fall the other way round, and so are areas. Lesions are those of
 * the game.
 *
 * Units that are equal in a ranking, but for rounding, are taken in 20 random orders, whose curves are averaged: where
 * they stand in the game's list says nothing.
 *
 * Which units can go, and at what price, `pruningCurve` says.
 *
 * @param rankings by name; `random` and `single lesions` are added
 * @throws RangeError for a ranking that is not of all units of the game, or of numbers that are not finite, modes whose
 *   contributions cancel in the mean over the outputs, and options out of range; GameError for a game that throws
 * @example
 * const curves = await attributionCurves(game, { shapley: modes, magnitude: [0.3, 0.1, 0.2, 0.5] });
 * table(curves.rows); // areas, and how many random rankings are as good
 * const figure = attributionCurvesFigure(curves);
 */
export async function attributionCurves(
  game: Game,
  rankings: Readonly<Record<string, UnitRanking>>,
  options: AttributionCurvesOptions = {},
): Promise<AttributionCurves> {
  knownOptions("attributionCurves", options, attributionCurvesOptionNames);
  if (typeof game?.evaluate !== "function") throw wrongKind("game", "a game, as gameFrom makes one", game);
  if (rankings === null || typeof rankings !== "object")
    throw wrongKind("rankings", "an object of rankings, by name", rankings);
  const { by = "value", singleLesions = true } = options;
  if (by !== "value" && by !== "size") throw invalid("by", "value or size", by);
  if (options.value !== undefined && typeof options.value !== "function")
    throw wrongKind("value", "a function of v", options.value);
  const units = unitNames(game.units);
  const outputs = outputSize(game.outputShape);
  const mean = (values: Values) => {
    let sum = 0;
    for (let o = 0; o < outputs; o++) sum += values[o];
    return sum / outputs;
  };
  const value = options.value ?? mean;
  const lowerIsBetter = followsLower(options.lowerIsBetter, game, options.value !== undefined);
  const steps = positiveInteger("steps", options.steps ?? Math.min(units.length, usualSteps));
  if (steps > units.length) throw invalid("steps", `at most ${units.length}, one for each unit`, steps);
  const randomCount = options.random ?? 20;
  if (randomCount !== 0) positiveInteger("random", randomCount);
  const seed = validSeed(options.seed ?? 1);
  const signal = interruption(validSignal(options.signal));
  const taken = ["random", "single lesions"].find((name) => name in rankings);
  if (taken !== undefined) throw invalid("rankings", "other names than those of random and single lesions", taken);
  const orders = Object.entries(rankings).map(([name, ranking]) => ({
    name,
    groups: rankedGroups(name, ranking, units, by),
  }));

  const counts = Array.from({ length: steps + 1 }, (_, step) => Math.round((step * units.length) / steps));
  const numbers = async (sets: readonly (readonly string[])[]): Promise<number[]> => {
    const found: number[] = [];
    await visitLesioned(game, sets, (values, set) => (found[set] = checked(value(values))), { signal });
    return found;
  };
  if (singleLesions) {
    const [intact, ...without] = await numbers([[], ...units.map((unit) => [unit])]);
    const effects = without.map((left) => (lowerIsBetter ? left - intact : intact - left));
    orders.push({ name: "single lesions", groups: groupsByScore(effects, by) });
  }
  const [vAll, vNone] = await numbers([[], units]);
  const curve = async (order: readonly number[]) => {
    const names = order.map((u) => units[u]);
    // Both ends are the same for all.
    const middle = counts.slice(1, -1);
    const found = await numbers([
      ...middle.map((count) => names.slice(0, count)),
      ...middle.map((count) => names.slice(count)),
    ]);
    return {
      deletion: Float64Array.of(vAll, ...found.slice(0, middle.length), vNone),
      insertion: Float64Array.of(vNone, ...found.slice(middle.length), vAll),
    };
  };
  const curves: AttributionCurve[] = [];
  const ofEqual = randomStream(seed, 1);
  for (const { name, groups } of orders) {
    const equal = groups.reduce((sum, group) => sum + (group.length > 1 ? group.length : 0), 0);
    const drawn: (readonly number[])[] =
      equal === 0
        ? [groups.flat()]
        : Array.from({ length: ordersOfEqual }, () => groups.flatMap((group) => shuffled(ofEqual, group)));
    const found: Pick<RandomCurve, "deletion" | "insertion">[] = [];
    for (const order of drawn) found.push(await curve(order));
    const [deletion, insertion] = (["deletion", "insertion"] as const).map((end) =>
      meanCurve(found.map((c) => c[end])),
    );
    curves.push({
      name,
      order: groups.flat().map((u) => units[u]),
      equal,
      deletion,
      insertion,
      deletionArea: areaOf(counts, deletion),
      insertionArea: areaOf(counts, insertion),
    });
  }
  const random = randomStream(seed);
  const drawn: RandomCurve[] = [];
  for (let r = 0; r < randomCount; r++) {
    const { deletion, insertion } = await curve(Array.from(randomOrdering(random, units.length)));
    drawn.push({
      deletion,
      insertion,
      deletionArea: areaOf(counts, deletion),
      insertionArea: areaOf(counts, insertion),
    });
  }
  remarkConstant(
    [...curves, ...drawn].flatMap(({ deletion, insertion }) => [...deletion, ...insertion]),
    options.onRemark,
  );
  return new AttributionCurves({ units: units.length, counts, curves, random: drawn, vAll, vNone, lowerIsBetter });
}

function shuffled(random: Random, items: readonly number[]): number[] {
  return items.length < 2 ? [...items] : Array.from(shuffle(random, Uint32Array.from(items)));
}

function meanCurve(curves: readonly Float64Array[]): Float64Array {
  return curves[0].map((_, step) => curves.reduce((sum, curve) => sum + curve[step], 0) / curves.length);
}

/** Mean height of a curve over the share of the units: the trapezoidal rule. */
function areaOf(counts: readonly number[], curve: Float64Array): number {
  let area = 0;
  for (let i = 1; i < counts.length; i++) area += ((counts[i] - counts[i - 1]) * (curve[i] + curve[i - 1])) / 2;
  return area / counts[counts.length - 1];
}

function checked(value: number): number {
  if (typeof value !== "number" || !Number.isFinite(value))
    throw invalid("value", "a function that gives a finite number", value);
  return value;
}
