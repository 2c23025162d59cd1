import type { Game } from "../games/game.js";
import type { Json } from "../json.js";

/** Whether a score falls as a network gets better, as the provenance of its game says: of the scores with a name the cross-entropy does. */
export function isLowerBetter(provenance: Json | undefined): boolean {
  return (
    provenance !== null &&
    typeof provenance === "object" &&
    "score" in provenance &&
    provenance.score === "cross-entropy"
  );
}

/**
 * The same of what is followed of a game: what was asked for, else of a game's own value what its score says.
 *
 * @param ofValue whether a function of one's own makes the number that is followed
 */
export function followsLower(asked: boolean | undefined, game: Game, ofValue: boolean): boolean {
  return asked ?? (!ofValue && isLowerBetter(game.provenance));
}
