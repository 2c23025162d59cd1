import { type Coalitions, coalitionsOf } from "../../coalitions/coalition.js";
import { allPairs } from "../../coalitions/complement-pairs.js";
import { randomOrdering } from "../../coalitions/random.js";
import { type Random, randomStream } from "../../coalitions/random-streams.js";
import { positiveInteger } from "../../errors.js";
import type { Estimator } from "../../estimators/estimator.js";
import { mostExactUnits } from "../../estimators/exact.js";
import { evaluationsPerOrdering } from "../../estimators/ordering-chunks.js";
import { mostPairs } from "../../estimators/pair-samples.js";
import { type EstimatorName, estimators } from "../../estimators/registry.js";
import { designBytes } from "../../estimators/regression/design-bytes.js";
import { RowFile } from "../../estimators/row-file.js";
import { allGated, type Game, outputSize, unitNames } from "../../games/game.js";
import type { JsonObject } from "../../json.js";
import { sizeText } from "../../words.js";
import { type Costs, measuredCosts } from "./costs.js";
import { fittingSeconds } from "./fitting-seconds.js";
import { InterruptedError } from "./interruption.js";
import { checkGame, settingsOf, type Wanted } from "./settings.js";

/**
 * What may be asked for as an estimator: one by name, "auto" for the one that fits the game, or one of the user's own.
 */
export type EstimatorChoice = EstimatorName | "auto" | Estimator;

/** Options of a run with its estimator chosen. */
export interface Chosen<Options extends Wanted> {
  readonly options: Omit<Options, "estimator"> & { readonly estimator: EstimatorName | Estimator };
  /** What the result is to say of the choice; undefined where there was none. */
  readonly provenance: JsonObject | undefined;
}

/**
 * Evaluations for each unit that `leverage` makes where no budget is given: as precise as 1000 orderings on all
 * networks of docs/estimators.md.
 */
const leveragePerUnit = 120;
/** Evaluations for each unit of 1000 orderings. */
const orderingsPerUnit = 1000;
/** Most bytes of differences of pairs that "auto" lets `leverage` hold in memory. */
const mostBytes = 2 ** 30;
/** Share of the room for temporary files that it lets it fill with more. */
const shareOfRoom = 0.5;
/** Most bytes that it lets the fit take. */
const mostOfFit = 2 ** 32;
/** Seconds of fitting from which on a game without a walk is timed as well: what is quick may be played instead. */
const longFit = 60;
/** Fits of all looks of a run that may stop, in shares of the last one. */
const fitsOfLooks = 3;
/** Nobody waits for less than this, in seconds: precision is then worth more. */
const leastWait = 1;

/**
 * How many times less variance `leverage` has than `antithetic` at as many evaluations, by evaluations for each unit:
 * geometric means over scores of the networks of docs/estimators.md.
 */
const advantages = [
  [3, 1.1],
  [4, 1.2],
  [6, 1.6],
  [20, 4.1],
  [120, 8],
] as const;

/**
 * Puts the estimator that fits the game in the place of "auto", which is also what is meant where neither an estimator
 * nor orderings are asked for:
 *
 * - `exact` where all coalitions are no more than the evaluations asked for (without a budget, than 1000 orderings
 *   take), and no rule may stop the run earlier;
 * - `leverage` where a rule may stop the run and all coalitions are within its budget, at the end of which it is exact
 *   (without a budget to 13 units);
 * - `leverage` where a step of a walk is no cheaper than a coalition: games without a walk, of which nothing is
 *   measured unless the fit takes more than a minute;
 * - else `antithetic` or `leverage`, whichever has less variance per second (docs/estimators.md): one step and one
 *   coalition are timed.
 *
 * Where blocks of orderings are asked for, `antithetic`. Of large outputs, whose differences of pairs would take more
 * than 1 GB and more than half of the room for temporary files (in a browser there is none), of so many units that its
 * fit would take more than 4 GB of memory, and of parts of a game, `leverage` is not taken.
 *
 * @param signal stops the measuring
 * @param earlier the estimator of a run that goes on, which is then kept
 * @throws InterruptedError where it was stopped
 */
export async function withEstimator<Options extends Wanted>(
  game: Game,
  options: Options,
  signal: () => AbortSignal | undefined,
  earlier?: string,
): Promise<Chosen<Options>> {
  const { estimator, orderings, until } = options;
  const evaluations = options.evaluations ?? until?.evaluations;
  if (options.blocks !== undefined && (estimator === "auto" || (estimator === undefined && orderings === undefined))) {
    return {
      options: { ...options, estimator: "antithetic" },
      provenance: { estimator_chosen_because: "blocks of orderings are asked for" },
    };
  }
  const named = namedEstimator(options);
  if (named !== undefined) return { options: { ...options, estimator: named }, provenance: undefined };
  checkGame(game);
  const units = unitNames(game.units).length;
  const budget = evaluations ?? (orderings === undefined ? undefined : positiveInteger("orderings", orderings) * units);
  // Whatever is wrong is said before anything is evaluated.
  const planned = budget ?? (until ? orderingsPerUnit : leveragePerUnit) * units;
  const possible = pairsOf(game, units, planned) > mostPairs(units) ? "antithetic" : "leverage";
  settingsOf(game, { ...options, ...budgetFor(possible, options, units), estimator: possible });
  const stop = signal();
  const few = areTooFew(game, options);
  const { name, because, costs } = await choice(game, units, budget, until !== undefined, stop, earlier, few).catch(
    (cause: unknown) => {
      if (!stop?.aborted) throw cause;
      throw new InterruptedError("while the estimator was chosen", "nothing was computed yet", { cause });
    },
  );
  return {
    options: { ...options, ...budgetFor(name, options, units), estimator: name },
    provenance: {
      estimator_chosen_because: because,
      ...(costs && {
        seconds_per_coalition: Number(costs.coalition.toPrecision(2)),
        seconds_per_step: Number(costs.step.toPrecision(2)),
      }),
    },
  };
}

/** The estimator that is asked for; undefined where one is to be chosen. */
export function namedEstimator({ estimator, orderings }: Wanted): EstimatorName | Estimator | undefined {
  if (estimator !== undefined) return estimator === "auto" ? undefined : estimator;
  return orderings === undefined ? undefined : "permutation";
}

/** How much an estimator is to do. */
type Budget = Pick<Wanted, "orderings" | "evaluations">;

interface Choice {
  readonly name: EstimatorName;
  readonly because: string;
  readonly costs?: Costs;
}

const tooFew: Choice = {
  name: "leverage",
  because: "the evaluations are too few for an ordering and its reverse",
};

/** Whether what is asked for is not enough for an ordering and its reverse, so that `antithetic` would refuse it. */
function areTooFew(game: Game, { orderings, evaluations, until }: Wanted): boolean {
  const most = evaluations ?? until?.evaluations;
  if (most !== undefined) return most < 2 * evaluationsPerOrdering(game) + 2;
  return orderings !== undefined && orderings < 2;
}

const forPart: Choice = { name: "antithetic", because: "the game is a part of another one" };
const forParts: Choice = {
  name: "antithetic",
  because: "the output may be played in parts; leverage, which takes fewer evaluations, can be asked for",
};

/** `exact`, where all coalitions are within the budget. */
function exactWithin(units: number, budget: number | undefined, mayStop: boolean): Choice | undefined {
  if (mayStop || units > mostExactUnits || 2 ** units > (budget ?? orderingsPerUnit * units)) return undefined;
  return { name: "exact", because: `all ${2 ** units} coalitions are within the budget` };
}

/**
 * {@link withEstimator} for a game that is played in parts, one after the other: nothing has to be measured. `budget`
 * stands for what is asked for, where it is another one.
 */
export function estimatorOfParts(
  game: Game,
  wanted: Wanted,
): { readonly name: EstimatorName | Estimator; readonly because?: string; readonly budget?: Budget } {
  const { orderings, evaluations, until } = wanted;
  const named = namedEstimator(wanted);
  if (named !== undefined) return { name: named };
  checkGame(game);
  const units = unitNames(game.units).length;
  const ofOrderings = orderings === undefined ? undefined : positiveInteger("orderings", orderings) * units;
  const budget = evaluations ?? until?.evaluations ?? ofOrderings;
  const exact = exactWithin(units, budget, until !== undefined);
  if (exact) return { ...exact, budget: budgetFor("exact", wanted, units) };
  const fitting = areTooFew(game, wanted) ? tooFew : forParts;
  // Without a budget it is antithetic, which has one of its own.
  return { ...fitting, budget: budgetFor(fitting.name, wanted, units) };
}

async function choice(
  game: Game,
  units: number,
  budget: number | undefined,
  mayStop: boolean,
  signal: AbortSignal | undefined,
  earlier: string | undefined,
  few: boolean,
): Promise<Choice> {
  if (earlier !== undefined && earlier in estimators) {
    return { name: earlier as EstimatorName, because: "the run that goes on had it" };
  }
  const exact = exactWithin(units, budget, mayStop);
  if (exact) return exact;
  const evaluations = budget ?? leveragePerUnit * units;
  const outputs = outputSize(game.outputShape);
  const pairs = pairsOf(game, units, evaluations);
  const bytes = pairs * outputs * Float64Array.BYTES_PER_ELEMENT;
  if (few) return tooFew;
  if (game.wholeOutputs !== undefined) return forPart;
  const planned = budget ?? (mayStop ? orderingsPerUnit : leveragePerUnit) * units;
  if (pairsOf(game, units, planned) > mostPairs(units)) {
    return { name: "antithetic", because: "leverage would hold too many coalitions" };
  }
  if (bytes > Math.max(mostBytes, shareOfRoom * RowFile.room())) {
    const needed = `leverage would hold ${sizeText(bytes)} of differences`;
    return { name: "antithetic", because: `${needed}, for which there is too little room in temporary files` };
  }
  const fit = designBytes(units, pairs);
  if (fit > mostOfFit) return { name: "antithetic", because: `leverage would take ${sizeText(fit)} for its fit` };
  if (mayStop && 2 ** units <= planned) {
    return { name: "leverage", because: "it may stop early, and is exact where it has played all coalitions" };
  }
  const fitting = (mayStop ? fitsOfLooks : 1) * fittingSeconds(units, pairs, outputs);
  if (!game.walk && fitting <= longFit) {
    return { name: "leverage", because: "the game has no walk, so a step costs what a coalition does" };
  }
  const random = randomStream(0);
  const costs = await measuredCosts(game, randomOrdering(random, units), ofHalf(units, random), signal);
  const perUnit = evaluations / units;
  const walked =
    (budget ?? orderingsPerUnit * units) / Math.max(leastWait, (budget ?? orderingsPerUnit * units) * costs.step);
  const regressed = (evaluations * advantage(perUnit)) / Math.max(leastWait, evaluations * costs.coalition + fitting);
  return regressed > walked
    ? { name: "leverage", because: "less variance per second than antithetic", costs }
    : { name: "antithetic", because: "less variance per second than leverage", costs };
}

/** Pairs that there are evaluations for, or all. */
function pairsOf(game: Game, units: number, evaluations: number): number {
  return Math.min(allPairs(units), evaluations / (allGated(game) ? 1 : 2));
}

/** Half of the units in each of a few coalitions. */
function ofHalf(units: number, random: Random): Coalitions {
  const half = () => randomOrdering(random, units).subarray(0, Math.ceil(units / 2));
  return coalitionsOf(units, Array.from({ length: 8 }, half));
}

/**
 * The budget of `leverage` where none is asked for, an even one of `antithetic`, and for `exact` no orderings; others
 * have what is asked for, or their own.
 */
function budgetFor(name: EstimatorName, { orderings, evaluations, until }: Wanted, units: number): Budget {
  const none = orderings === undefined && evaluations === undefined && until === undefined;
  if (name === "exact") return { orderings: undefined };
  if (name === "antithetic" && orderings !== undefined) return { orderings: orderings - (orderings % 2) };
  return name === "leverage" && none ? { evaluations: leveragePerUnit * units + 2 } : {};
}

/** {@link advantages} between its points, on logarithmic scales. */
function advantage(perUnit: number): number {
  if (perUnit < advantages[0][0]) return 1;
  const next = advantages.findIndex(([at]) => at > perUnit);
  if (next < 0) return advantages[advantages.length - 1][1];
  const [[from, low], [to, high]] = [advantages[next - 1], advantages[next]];
  return low * (high / low) ** (Math.log(perUnit / from) / Math.log(to / from));
}
