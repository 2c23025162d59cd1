import type { Coalitions, Ordering } from "../../coalitions/coalition.js";
import type { Game } from "../../games/game.js";
import { pacer } from "../../pace.js";

/** What a game costs, in seconds. */
export interface Costs {
  /** A unit coming back in a walk; where there is none a coalition. */
  readonly step: number;
  /** A coalition by itself. */
  readonly coalition: number;
}

/** Rounds of a walk and of some coalitions, and the seconds after which no further one is begun. */
const rounds = 5;
const patience = 0.4;
/** Seconds after which a walk is cut off. */
const mostOfWalk = 2;

/**
 * Times a step of a walk and a coalition, in turns, since what runs beside changes; the fastest of each counts. Takes
 * about half a second, and longer only where a single coalition does.
 */
export async function measuredCosts(
  game: Game,
  ordering: Ordering,
  coalitions: Coalitions,
  signal: AbortSignal | undefined,
): Promise<Costs> {
  const start = performance.now();
  const pace = pacer(signal);
  let [step, coalition] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds && (round === 0 || secondsSince(start) < patience); round++) {
    if (game.walk) step = Math.min(step, await secondsPerStep(game, ordering, signal));
    await pace();
    coalition = Math.min(coalition, await secondsPerCoalition(game, coalitions, signal));
    await pace();
  }
  return { step: game.walk ? step : coalition, coalition };
}

async function secondsPerStep(game: Game, ordering: Ordering, signal: AbortSignal | undefined): Promise<number> {
  const stop = new AbortController();
  const follow = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", follow, { once: true });
  let steps = 0;
  const start = performance.now();
  try {
    await game.walk?.(
      ordering,
      () => {
        steps++;
        if (secondsSince(start) > mostOfWalk) stop.abort();
      },
      stop.signal,
    );
  } catch (error) {
    if (signal?.aborted || !stop.signal.aborted) throw error;
  } finally {
    signal?.removeEventListener("abort", follow);
  }
  return secondsSince(start) / Math.max(1, steps);
}

/** Of one coalition, and of all where these are quick: many games take several at once faster. */
async function secondsPerCoalition(game: Game, all: Coalitions, signal: AbortSignal | undefined): Promise<number> {
  const one = { count: 1, units: all.units, words: all.words.subarray(0, all.words.length / all.count) };
  const start = performance.now();
  await game.evaluate(one, signal);
  const alone = secondsSince(start);
  if (alone * all.count > mostOfWalk) return alone;
  const again = performance.now();
  await game.evaluate(all, signal);
  return Math.min(alone, secondsSince(again) / all.count);
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
