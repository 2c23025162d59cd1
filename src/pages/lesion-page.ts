import { wrongKind } from "../errors.js";
import type { Game } from "../games/game.js";
import { checkedSize } from "./document.js";
import { type GamePageOptions, gameContent } from "./game-content.js";
import { packArrays } from "./packed-arrays.js";
import type { LesionPage } from "./page.js";
import type { PageContent } from "./page-content.js";

/**
 * A page on which the reader lesions: one offline file, in which everything is computed in the reader's browser.
 *
 * Of a game of up to 16 units: the value of every group of units is in the page, evaluated once here. The reader puts groups together, lets
 * units arrive in one order after another, and sees what each adds come to its Shapley value. A small table is exact; of a large one every value is
 * within a thousandth.
 *
 * @throws TypeError for what is no game; RangeError for more than 16 units, a table that would make the page larger than 6 MB, or an option that
 *   is none, before any evaluation; GameError where the game throws or a value is not finite
 * @example
 * const shop = await gameFrom(["left glove", "right glove", "hat"], (intact) =>
 *   (intact.has("left glove") && intact.has("right glove") ? 10 : 0) + (intact.has("hat") ? 4 : 0));
 * const page = await lesionPage(shop, { title: "A small shop", score: "worth", unitTitle: "item" });
 * page.kind; // "game"
 */
export async function lesionPage(game: Game, options: GamePageOptions = {}): Promise<LesionPage> {
  if (!isGame(game)) throw wrongKind("game", "a game, as gameFrom or networkGame make it", game);
  return packed(await gameContent(game, options));
}

function isGame(value: unknown): value is Game {
  return (
    value !== null && typeof value === "object" && "units" in value && "evaluate" in value && "outputShape" in value
  );
}

/** @throws RangeError where the page would be too large, saying how large */
function packed({ arrays, ...said }: PageContent): LesionPage {
  return checkedSize({ ...said, ...packArrays(arrays) });
}
