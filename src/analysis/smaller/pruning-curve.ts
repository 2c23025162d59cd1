import { nestedCoalitions, noneIntact, type Ordering } from "../../coalitions/coalition.js";
import { randomOrdering } from "../../coalitions/random.js";
import { randomStreams } from "../../coalitions/random-streams.js";
import { GameError, invalid, oneOf, validSeed, wrongKind } from "../../errors.js";
import { evaluateFinite } from "../../estimators/walk.js";
import { type Game, outputSize, type Values } from "../../games/game.js";
import { nonFinite } from "../../games/value.js";
import { has } from "../../kinds.js";
import { knownOptions, type OptionNames, validSignal } from "../../options.js";
import { remarkOnce } from "../../remark.js";
import { followsLower, remarkConstant } from "../lower-is-better.js";
import { rankedGroups, type UnitRanking } from "../unit-ranking.js";

/** Options of {@link pruningCurve}. */
export interface PruningCurveOptions {
  /** Whether units stay by their value (default), so that those that do harm go first, or by its size. */
  readonly by?: "value" | "size";
  /** One number of v to follow; default its mean over the outputs. */
  readonly value?: (values: Values) => number;
  /**
   * Whether less of the score is better; default false, but true for games of the score "cross-entropy" without a
   * `value` of one's own.
   */
  readonly lowerIsBetter?: boolean;
  /** Gets what you should know but need not act on; default: stderr, each remark once in a process. */
  readonly onRemark?: (remark: string) => void;
  /** Random rankings to compare with, default 10; 0 for none. */
  readonly random?: number;
  /** Seed of the random rankings, default 1. */
  readonly seed?: number;
  /** Stops it: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The names of `PruningCurveOptions`. */
export const pruningCurveOptionNames: OptionNames<PruningCurveOptions> = {
  by: true,
  value: true,
  lowerIsBetter: true,
  onRemark: true,
  random: true,
  seed: true,
  signal: true,
};

/** The scores of one ranking. */
export interface RankingCurve {
  readonly name: string;
  /** Score with the first 0, 1, ..., all units of the ranking intact, `[units + 1]`; of random rankings the mean. */
  readonly scores: Float64Array;
  /** Names of the units in the order of the ranking; undefined for random rankings, of which there are several. */
  readonly order?: readonly string[];
  /** Of random rankings the lowest and the highest of the scores, `[units + 1]` each. */
  readonly lowest?: Float64Array;
  readonly highest?: Float64Array;
}

/** Score against units kept. */
export interface PruningCurve {
  /** Whether v has numbers that single precision does not hold. Default false: small losses may be rounding. */
  readonly doublePrecision?: boolean;
  readonly units: number;
  /** Score with all units intact. */
  readonly intact: number;
  readonly curves: readonly RankingCurve[];
  /** Whether less of the score is better; default false. */
  readonly lowerIsBetter?: boolean;
}

/**
 * How a score falls as units go, for several rankings: with the first k units of each intact and all others lesioned, k
 * from 0 to all. The game is to be of inputs that no ranking was made on; otherwise a ranking is praised for what it
 * has seen. Units that are equal in a ranking stand in the order of the game; where the score changes among them a
 * remark says so.
 *
 * @param game of held-out inputs, e.g. `mlpGame(network, heldOut, { score: "accuracy" })`
 * @param rankings by name; the most important units stay longest
 * @throws TypeError, RangeError for a ranking that is not of all units of the game, or of modes whose contributions
 *   cancel in the mean over the outputs; GameError for a game that throws or returns numbers that are not finite
 * @example
 * const network = await checkpoint({ width: 10, regulariser: "l1", trial: 0 });
 * const modes = await shapley(await mlpGame(network, loadInputs("mnist-test:0-99")), { estimator: "exact" });
 * const game = await mlpGame(network, loadInputs("mnist-test:100-199"), { score: "accuracy" });
 * const curve = await pruningCurve(game, { Shapley: modes, magnitude: unitMagnitudes(network) });
 * table(fewestKept(curve, 0.01));
 */
export async function pruningCurve(
  game: Game,
  rankings: Readonly<Record<string, UnitRanking>>,
  options: PruningCurveOptions = {},
): Promise<PruningCurve> {
  knownOptions("pruningCurve", options, pruningCurveOptionNames);
  if (typeof game?.evaluate !== "function") throw wrongKind("game", "a game, as mlpGame makes one", game);
  if (rankings === null || typeof rankings !== "object") throw wrongKind("rankings", "an object of rankings", rankings);
  const { value = meanOf, random = 10 } = options;
  const by = oneOf("by", ["value", "size"] as const, options.by ?? "value");
  const signal = validSignal(options.signal);
  if (typeof value !== "function") throw wrongKind("value", "a function of v", value);
  if (!Number.isInteger(random) || random < 0) throw invalid("random", "a whole number from 0 on", random);
  const stream = randomStreams(validSeed(options.seed ?? 1));
  const orders = Object.entries(rankings).map(([name, ranking]) => ({
    name,
    groups: rankedGroups(name, ranking, game.units, by),
  }));
  if (orders.length + random === 0) throw invalid("rankings", "at least one", rankings);
  if (random > 0 && Object.hasOwn(rankings, "random")) throw invalid("rankings", "another name than random", "random");

  const seen = { doublePrecision: false };
  const play = (order: Ordering) =>
    nestedScores(game, order, signal, (values) => {
      seen.doublePrecision ||= values.some((own) => Math.fround(own) !== own);
      return value(values);
    });
  const curves: RankingCurve[] = [];
  for (const { name, groups } of orders) {
    const order = groups.flat();
    const scores = await play(Uint32Array.from(order));
    curves.push({ name, scores, order: order.map((unit) => game.units[unit]) });
    const equal = equalThatMatter(groups, scores);
    if (equal > 0) (options.onRemark ?? remarkOnce)(equalRemark(name, equal));
  }
  if (random > 0) {
    const drawn: Float64Array[] = [];
    for (let r = 0; r < random; r++) drawn.push(await play(randomOrdering(stream(r), game.units.length)));
    const over = (reduce: (scores: number[]) => number) =>
      drawn[0].map((_, k) => reduce(drawn.map((scores) => scores[k])));
    curves.push({
      name: "random",
      scores: over((scores) => scores.reduce((sum, value) => sum + value, 0) / random),
      lowest: over((scores) => Math.min(...scores)),
      highest: over((scores) => Math.max(...scores)),
    });
  }
  remarkConstant(
    curves.flatMap(({ scores }) => Array.from(scores)),
    options.onRemark,
  );
  const all = game.units.length;
  const lowerIsBetter = followsLower(options.lowerIsBetter, game, options.value !== undefined);
  const intact = curves[0].scores[all];
  return {
    units: all,
    intact,
    curves,
    ...(lowerIsBetter && { lowerIsBetter }),
    ...(seen.doublePrecision && { doublePrecision: true }),
  };
}

/**
 * Units that a ranking does not tell apart and among which the score changes, so that their order matters.
 *
 * @param scores with the first 0, 1, ... units
 */
function equalThatMatter(groups: readonly (readonly number[])[], scores: Float64Array): number {
  let [from, equal] = [0, 0];
  for (const { length } of groups) {
    const own = scores.subarray(from, from + length + 1);
    if (length > 1 && own.some((score) => score !== own[0])) equal += length;
    from += length;
  }
  return equal;
}

function equalRemark(name: string, equal: number): string {
  return `${equal} units are equal to others in the ranking ${name}, and the score changes as they go: they stand in the order of the game's units, which says nothing, and in another order the curve would be another one`;
}

/**
 * A loss that is larger by no more than this share of the score is that loss: 0.957 less 0.947 is more than 0.01 in
 * double precision; and where all numbers of v could be of single precision, they may be rounded to it.
 */
const roundings = { double: 2 ** -44, single: 2 ** -22 };

/** One row of {@link fewestKept}. */
export interface FewestKept {
  readonly ranking: string;
  /** Fewest units with which, and with any more of the ranking, the score is within the loss of the intact one. */
  readonly kept: number;
  readonly removed: number;
  /** Score with so many. */
  readonly score: number;
}

/**
 * How many units each ranking of a curve needs so that no more than a loss is lost, also with any more units.
 *
 * @param loss in the units of the score, from 0: 0.01 of an accuracy is one image in a hundred; of a score of which
 *   less is better how much more it may be
 */
export function fewestKept(pruningCurve: PruningCurve, loss: number): FewestKept[] {
  has("pruningCurve", pruningCurve, "a PruningCurve");
  const { units, intact, curves, lowerIsBetter, doublePrecision } = pruningCurve;
  const rounding = doublePrecision ? roundings.double : roundings.single;
  if (!(Number.isFinite(loss) && loss >= 0)) throw invalid("loss", "a number from 0", loss);
  return curves.map(({ name, scores }) => {
    let kept = units;
    const enough = (score: number) => {
      const lost = lowerIsBetter ? score - intact : intact - score;
      return lost - loss <= rounding * Math.max(Math.abs(score), Math.abs(intact));
    };
    while (kept > 0 && enough(scores[kept - 1])) kept--;
    return { ranking: name, kept, removed: units - kept, score: scores[kept] };
  });
}

/**
 * The names of the first units of a ranking of a curve: what `compress` is to keep. @throws RangeError for a ranking or
 * number that there is not
 */
export function firstUnits(pruningCurve: PruningCurve, ranking: string, kept: number): readonly string[] {
  has("pruningCurve", pruningCurve, "a PruningCurve", "units", "intact");
  const { units, curves } = pruningCurve;
  const order = curves.find(({ name }) => name === ranking)?.order;
  if (!order) {
    const names = curves.filter((curve) => curve.order).map(({ name }) => name);
    throw invalid("ranking", `one of ${names.join(", ")}`, ranking);
  }
  if (!Number.isInteger(kept) || kept < 0 || kept > units) throw invalid("kept", `0 to ${units}`, kept);
  return order.slice(0, kept);
}

function meanOf(values: Values): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Numbers of a batch of values: 8 MB of float32. */
const batchNumbers = 2 ** 21;

/** The score of the first 0, 1, ..., all units of an ordering. */
async function nestedScores(
  game: Game,
  order: Ordering,
  signal: AbortSignal | undefined,
  scoreOf: (values: Values) => number,
): Promise<Float64Array> {
  const units = game.units.length;
  const outputs = outputSize(game.outputShape);
  const scores = new Float64Array(units + 1);
  const take = (kept: number, values: Values) => {
    const problem = nonFinite(values, 0, outputs);
    const value = problem ? Number.NaN : scoreOf(values);
    if (!Number.isFinite(value)) {
      const coalition = Array.from(order.subarray(0, kept), (unit) => game.units[unit]);
      throw new GameError(problem ?? `the score is ${value}`, { coalition });
    }
    scores[kept] = value;
  };
  take(0, await evaluateFinite(game, noneIntact(units, 1), outputs, signal));
  if (game.walk) await game.walk(order, (rank, values) => take(rank + 1, values), signal);
  else {
    const step = Math.max(1, Math.floor(batchNumbers / outputs));
    for (let from = 0; from < units; from += step) {
      const to = Math.min(from + step, units);
      const values = await evaluateFinite(game, nestedCoalitions(order, from, to), outputs, signal);
      for (let rank = from; rank < to; rank++) {
        take(rank + 1, values.subarray((rank - from) * outputs, (rank - from + 1) * outputs));
      }
    }
  }
  signal?.throwIfAborted();
  return scores;
}
