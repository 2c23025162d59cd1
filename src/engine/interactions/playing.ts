import type { Coalitions } from "../../coalitions/coalition.js";
import { coalitionSlice } from "../../coalitions/coalition.js";
import type { Ends } from "../../estimators/estimator.js";
import { evaluateFinite } from "../../estimators/walk.js";
import type { Game } from "../../games/game.js";
import { pacer } from "../../pace.js";

/** What was estimated: see `Interactions`. */
export interface Played {
  readonly subsets: readonly (readonly number[])[];
  readonly values: Float64Array;
  readonly standardErrors: Float64Array;
  readonly meanStandardErrors: Float64Array;
}

/** What plays coalitions for interactions, and what may stop it. */
export interface Playing {
  readonly game: Game;
  readonly outputs: number;
  readonly ends: Ends;
  readonly signal: AbortSignal | undefined;
  evaluated(count: number): void;
}

/** Most numbers that one batch of coalitions returns: 32 MB of float64. */
const batchNumbers = 1 << 22;
/** Most coalitions of a batch. */
const mostTogether = 4096;

/** v of some coalitions, in batches, to `take`; the values are only good during the call. */
export async function playAll(
  { game, outputs, signal, evaluated }: Pick<Playing, "game" | "outputs" | "signal" | "evaluated">,
  count: number,
  rows: (from: number, to: number) => Coalitions,
  take: (from: number, values: ArrayLike<number>) => void,
  perBatch = mostTogether,
): Promise<void> {
  const pace = pacer(signal);
  const batch = Math.max(1, Math.min(perBatch, Math.floor(batchNumbers / outputs)));
  for (let from = 0; from < count; from += batch) {
    const part = rows(from, Math.min(count, from + batch));
    take(from, await evaluateFinite(game, part, outputs, signal));
    evaluated(part.count);
    await pace();
  }
}

/** Rows of a batch of coalitions, for {@link playAll}. */
export function slices(coalitions: Coalitions): (from: number, to: number) => Coalitions {
  return (from, to) => coalitionSlice(coalitions, from, to);
}
