// The page of a network of dense layers: bundled into dist/pages/mlp.js.
import { choices } from "./kit/choices.js";
import { loadKernels } from "./kit/compiled-kernel.js";
import { html, refill } from "./kit/dom.js";
import { counted, plural } from "./kit/numbers.js";
import { painted, start } from "./kit/start.js";
import { drawingSection } from "./mlp/drawing.js";
import { MlpState } from "./mlp/state.js";
import { answersSection, rightAnswers } from "./network/answers.js";
import { heldWords, lesionWords } from "./network/lesion-words.js";
import { unitList } from "./network/unit-list.js";
import { unitSection } from "./network/unit-section.js";
import { unitsMap } from "./network/units-map.js";

void start(async (content, place, still) => {
  await loadKernels();
  const state = new MlpState(content);
  const { facts, selection, ranked } = state;
  const seen = facts.image
    ? `pictures of ${facts.image[0]} by ${facts.image[1]} pixels`
    : `lists of ${counted(facts.widths[0], "number")}`;
  const between = facts.units.length === 1 ? "is" : "are";
  refill(
    place,
    html("h1", { dir: "auto" }, content.title),
    content.about ? html("p", { class: "about", dir: "auto" }, content.about) : undefined,
    html(
      "p",
      {},
      `This network looks at ${seen} and says which of ${counted(facts.outputs.length, "class")} each is. In between ${between} ${counted(facts.units.length, facts.unit)}: each weighs what comes in and passes one number on. Switch some off, and see what the network does without them: such a `,
      html("b", {}, "lesion"),
      ` ${lesionWords(facts.lesion, facts.unit)}.`,
    ),
    answersSection(state),
    html(
      "section",
      {},
      html("h2", {}, `Switch ${plural(facts.unit)} off`),
      html(
        "p",
        {},
        `A column for each ${facts.unit}, the one that contributes most first; a row for each ${facts.outputTitle.toLowerCase()}. A column is the unit's `,
        html("b", {}, "Shapley Mode"),
        ": what it contributes on average, over all orders in which units can be switched on one by one. Red: it helps, blue: it stands in the way. ",
        html("span", { class: "press" }, "Press a column to switch the unit off, sweep over several."),
      ),
      unitsMap(state),
      choices(selection, ranked, facts.groups, { status: () => rightAnswers(state) }),
    ),
    unitSection(state),
    drawingSection(state),
    unitList(state),
    html(
      "details",
      {},
      html("summary", {}, "What this page can do, and what it can not"),
      html(
        "p",
        {},
        `All is computed here, in your browser, by the same code as in the toolkit that made the page; nothing is sent or asked for. It holds the network and ${facts.count.toLocaleString("en")} inputs (${facts.inputs}). A unit that is off ${heldWords(facts.lesion)}, the lesion that the modes were computed with; other lesions, other inputs and new Shapley Modes take the toolkit.`,
      ),
    ),
  );
  if (still) selection.setOnly(ranked.slice(0, Math.ceil(ranked.length / 10)));
  await painted();
  return {
    /** What the network does with these units off. */
    async without(units: readonly number[]) {
      selection.setOnly(units);
      await painted();
      return { score: [...state.score()], accuracy: state.accuracy, logits: state.logits(0) };
    },
    marginal: (unit: number) => [...state.marginal(unit)],
    ranked,
  };
});
