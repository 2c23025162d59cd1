import { countUpTo, subsetsUpTo } from "../coalitions/subsets.js";
import { invalid, wrongKind } from "../errors.js";
import { type Game, outputSize, unitNames } from "../games/game.js";
import { knownOptions, type OptionNames } from "../options.js";
import { thousands } from "../words.js";
import { visitLesioned } from "./lesions.js";

/** Options of {@link lesions}. */
export interface LesionTableOptions {
  /** Most units lesioned at once: 1, 2 (default) or 3. */
  readonly order?: 1 | 2 | 3;
  /** Units that are lesioned, by name; default all. */
  readonly units?: readonly string[];
  /** Stops it within a moment once aborted: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The names of `LesionTableOptions`. */
export const lesionTableOptionNames: OptionNames<LesionTableOptions> = { order: true, units: true, signal: true };

/** What lesioning one, two or three units does, all others intact. */
export interface LesionEffect {
  /** Names of the lesioned units. */
  readonly units: readonly string[];
  /** v without them, `outputShape`. */
  readonly values: Float64Array;
  /** v(all) - v without them: what is lost, `outputShape`. */
  readonly effects: Float64Array;
  /**
   * What the lesions do together beyond what their parts do, `outputShape`: sum over the sets R of them of (-1)^|R|
   * v(all but R). For a pair v(all) - v without a - v without b + v without both: positive where one lesion takes what
   * the other would have taken too (each unit needs the other), negative where either unit is enough. For one unit its
   * effect.
   */
  readonly epistasis: Float64Array;
}

/** Single, dual and triple lesions of a game. */
export interface LesionTable {
  /** Shape of v. */
  readonly outputShape: readonly number[];
  /** v(all), `outputShape`. */
  readonly intact: Float64Array;
  /** One for each set, single lesions first. */
  readonly effects: readonly LesionEffect[];
  /** One row for each set, averaged over the outputs, as `table` shows them. */
  readonly rows: readonly LesionTableRow[];
}

/** A set of lesioned units, with means over the outputs: see {@link LesionEffect}. */
export interface LesionTableRow {
  /** `a + b` */
  readonly lesioned: string;
  readonly order: number;
  readonly value: number;
  readonly effect: number;
  readonly epistasis: number;
}

/** Most numbers that the effects hold: 0.8 GB in all. */
const mostNumbers = 2 ** 25;
/** Most sets, each of which takes about 1 kB beside its numbers. */
const mostSets = 2 ** 20;

/**
 * Single, dual and, where asked for, triple lesions: v with every set of up to `order` units lesioned and all others
 * intact, and what they do together beyond what they do apart. As many evaluations as there are sets; all others intact
 * is one place among all that interactions average over.
 *
 * @throws RangeError before any evaluation for a unit that the game does not have, an order that is none, and more sets
 *   than memory holds (the message says how many evaluations they are); GameError for a game that throws or returns
 *   numbers that are not finite
 * @example
 * const game = await gameFrom(["a", "b", "c"], (intact) => (intact.has("a") || intact.has("b") ? 1 : 0));
 * const { rows } = await lesions(game); // lesioned "a + b": effect 1, epistasis -1, either is enough
 */
export async function lesions(game: Game, options: LesionTableOptions = {}): Promise<LesionTable> {
  knownOptions("lesions", options, lesionTableOptionNames);
  if (typeof game?.evaluate !== "function") throw wrongKind("game", "a game, as gameFrom makes one", game);
  const { order = 2, signal } = options;
  if (![1, 2, 3].includes(order)) throw invalid("order", "1, 2 or 3", order);
  if (options.units !== undefined && !Array.isArray(options.units)) {
    throw wrongKind("units", "a list of names of units", options.units);
  }
  const units = unitNames(options.units ?? game.units);
  const wrong = units.find((unit) => !game.units.includes(unit));
  if (wrong !== undefined) throw invalid("unit", "the name of a unit of the game", wrong);
  if (order > units.length) throw invalid("order", `at most the number of units, ${units.length}`, order);
  const outputs = outputSize(game.outputShape);
  const count = countUpTo(units.length, order);
  const mostOf = Math.min(mostSets, Math.floor(mostNumbers / outputs));
  if (count > mostOf) {
    const most = thousands(mostOf);
    throw invalid(
      "units",
      `some whose sets of up to ${order} are at most ${most} evaluations`,
      `${thousands(count)} sets`,
    );
  }
  const sets = subsetsUpTo(units.length, order);
  const names = sets.map((set) => set.map((unit) => units[unit]));
  const byKey = new Map<string, Float64Array>();
  const keys = ["", ...sets.map((set) => set.join())];
  await visitLesioned(game, [[], ...names], (values, at) => void byKey.set(keys[at], Float64Array.from(values)), {
    ...(signal && { signal }),
  });
  const intact = byKey.get("") as Float64Array;
  const effects = sets.map((set, s): LesionEffect => {
    const values = byKey.get(set.join()) as Float64Array;
    const epistasis = new Float64Array(outputs);
    for (let some = 0; some < 1 << set.length; some++) {
      const part = set.filter((_, at) => (some >>> at) & 1);
      const without = byKey.get(part.join()) as Float64Array;
      const sign = part.length % 2 === 0 ? 1 : -1;
      for (let o = 0; o < outputs; o++) epistasis[o] += sign * without[o];
    }
    return { units: names[s], values, effects: intact.map((value, o) => value - values[o]), epistasis };
  });
  const mean = (numbers: Float64Array) => numbers.reduce((sum, value) => sum + value, 0) / outputs;
  return {
    outputShape: game.outputShape,
    intact,
    effects,
    rows: effects.map(({ units: lesioned, values, effects: lost, epistasis }) => ({
      lesioned: lesioned.join(" + "),
      order: lesioned.length,
      value: mean(values),
      effect: mean(lost),
      epistasis: mean(epistasis),
    })),
  };
}
