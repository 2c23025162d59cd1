import { coalitionsOf } from "../coalitions/coalition.js";
import { invalid, wrongKind } from "../errors.js";
import { evaluateFinite } from "../estimators/walk.js";
import { type Game, outputSize, type Values } from "../games/game.js";
import { has } from "../kinds.js";
import { type SignalOption, signalOf } from "../options.js";

/** What a game's output is with sets of units lesioned. */
export interface Lesioned {
  /** `outputShape` of the game. */
  readonly outputShape: readonly number[];
  /** v with all units intact. */
  readonly intact: Values;
  /** v with each set lesioned and all other units intact. */
  readonly lesioned: readonly Values[];
}

/** Numbers of a batch of values: 8 MB of float32. */
const batchNumbers = 2 ** 21;

/**
 * v with each of some sets of units lesioned, all others intact: the effect of a lesion, where a mode is what a unit
 * contributes on average over all lesions. Evaluated in batches.
 *
 * @param sets names of units; an empty set lesions nothing
 * @param options.signal stops it: the promise is rejected with the signal's reason
 * @throws RangeError for a unit that the game does not have; GameError for a game that throws or returns numbers that
 *   are not finite
 * @example
 * const { intact, lesioned: [without] } = await lesioned(game, [["layer2/filter3", "layer2/filter7"]]);
 */
export async function lesioned(
  game: Game,
  sets: readonly (readonly string[])[],
  options: SignalOption = {},
): Promise<Lesioned> {
  const signal = signalOf("lesioned", options);
  has("game", game, "a Game", "units", "outputShape");
  const values: Values[] = [];
  await visitLesioned(game, [[], ...sets], (value) => values.push(value.slice()), { signal });
  const [intact, ...rest] = values;
  return { outputShape: game.outputShape, intact, lesioned: rest };
}

/**
 * {@link lesioned} for more sets than memory holds: calls `visit` with v of each set, in order. The values are only
 * good during the call.
 */
export async function visitLesioned(
  game: Game,
  sets: readonly (readonly string[])[],
  visit: (values: Values, set: number) => void,
  options: SignalOption = {},
): Promise<void> {
  const signal = signalOf("visitLesioned", options);
  has("game", game, "a Game", "units", "outputShape");
  const intact = sets.map(membersLeft(game));
  const outputs = outputSize(game.outputShape);
  const batch = Math.max(1, Math.floor(batchNumbers / outputs));
  for (let from = 0; from < sets.length; from += batch) {
    signal?.throwIfAborted();
    const part = intact.slice(from, from + batch);
    const values = await evaluateFinite(game, coalitionsOf(game.units.length, part), outputs, signal);
    for (let row = 0; row < part.length; row++) {
      visit(values.subarray(row * outputs, (row + 1) * outputs), from + row);
    }
  }
}

/** For a set of lesioned units the indices of all others. */
function membersLeft(game: Game): (set: readonly string[]) => number[] {
  const known = new Set(game.units);
  return (set) => {
    if (!Array.isArray(set)) throw wrongKind("set", "a list of names of units", set);
    const wrong = set.find((unit) => !known.has(unit));
    if (wrong !== undefined) throw invalid("unit", "the name of a unit of the game", wrong);
    const gone = new Set(set);
    return [...game.units.keys()].filter((unit) => !gone.has(game.units[unit]));
  };
}
