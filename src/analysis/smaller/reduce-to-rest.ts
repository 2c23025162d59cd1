import { type ShapleyOptions, shapley } from "../../engine/shapley.js";
import { invalid, positiveInteger, validSeed, wrongKind } from "../../errors.js";
import type { Game } from "../../games/game.js";
import { together } from "../../games/regrouped.js";
import type { Mode, ShapleyModes } from "../../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../../options.js";

/** Options of {@link reduceToRest}. */
export interface ReduceOptions {
  /** Units that are players of their own in the end, beside the rest. */
  readonly keep: number;
  /**
   * Share of the single units that goes into the rest in each round, above 0 and below 1; default 0.5. Never more than
   * down to `keep`.
   */
  readonly share?: number;
  /** How much a unit matters; default the mean |contribution| over the outputs. */
  readonly importance?: (mode: Mode) => number;
  /**
   * How each round is played, as in `shapley`; round r has the seed + r, so that no round chooses by the errors of
   * another.
   */
  readonly shapley?: Omit<ShapleyOptions, "resume" | "checkpointSeconds">;
}

/** The names of `ReduceOptions`. */
export const reduceOptionNames: OptionNames<ReduceOptions> = {
  keep: true,
  share: true,
  importance: true,
  shapley: true,
};

/** What {@link reduceToRest} comes to. */
export interface Reduction {
  /** Modes of the units that were kept and of `rest`, in the last round. */
  readonly modes: ShapleyModes;
  /** The units that were kept, in the game's order. */
  readonly kept: readonly string[];
  /** The units that `rest` stands for, in the order in which they went. */
  readonly rest: readonly string[];
  /** For each round how many players it had, and how many of the units were in the rest. */
  readonly rounds: readonly { readonly players: number; readonly inRest: number }[];
}

/** Name of the player that all other units are. */
const restName = "rest";

/**
 * Reduces a game to the units that matter and one player for all others, `rest`: in rounds, in each of which the units
 * that matter least join it, and the others are played again against fewer players, which the same evaluations tell
 * more precisely. The modes still add up to v(all) - v(none).
 *
 * What a unit contributes depends on whether it can stand in for others: units that do so for each other can go one
 * after the other, while the rest as a whole matters. `modes.unit("rest")` says by how much.
 *
 * @throws TypeError, RangeError for numbers out of range, or a game with a unit called `rest`
 * @example
 * const { modes, kept } = await reduceToRest(game, { keep: 2, shapley: { orderings: 20 } });
 */
export async function reduceToRest(game: Game, options: ReduceOptions): Promise<Reduction> {
  knownOptions("reduceToRest", options, reduceOptionNames);
  if (typeof game?.evaluate !== "function") throw wrongKind("game", "a game, as mlpGame makes one", game);
  const { share = 0.5, importance = meanAbsolute } = options;
  const keep = positiveInteger("keep", options.keep);
  if (keep >= game.units.length) throw invalid("keep", `fewer than the game's ${game.units.length} units`, keep);
  if (typeof share !== "number" || !(share > 0 && share < 1)) throw invalid("share", "a number between 0 and 1", share);
  if (typeof importance !== "function") throw wrongKind("importance", "a function of a mode", importance);
  if (game.units.includes(restName)) throw invalid("units", `none of the name ${restName}`, restName);
  const seed = validSeed(options.shapley?.seed ?? 1);
  const rest: string[] = [];
  const rounds: { players: number; inRest: number }[] = [];
  for (let round = 0; ; round++) {
    const played = rest.length === 0 ? game : together(game, { [restName]: rest });
    const modes = await shapley(played, { ...options.shapley, seed: (seed + round) % 2 ** 32 });
    rounds.push({ players: played.units.length, inRest: rest.length });
    const single = played.units.filter((unit) => unit !== restName);
    if (single.length === keep) return { modes, kept: single, rest, rounds };
    const numbers = new Map(single.map((unit) => [unit, checked(importance(modes.unit(unit)), unit)]));
    const ascending = [...single].sort((a, b) => numbers.get(a)! - numbers.get(b)!);
    const go = Math.min(single.length - keep, Math.max(1, Math.floor(share * single.length)));
    rest.push(...ascending.slice(0, go));
  }
}

function meanAbsolute({ values }: Mode): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
}

function checked(value: number, unit: string): number {
  if (!Number.isFinite(value)) throw invalid(`importance of ${unit}`, "a finite number", value);
  return value;
}
