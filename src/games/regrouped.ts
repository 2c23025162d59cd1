import { addUnit, type Coalitions, isIntact, noneIntact, type Ordering } from "../coalitions/coalition.js";
import { invalid, wrongKind } from "../errors.js";
import type { JsonObject } from "../json.js";
import { builtModule } from "../package.js";
import { gameFromSpec } from "./from-spec.js";
import { type Game, unitNames, type Values } from "./game.js";
import type { GameSpec } from "./spec.js";

/** This module as threads load it. */
const thisModule = builtModule("games/regrouped");

/** Players of a game that is made of another one's units: each a name and its units' indices. */
type Players = readonly (readonly [name: string, members: readonly number[]])[];

/**
 * The same game in which some units come and go together: each group is one player, in the place of its first unit; all
 * other units stay as they are. A pair kept together is a group of two, a layer a group of its units.
 *
 * @param groups names of units by the group's name
 * @throws RangeError for a unit that the game does not have, that is in two groups, or an empty group, or a name that
 *   another player has
 * @example
 * const game = await gameFrom(["a", "b", "c"], (intact) => (intact.has("a") && intact.has("b") ? 3 : 0) + (intact.has("c") ? 1 : 0));
 * const pair = together(game, { "a and b": ["a", "b"] });
 * pair.units; // ["a and b", "c"]
 * (await shapley(pair, { estimator: "exact" })).unit("a and b").values[0]; // 3
 */
export function together(game: Game, groups: Readonly<Record<string, readonly string[]>>): Game {
  if (groups === null || typeof groups !== "object" || Array.isArray(groups)) {
    throw wrongKind("groups", "an object of lists of names of units", groups);
  }
  const indexOf = unitIndex(game);
  const groupOf = new Map<number, string>();
  const members = new Map<string, number[]>();
  for (const [name, units] of Object.entries(groups)) {
    if (!Array.isArray(units)) throw wrongKind(`group ${name}`, "a list of names of units", units);
    if (units.length === 0) throw invalid(`group ${name}`, "at least one unit", units);
    members.set(
      name,
      units.map((unit) => {
        const u = indexOf(unit);
        if (groupOf.has(u)) throw invalid(`unit of group ${name}`, "one that is in no other group, and once", unit);
        groupOf.set(u, name);
        return u;
      }),
    );
  }
  const placed = new Set<string>();
  const players = game.units.flatMap((unit, u): [string, number[]][] => {
    const group = groupOf.get(u);
    if (group === undefined) return [[unit, [u]]];
    if (placed.has(group)) return [];
    placed.add(group);
    return [[group, members.get(group) ?? []]];
  });
  return regrouped(game, players, {
    together: Object.fromEntries(Object.entries(groups).map(([g, u]) => [g, [...u]])),
  });
}

/**
 * The same game without some units: they are lesioned throughout, and all others are its players. What a unit
 * contributes when another one is gone.
 *
 * @throws RangeError for a unit that the game does not have, or where none is left
 * @example
 * const game = await gameFrom(["a", "b", "c"], (intact) => (intact.has("a") && intact.has("b") ? 3 : 0) + (intact.has("c") ? 1 : 0));
 * (await shapley(without(game, ["b"]), { estimator: "exact" })).unit("a").values[0]; // 0
 */
export function without(game: Game, units: readonly string[]): Game {
  if (!Array.isArray(units)) throw wrongKind("units", "a list of names of units", units);
  const gone = new Set(units.map(unitIndex(game)));
  if (gone.size === game.units.length) throw invalid("units", "some of the game's units, not all", units.length);
  const players = game.units.flatMap((unit, u): [string, number[]][] => (gone.has(u) ? [] : [[unit, [u]]]));
  return regrouped(game, players, { without: [...units] });
}

function unitIndex(game: Game): (unit: string) => number {
  if (typeof game?.evaluate !== "function") throw wrongKind("game", "a game, as gameFrom makes one", game);
  const index = new Map(game.units.map((unit, u) => [unit, u]));
  return (unit) => {
    const found = index.get(unit);
    if (found === undefined) throw invalid("unit", "the name of a unit of the game", unit);
    return found;
  };
}

/** A game of other players. Units of none are lesioned. */
function regrouped(game: Game, players: Players, change: JsonObject): Game {
  const units = unitNames(players.map(([name]) => name));
  const members = players.map(([, own]) => own);
  const { outputShape, provenance, code, walk, forThreads, spec, dispose, concurrently, part } = game;
  const { wholeOutputs, coalitionsAtOnce } = game;

  function inner(coalitions: Coalitions): Coalitions {
    const all = noneIntact(game.units.length, coalitions.count);
    for (let c = 0; c < coalitions.count; c++) {
      members.forEach((own, player) => {
        if (isIntact(coalitions, c, player)) for (const unit of own) addUnit(all, c, unit);
      });
    }
    return all;
  }
  const gone = game.units.map((_, u) => u).filter((u) => !members.some((own) => own.includes(u)));

  return {
    units,
    outputShape,
    provenance: { ...provenance, ...change },
    ...(code !== undefined && { code }),
    ...(wholeOutputs !== undefined && { wholeOutputs }),
    ...(coalitionsAtOnce !== undefined && { coalitionsAtOnce }),
    evaluate: (coalitions: Coalitions, signal?: AbortSignal) => game.evaluate(inner(coalitions), signal),
    ...(walk && {
      async walk(ordering: Ordering, visit: (rank: number, values: Values) => void, signal?: AbortSignal) {
        // Each player's units one after the other, and at the end those that are not to come back.
        const whole = Uint32Array.from([...Array.from(ordering).flatMap((player) => members[player]), ...gone]);
        const ends = new Map<number, number>();
        let passed = 0;
        ordering.forEach((player, rank) => {
          passed += members[player].length;
          ends.set(passed - 1, rank);
        });
        await walk.call(
          game,
          whole,
          (rank, values) => {
            const own = ends.get(rank);
            if (own !== undefined) visit(own, values);
          },
          signal,
        );
      },
    }),
    ...(part && { part: (from: number, to: number) => regrouped(part.call(game, from, to), players, change) }),
    ...(concurrently && {
      concurrently(limit: number) {
        const several = concurrently.call(game, limit);
        return several && regrouped(several, players, change);
      },
    }),
    ...(forThreads && { forThreads: () => specOf(forThreads.call(game), players, change) }),
    ...(spec && { spec: specOf(spec, players, change) as GameSpec }),
    ...(dispose && { dispose: () => dispose.call(game) }),
  };
}

function specOf(spec: GameSpec<unknown>, players: Players, change: JsonObject): GameSpec<unknown> {
  return { module: thisModule, export: regroupedFromSpec.name, arguments: [spec, players, change] };
}

/** A game of {@link together} or {@link without} in another process or thread. */
export async function regroupedFromSpec(spec: GameSpec<unknown>, players: Players, change: JsonObject): Promise<Game> {
  return regrouped(await gameFromSpec(spec), players, change);
}
