// The page of a network from an ONNX file: bundled into dist/pages/onnx.js.
import { choices } from "./kit/choices.js";
import { loadKernels } from "./kit/compiled-kernel.js";
import { html, refill } from "./kit/dom.js";
import { counted, plural } from "./kit/numbers.js";
import { start } from "./kit/start.js";
import { answersSection, rightAnswers } from "./network/answers.js";
import { heldWords, lesionWords } from "./network/lesion-words.js";
import { unitList } from "./network/unit-list.js";
import { unitSection } from "./network/unit-section.js";
import { unitsMap } from "./network/units-map.js";
import { startRuntime } from "./onnx/runtime.js";
import { OnnxState } from "./onnx/state.js";
import { valuesSection } from "./onnx/values-section.js";

void start(async (content, place, still) => {
  await loadKernels();
  startRuntime();
  const state = await OnnxState.of(content);
  const { facts, selection, ranked, size } = state;
  const says = facts.classes
    ? `says which of ${counted(facts.outputs.length, "class")} each is`
    : `puts out ${counted(size, "number")} for each`;
  refill(
    place,
    html("h1", { dir: "auto" }, content.title),
    content.about ? html("p", { class: "about", dir: "auto" }, content.about) : undefined,
    html(
      "p",
      {},
      `This network looks at ${facts.image ? "pictures" : "numbers"} and ${says}. Of what is in between, ${counted(facts.units.length, facts.unit)} can be switched off. Switch some off, and see what it does without them: such a `,
      html("b", {}, "lesion"),
      ` ${lesionWords(facts.lesion, facts.unit)}.`,
    ),
    facts.classes ? answersSection(state) : valuesSection(state),
    html(
      "section",
      {},
      html("h2", {}, `Switch ${plural(facts.unit)} off`),
      html(
        "p",
        {},
        `A column for each ${facts.unit}, the one that contributes most first; a row for each ${facts.scoreOutputs.length === 1 ? "number" : facts.outputTitle.toLowerCase()} that it contributes to. A column is its `,
        html("b", {}, "Shapley Mode"),
        `: what it contributes on average, over all orders in which ${plural(facts.unit)} can be switched on one by one. Red: it adds, blue: it takes away. `,
        html("span", { class: "press" }, `Press a column to switch the ${facts.unit} off, sweep over several.`),
      ),
      unitsMap(state),
      choices(
        selection,
        ranked,
        facts.groups,
        facts.classes
          ? { status: () => rightAnswers(state), onStatus: (listener) => state.onComputed(listener) }
          : undefined,
      ),
    ),
    unitSection(state),
    unitList(state),
    html(
      "details",
      {},
      html("summary", {}, "What this page can do, and what it can not"),
      html(
        "p",
        {},
        `All is computed here, in your browser, by ONNX Runtime; nothing is sent or asked for. It holds the network and ${counted(facts.count, "input")} (${facts.data}). A ${facts.unit} that is off ${heldWords(facts.lesion)}, the lesion that the modes were computed with; other lesions, other inputs and new Shapley Modes take the toolkit.`,
      ),
    ),
  );
  if (still) selection.setOnly(ranked.slice(0, Math.ceil(ranked.length / 10)));
  /** What the network does with these units off. */
  async function without(units: readonly number[]) {
    selection.setOnly(units);
    await state.compute();
    return { score: [...state.scoreOf(state.output)], output: [...state.output], accuracy: state.accuracy };
  }
  if (still) await state.compute();
  return {
    without,
    /** What a unit changes now. */
    async marginal(unit: number) {
      selection.look(unit);
      await state.compute();
      return [...state.marginal()];
    },
    /** Waits until what was changed is computed. */
    settled: () => state.settled(),
    ranked,
  };
});
