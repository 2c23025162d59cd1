import { randomStream } from "../../coalitions/random-streams.js";
import { layerGroups } from "../layers.js";
import type { EditCandidate } from "./edit-candidates.js";
import { type EditScoreSums, type MaskedGame, scoreLesions } from "./edit-scores.js";
import { type Composition, compositionOf, randomSets, setKey } from "./random-sets.js";

interface RandomSelectivitiesOptions {
  /** How many for each candidate, at most. */
  readonly sets: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** Called after each composition. */
  readonly onSets?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

/**
 * Selectivities of other sets with as many units of the same layers as each candidate, for its feature, on the faces of
 * each game: random ones, or all there are where these are no more. None of them has the candidate's own units.
 * Candidates of one composition share the sets, and so do the games. A composition's sets depend on the seed and on it
 * alone.
 *
 * @returns for a candidate and a game one number for each such set
 */
export async function randomSelectivities(
  candidates: readonly EditCandidate[],
  games: readonly MaskedGame[],
  { sets, seed, signal, onSets }: RandomSelectivitiesOptions,
): Promise<(candidate: EditCandidate, game: MaskedGame) => number[]> {
  const layers = layerGroups(games[0].game.units);
  const needed = new Map<string, { readonly composition: Composition; readonly features: Set<string> }>();
  for (const { feature, units } of candidates) {
    const composition = compositionOf(units);
    const key = JSON.stringify(composition);
    const entry = needed.get(key) ?? { composition, features: new Set<string>() };
    needed.set(key, entry);
    entry.features.add(feature);
  }
  const scores = new Map<string, { readonly drawn: string[]; readonly byGame: ScoresByGame }>();
  for (const [key, { composition, features }] of needed) {
    const drawn = randomSets(randomStream(seed), layers, composition, sets + 1); // one may be the candidate itself
    const scored = drawn.map((units) => ({ units, features: [...features] }));
    const byGame: ScoresByGame = new Map();
    for (const game of games) byGame.set(game, await scoreLesions(game, scored, signal));
    scores.set(key, { drawn: drawn.map(setKey), byGame });
    onSets?.({ done: scores.size, total: needed.size });
  }
  return ({ feature, units }, game) => {
    const { drawn = [], byGame } = scores.get(JSON.stringify(compositionOf(units))) ?? {};
    const own = setKey(units);
    const others = (byGame?.get(game) ?? []).filter((_, set) => drawn[set] !== own).slice(0, sets);
    return others.map((score) => score[feature].selectivity);
  };
}

/** Of each set, by feature. */
type ScoresByGame = Map<MaskedGame, Record<string, EditScoreSums>[]>;
