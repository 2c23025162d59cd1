import type { EditCandidate } from "./edit-candidates.js";
import { type EditScoreSums, type MaskedGame, scoreLesions } from "./edit-scores.js";
import { setKey } from "./random-sets.js";

/**
 * Of each feature and origin the candidate that is most selective on these faces, of those that change the feature by
 * at least `least`; most selective first.
 */
export async function bestCandidates(
  faces: MaskedGame,
  candidates: readonly EditCandidate[],
  least: number,
  signal?: AbortSignal,
): Promise<EditCandidate[]> {
  const sets = candidates.map(({ units, feature }) => ({ units, features: [feature] }));
  const scores = await scoreLesions(faces, sets, signal);
  const best = new Map<string, { readonly candidate: EditCandidate; readonly score: EditScoreSums }>();
  candidates.forEach((candidate, c) => {
    const score = scores[c][candidate.feature];
    const origin = JSON.stringify([candidate.feature, candidate.from]);
    const known = best.get(origin);
    if (score.inside >= least && !(known && known.score.selectivity >= score.selectivity)) {
      best.set(origin, { candidate, score });
    }
  });
  return [...best.values()].sort((a, b) => b.score.selectivity - a.score.selectivity).map(({ candidate }) => candidate);
}

/** Leaves out candidates whose units another before them has too. */
export function different(candidates: readonly EditCandidate[]): EditCandidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ units }) => {
    const key = setKey(units);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
