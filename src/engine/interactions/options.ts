import type { InteractionIndex } from "../../modes/interaction-index.js";
import type { OptionNames } from "../../options.js";
import { type RunOptions, runOptionNames } from "../runs/run-options.js";

/** How interactions are computed. */
export const interactionEstimators = ["exact", "pairs", "walks"] as const;

/** Name of a way to compute interactions. */
export type InteractionEstimator = (typeof interactionEstimators)[number];

/** Options of `interactions`. */
export interface InteractionsOptions extends RunOptions {
  /**
   * Which index: one of `interactionIndices`; default "sii", the Shapley interaction index, of pairs what msapy calls
   * network interaction.
   */
  readonly index?: InteractionIndex;
  /**
   * Most units of a set; default 2, pairs, and of a game of one unit 1. A positive integer up to the number of units.
   */
  readonly order?: number;
  /**
   * How they are computed. "exact": from all 2^n coalitions, to 16 units. "pairs": all pairs of units by a regression
   * on coalitions and their complements, the ones that `leverage` draws, so that its modes come along; SII and 2-SII,
   * to 100 units; consistent. "walks": chosen sets, or all of the order, by derivatives before them in random
   * orderings; SII, STII and Banzhaf of the order itself; unbiased. Default "walks" where `subsets` or `orderings` are
   * given, else "exact" to 16 units where no evaluations are, else "pairs".
   */
  readonly estimator?: InteractionEstimator;
  /** Sets of `order` units, by name, for "walks"; default all. */
  readonly subsets?: readonly (readonly string[])[];
  /**
   * Evaluations of v at most. For "pairs" default four pairs of coalitions for each unknown, or all that there are; for
   * "walks" in place of `orderings`.
   */
  readonly evaluations?: number;
  /** Orderings of "walks", each played with its reverse: an even number; default 1000. */
  readonly orderings?: number;
  /**
   * A folder for what is done so far, of this run alone; default none. Called again after an interruption or a crash,
   * with the same game and options, the run goes on from there, and its bytes are those of a run that nothing
   * disturbed. More orderings, or evaluations of walks, add to those that are there. As all values are kept, "exact"
   * gives another index or order, and "pairs" the other index, without an evaluation but three.
   */
  readonly resume?: string;
}

/** The names of `InteractionsOptions`. */
export const interactionsOptionNames: OptionNames<InteractionsOptions> = {
  ...runOptionNames,
  index: true,
  order: true,
  estimator: true,
  subsets: true,
  evaluations: true,
  orderings: true,
  resume: true,
};
