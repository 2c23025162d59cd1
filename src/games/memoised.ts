import { addUnit, type Coalitions, coalitionKey, isIntact, noneIntact } from "../coalitions/coalition.js";
import { positiveInteger } from "../errors.js";
import { has } from "../kinds.js";
import { knownOptions } from "../options.js";
import { type Game, outputSize, type Values } from "./game.js";

/** Bytes of values that are remembered unless a capacity is given. */
const memory = 256 * 2 ** 20;

/** A game that remembers, and how often that helped. */
export interface MemoisedGame extends Game {
  /** Coalitions answered from memory so far. */
  readonly hits: number;
  /** Coalitions that the game itself had to evaluate so far. */
  readonly misses: number;
}

/**
 * The same game, evaluating each coalition once: values are kept by coalition, not by the order in which its units came
 * back. For games that are slow and small (a walk is given up: it would compute what is remembered). Two
 * evaluations in flight at once may both compute the same coalition.
 *
 * @param options.capacity most coalitions to remember, the oldest are forgotten first; default as many as 256 MB hold,
 * at most 100,000
 */
export function memoised(game: Game, options: { readonly capacity?: number } = {}): MemoisedGame {
  knownOptions("memoised", options, { capacity: true });
  has("game", game, "a Game", "units", "outputShape");
  const size = outputSize(game.outputShape);
  const fitting = Math.min(100_000, Math.max(1, Math.floor(memory / (8 * size))));
  const capacity = positiveInteger("capacity", options.capacity ?? fitting);
  const remembered = new Map<string, Values>();
  let hits = 0;
  let misses = 0;

  const playing = (inner: Game) => ({
    units: game.units,
    outputShape: game.outputShape,
    ...(game.provenance && { provenance: game.provenance }),
    ...(game.code !== undefined && { code: game.code }),
    ...(game.gates && { gates: game.gates }),
    async evaluate(coalitions: Coalitions, signal?: AbortSignal): Promise<Values> {
      const keys = Array.from({ length: coalitions.count }, (_, c) => coalitionKey(coalitions, c));
      const fresh = new Map<string, number>();
      // What is known is taken now: it may be forgotten while the rest is computed.
      const found = new Map<string, Values>();
      keys.forEach((key, c) => {
        const known = remembered.get(key);
        if (known) found.set(key, known);
        else if (!fresh.has(key)) fresh.set(key, c);
      });
      hits += keys.length - fresh.size;
      misses += fresh.size;
      if (fresh.size > 0) {
        const computed = await inner.evaluate(rows(coalitions, [...fresh.values()]), signal);
        [...fresh.keys()].forEach((key, row) => {
          const value = computed.slice(row * size, (row + 1) * size);
          found.set(key, value);
          remembered.set(key, value);
        });
      }
      const values = new Float64Array(keys.length * size);
      keys.forEach((key, c) => {
        values.set(found.get(key) as Values, c * size);
      });
      for (const key of remembered.keys()) {
        if (remembered.size <= capacity) break;
        remembered.delete(key);
      }
      return values;
    },
  });

  return {
    ...playing(game),
    ...(game.concurrently && { concurrently: (limit: number) => playing(game.concurrently?.(limit) ?? game) }),
    get hits() {
      return hits;
    },
    get misses() {
      return misses;
    },
  };
}

function rows(coalitions: Coalitions, chosen: readonly number[]): Coalitions {
  const picked = noneIntact(coalitions.units, chosen.length);
  chosen.forEach((c, row) => {
    for (let unit = 0; unit < coalitions.units; unit++) {
      if (isIntact(coalitions, c, unit)) addUnit(picked, row, unit);
    }
  });
  return picked;
}
