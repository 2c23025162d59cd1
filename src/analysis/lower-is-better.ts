import type { Game } from "../games/game.js";
import type { Json } from "../json.js";
import { remarkOnce } from "../remark.js";

/**
 * Whether a score falls as a network gets better, as the provenance of its game says: of the scores with a name the
 * cross-entropy does.
 */
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

/** Differences up to this share of the largest number are rounding. */
const rounding = 1e-9;

/** Says where what is followed is the same whatever is lesioned, as the mean over probabilities that add up to 1 is. */
export function remarkConstant(values: readonly number[], remark: (text: string) => void = remarkOnce): void {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (high - low > rounding * Math.max(Math.abs(low), Math.abs(high))) return;
  remark(
    "the number that is followed is the same whichever units are lesioned, as the mean over outputs that add up to a constant is: `value` follows another one",
  );
}
