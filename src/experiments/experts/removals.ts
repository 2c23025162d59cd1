import { type PruningCurve, pruningCurve } from "../../analysis/smaller/pruning-curve.js";
import { byScore } from "../../analysis/unit-ranking.js";
import { randomOrdering } from "../../coalitions/random.js";
import { randomStreams } from "../../coalitions/random-streams.js";
import type { Decoder } from "../../decoders/decoder.js";
import { expertsGame } from "../../decoders/experts-game.js";
import type { Task } from "../../decoders/tasks.js";

/**
 * Scores after removing 0, 1, ..., all experts, each `[experts + 1]`: those that contribute most first, those that
 * contribute least first, random ones.
 */
export interface Removals {
  readonly highest: Float64Array;
  readonly lowest: Float64Array;
  readonly random: readonly Float64Array[];
}

/**
 * Removes a decoder's experts one after the other (lesion `silence`), in the order of what they contribute, on
 * questions that had no part in it.
 *
 * @param contributions one number for each expert
 * @param tested tasks, whose scores are averaged
 */
export async function removals(
  decoder: Decoder,
  contributions: Float64Array,
  tested: readonly Task[],
  {
    randomOrders,
    seed,
    signal,
  }: { readonly randomOrders: number; readonly seed: number; readonly signal?: AbortSignal },
): Promise<Removals> {
  const game = expertsGame(decoder, tested);
  const { units } = game;
  const down = byScore(Array.from(contributions), "value");
  const stream = randomStreams(seed);
  const named = (order: ArrayLike<number>) => Array.from(order, (u) => units[u]);
  // A ranking's first units stay longest.
  const rankings: Record<string, readonly string[]> = { lowest: named(down), highest: named([...down].reverse()) };
  for (let r = 0; r < randomOrders; r++) rankings[`random ${r}`] = named(randomOrdering(stream(r), units.length));
  const curve = await pruningCurve(game, rankings, { random: 0, ...(signal && { signal }) });
  return {
    highest: removedFirst(curve, "highest"),
    lowest: removedFirst(curve, "lowest"),
    random: Array.from({ length: randomOrders }, (_, r) => removedFirst(curve, `random ${r}`)),
  };
}

/** Scores by how many are removed, where a curve has them by how many are kept. */
function removedFirst({ curves }: PruningCurve, name: string): Float64Array {
  return (curves.find((curve) => curve.name === name) as PruningCurve["curves"][number]).scores.slice().reverse();
}
