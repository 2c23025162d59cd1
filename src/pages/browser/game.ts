// The page of a game: bundled into dist/pages/game.js.
import { arrivalsSection } from "./game/arrivals-section.js";
import { averageSection } from "./game/average-section.js";
import { groupSection } from "./game/group-section.js";
import { modesSection, outputChoice } from "./game/outputs.js";
import { GameState } from "./game/state.js";
import { html, refill } from "./kit/dom.js";
import { counted, plural } from "./kit/numbers.js";
import { start } from "./kit/start.js";

void start(async (content, place, still) => {
  const state = await GameState.of(content);
  if (still) state.demonstrate();
  const { unit, score } = state.facts;
  const groups = 2 ** state.units.length;
  refill(
    place,
    html("h1", { dir: "auto" }, content.title),
    content.about ? html("p", { class: "about", dir: "auto" }, content.about) : undefined,
    html(
      "p",
      {},
      html("b", {}, "A game"),
      ` is, here, anything that comes of a group. This one has ${counted(state.units.length, unit)}, which can form ${groups.toLocaleString("en")} groups, and the page knows what comes of each group: its `,
      html("b", {}, score),
      `. How much of it is due to each ${unit}?`,
    ),
    outputChoice(state),
    groupSection(state),
    arrivalsSection(state),
    averageSection(state),
    modesSection(state),
    html(
      "details",
      {},
      html("summary", {}, "What this page can do, and what it can not"),
      html(
        "p",
        {},
        `It holds a table with the value of every group and computes the rest from it here, with nothing asked of any other machine. It can not play another game, or with other ${plural(unit)}: that takes the toolkit that made it. Shapley values are the only shares that add up to the whole, give equal ones to those who always add the same, nothing to those who never change anything, and that of two games played together are the sum of those of each (Shapley 1953).`,
      ),
    ),
  );
  return { value: (group: number) => state.value(group), shapley: (unit: number) => state.shapley(unit) };
});
