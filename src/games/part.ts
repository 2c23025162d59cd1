import type { Coalitions, Ordering } from "../coalitions/coalition.js";
import { invalid } from "../errors.js";
import { has } from "../kinds.js";
import { builtModule } from "../package.js";
import { gameFromSpec } from "./from-spec.js";
import { allGated, type Game, type Gate, outputSize, type Values } from "./game.js";
import type { GameSpec } from "./spec.js";

/** This module as threads load it. */
const thisModule = builtModule("games/part");

/**
 * The game about a part of another one's outputs: those whose first index is `from` to `to - 1`. Takes the game's own
 * `part` where it has one; else the whole game is played and the other outputs are thrown away. Its values are those of
 * the whole, and so are the orderings that estimators play, so its Shapley Modes are a part of the whole game's, bit
 * for bit.
 *
 * @throws RangeError for a game whose value is a single number, or a range that is not within its outputs
 */
export function partOf(game: Game, from: number, to: number): Game {
  has("game", game, "a Game", "units", "outputShape");
  const [first, ...rest] = game.outputShape;
  if (first === undefined) throw invalid("output shape", "at least one dimension, to take a part of it", []);
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= first)) {
    throw invalid("part", `a range within 0 to ${first}`, [from, to]);
  }
  const wholeOutputs = game.wholeOutputs ?? outputSize(game.outputShape);
  const wholeGated = allGated(game);
  if (game.part) return { ...game.part(from, to), wholeOutputs, wholeGated };
  const { walk, provenance, code, units, forThreads, spec, dispose } = game;
  const outputs = outputSize(game.outputShape);
  const [start, end] = [from, to].map((index) => index * outputSize(rest));
  const size = end - start;
  return {
    units,
    outputShape: [to - from, ...rest],
    wholeOutputs,
    wholeGated,
    ...(provenance ? { provenance } : {}),
    ...(code !== undefined ? { code } : {}),
    gates: (game.gates ?? []).flatMap((gate) => within(gate, start, end)),
    async evaluate(coalitions: Coalitions, signal?: AbortSignal): Promise<Values> {
      const values = await game.evaluate(coalitions, signal);
      const part = new Float64Array(coalitions.count * size);
      for (let c = 0; c < coalitions.count; c++) {
        part.set(values.subarray(c * outputs + start, c * outputs + end), c * size);
      }
      return part;
    },
    ...(game.concurrently ? { concurrently: (limit: number) => concurrentPart(game, limit, from, to) } : {}),
    ...(walk
      ? {
          walk: (ordering: Ordering, visit: (rank: number, values: Values) => void, signal?: AbortSignal) =>
            walk.call(game, ordering, (rank, values) => visit(rank, values.subarray(start, end)), signal),
        }
      : {}),
    ...(forThreads ? { forThreads: () => specOfPart(forThreads.call(game), from, to) } : {}),
    ...(spec ? { spec: specOfPart(spec, from, to) as GameSpec } : {}),
    ...(dispose ? { dispose: () => dispose.call(game) } : {}),
  };
}

function concurrentPart(game: Game, limit: number, from: number, to: number): Game {
  return partOf(game.concurrently?.(limit) ?? game, from, to);
}

function specOfPart(spec: GameSpec<unknown>, from: number, to: number): GameSpec<unknown> {
  return { module: thisModule, export: partFromSpec.name, arguments: [spec, from, to] };
}

/** {@link partOf} of a game that another process or thread makes from its spec. */
export async function partFromSpec(spec: GameSpec<unknown>, from: number, to: number): Promise<Game> {
  return partOf(await gameFromSpec(spec), from, to);
}

/** A gate as it is within a part; a gate of other outputs only stays one, of none. */
function within({ outputs, ...gate }: Gate, start: number, end: number): Gate[] {
  const inside = outputs
    .map(([from, to]) => [Math.max(from, start) - start, Math.min(to, end) - start] as const)
    .filter(([from, to]) => from < to);
  return [{ ...gate, outputs: inside }];
}
