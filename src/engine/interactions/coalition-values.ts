import { type Coalitions, coalitionSlice } from "../../coalitions/coalition.js";
import { evaluateFinite } from "../../estimators/walk.js";
import type { Game } from "../../games/game.js";
import { pacer } from "../../pace.js";

/** Most numbers that one call of a game returns: 32 MB of float64. */
const mostNumbers = 1 << 22;
/** Most coalitions of a call. */
const mostTogether = 64;

/**
 * How many coalitions go into a call: an even number, whatever the number of threads, since the values of a game may
 * depend on what else is in it.
 */
export function coalitionsTogether(outputs: number): number {
  return Math.max(2, 2 * Math.floor(Math.min(mostTogether, mostNumbers / outputs) / 2));
}

/**
 * v of some coalitions, `[coalitions, outputs]`.
 *
 * @throws GameError for what is no value; the signal's reason
 */
export async function coalitionValues(
  game: Game,
  coalitions: Coalitions,
  outputs: number,
  { evaluated, signal }: { evaluated(count: number): void; readonly signal?: AbortSignal | undefined },
): Promise<Float64Array> {
  const pace = pacer(signal);
  const { count } = coalitions;
  const values = new Float64Array(count * outputs);
  const each = coalitionsTogether(outputs);
  for (let from = 0; from < count; from += each) {
    const part =
      from === 0 && count <= each ? coalitions : coalitionSlice(coalitions, from, Math.min(count, from + each));
    values.set(await evaluateFinite(game, part, outputs, signal), from * outputs);
    evaluated(part.count);
    await pace();
  }
  return values;
}
