import { choose, countUpTo } from "../../coalitions/subsets.js";
import { invalid, oneOf, positiveInteger, validSeed, wrongKind } from "../../errors.js";
import { mostExactNumbers, mostUnitsOfExactInteractions } from "../../estimators/interactions/exact.js";
import { type Game, outputSize, unitNames } from "../../games/game.js";
import { type InteractionIndex, interactionIndices } from "../../modes/interaction-index.js";
import { validSignal } from "../../options.js";
import { thousands } from "../../words.js";
import { type InteractionEstimator, type InteractionsOptions, interactionEstimators } from "./options.js";
import { fewestForPairs, mostForPairs, mostPairUnits, usualForPairs } from "./pair-budget.js";

/** What is to be computed, checked. */
export interface InteractionsRequest {
  readonly estimator: InteractionEstimator;
  readonly index: InteractionIndex;
  readonly order: number;
  readonly units: readonly string[];
  readonly outputs: number;
  readonly wholeOutputs: number | undefined;
  /** Indices of the units of the sets asked for; undefined for all. */
  readonly subsets: readonly (readonly number[])[] | undefined;
  readonly orderings: number;
  /** Undefined where orderings are the budget. */
  readonly evaluations: number | undefined;
  readonly seed: number;
}

/** Most coalitions of a draw of "walks", an ordering and its reverse: a second or two to draw, 50 MB for 400 units. */
const mostDrawn = 2 ** 19;
/** Most numbers of all interactions: 1 GB. */
const mostNumbers = 2 ** 27;

/** @throws RangeError, TypeError for a game that is none, and for options out of range or that do not go together */
export function interactionsRequest(game: Game, options: InteractionsOptions): InteractionsRequest {
  if (typeof game?.evaluate !== "function") throw wrongKind("game", "a game, as gameFrom makes one", game);
  validSignal(options.signal);
  const { onProgress, progress } = options;
  if (onProgress !== undefined && typeof onProgress !== "function")
    throw wrongKind("onProgress", "a function", onProgress);
  if (progress !== undefined && typeof progress !== "boolean" && (progress === null || typeof progress !== "object")) {
    throw wrongKind("progress", "true, false or an object", progress);
  }
  const units = unitNames(game.units);
  const outputs = outputSize(game.outputShape);
  const index = oneOf("index", interactionIndices, options.index ?? "sii");
  const order = positiveInteger("order", options.order ?? Math.min(2, units.length));
  if (order > units.length) throw invalid("order", `at most the number of units, ${units.length}`, order);
  const subsets = options.subsets === undefined ? undefined : chosenSubsets(options.subsets, units, order);
  const estimator = oneOf("estimator", interactionEstimators, options.estimator ?? usual(options, units.length));
  const seed = validSeed(options.seed ?? 1);
  const request = { estimator, index, order, units, outputs, wholeOutputs: game.wholeOutputs, subsets, seed };
  if (estimator === "exact") return { ...request, ...exactBudget(request, options) };
  if (estimator === "pairs") return { ...request, ...pairsBudget(request, options) };
  return { ...request, ...walksBudget(request, options) };
}

function usual({ subsets, orderings, evaluations }: InteractionsOptions, units: number): InteractionEstimator {
  if (subsets !== undefined || orderings !== undefined) return "walks";
  return units <= mostUnitsOfExactInteractions && evaluations === undefined ? "exact" : "pairs";
}

type Checked = Omit<InteractionsRequest, "orderings" | "evaluations">;
type Budget = Pick<InteractionsRequest, "orderings" | "evaluations">;

function exactBudget(
  { units, outputs, order, subsets }: Checked,
  { orderings, evaluations }: InteractionsOptions,
): Budget {
  const n = units.length;
  for (const [name, value] of Object.entries({ orderings, evaluations })) {
    if (value !== undefined) throw invalid(name, "none for the exact estimator, which plays all coalitions", value);
  }
  if (subsets) throw invalid("subsets", "none for the exact estimator, which gives those of all units", subsets);
  if (n > mostUnitsOfExactInteractions) {
    const others = `estimator "pairs" for all pairs, "walks" for some`;
    throw invalid(
      "units",
      `at most ${mostUnitsOfExactInteractions} for the exact estimator, which plays all 2^n coalitions (${others})`,
      n,
    );
  }
  const most = Math.floor(mostExactNumbers / 2 ** n);
  if (outputs > most) {
    const rule = `at most ${thousands(most)} for all coalitions of ${n} units to be kept (partOf takes a part of them)`;
    throw invalid("outputs", rule, outputs);
  }
  checkNumbers(countUpTo(n, order), outputs, order, n);
  return { orderings: 0, evaluations: 2 ** n };
}

function pairsBudget(
  { units, outputs, index, order, subsets }: Checked,
  { orderings, evaluations }: InteractionsOptions,
): Budget {
  const n = units.length;
  const elsewhere = 'for estimator "pairs"';
  if (order !== 2) throw invalid("order", `2 ${elsewhere}; "walks" and "exact" have others`, order);
  if (index !== "sii" && index !== "k-sii") throw invalid("index", `sii or k-sii ${elsewhere}`, index);
  if (subsets) throw invalid("subsets", `none ${elsewhere}, which gives all pairs; "walks" takes some`, subsets);
  if (orderings !== undefined) throw invalid("orderings", `evaluations in their place ${elsewhere}`, orderings);
  if (n > mostPairUnits) {
    const cost = `${thousands(choose(n, 2))} pairs are as many unknowns of a regression`;
    throw invalid("units", `at most ${mostPairUnits} ${elsewhere} (${cost}); walks take chosen subsets`, n);
  }
  checkNumbers(countUpTo(n, 2), outputs, 2, n);
  const wanted = evaluations === undefined ? usualForPairs(n) : positiveInteger("evaluations", evaluations);
  const least = fewestForPairs(n);
  if (wanted < least) {
    const why = `the interactions of ${thousands(choose(n, 2))} pairs of ${n} units`;
    const usual = `${thousands(usualForPairs(n))} are usual; "walks" takes fewer for chosen subsets`;
    throw invalid("evaluations", `at least ${thousands(least)} for ${why} (${usual})`, wanted);
  }
  const used = Math.min(wanted, mostForPairs(n));
  if (used * outputs > mostNumbers) {
    const most = Math.floor(mostNumbers / used);
    throw invalid(
      "outputs",
      `at most ${thousands(most)} for values of ${thousands(used)} coalitions to be kept`,
      outputs,
    );
  }
  return { orderings: 0, evaluations: used };
}

function walksBudget(
  { units, outputs, index, order, subsets }: Checked,
  { orderings, evaluations }: InteractionsOptions,
): Budget {
  if (index === "k-sii" || index === "fsii") {
    const why = index === "k-sii" ? "of the highest order k-SII is SII" : "FSII is no mean of derivatives";
    throw invalid("index", `sii, stii or banzhaf for estimator "walks" (${why})`, index);
  }
  const sets = subsets?.length ?? choose(units.length, order);
  const drawn = sets * 2 ** (order + 1);
  if (drawn > mostDrawn) {
    const cost = `the ${thousands(sets)} sets of ${order} of ${thousands(units.length)} units are up to ${thousands(drawn)} coalitions for each ordering and its reverse`;
    const most = thousands(Math.floor(mostDrawn / 2 ** (order + 1)));
    throw invalid(
      "subsets",
      `at most ${most} for estimator "walks" (${cost}); name those that matter`,
      subsets?.length ?? "all",
    );
  }
  checkNumbers(sets, outputs, order, units.length);
  if (evaluations !== undefined) {
    if (orderings !== undefined) throw invalid("evaluations", "orderings or evaluations, not both", evaluations);
    return { orderings: 0, evaluations: positiveInteger("evaluations", evaluations) };
  }
  const wanted = positiveInteger("orderings", orderings ?? 1000);
  if (wanted % 2 !== 0) throw invalid("orderings", "an even number: each ordering is played with its reverse", wanted);
  return { orderings: wanted, evaluations: undefined };
}

function checkNumbers(sets: number, outputs: number, order: number, units: number): void {
  if (sets * outputs <= mostNumbers) return;
  const rule = `one whose sets are at most ${thousands(Math.floor(mostNumbers / outputs))} for ${units} units and ${outputs} outputs (subsets names some)`;
  throw invalid("order", rule, order);
}

/** Indices of chosen sets of exactly `order` units. */
function chosenSubsets(given: unknown, units: readonly string[], order: number): number[][] {
  const rule = `a list of lists of ${order} names of units`;
  if (!Array.isArray(given)) throw wrongKind("subsets", rule, given);
  if (given.length === 0) throw invalid("subsets", "at least one", given);
  const index = new Map(units.map((unit, u) => [unit, u]));
  const seen = new Set<string>();
  return given.map((set: unknown) => {
    if (!Array.isArray(set)) throw wrongKind("subset", `a list of ${order} names of units`, set);
    const members = set.map((unit: unknown) => {
      const found = typeof unit === "string" ? index.get(unit) : undefined;
      if (found === undefined) throw invalid("unit", "the name of a unit of the game", unit);
      return found;
    });
    members.sort((a, b) => a - b);
    if (members.length !== order || new Set(members).size !== order) {
      throw invalid("subset", `${order} different units, as many as the order`, set);
    }
    if (seen.has(members.join())) throw invalid("subset", "each once", set);
    seen.add(members.join());
    return members;
  });
}
