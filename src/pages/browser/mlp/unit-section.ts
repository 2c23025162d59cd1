import { diverging, rgb } from "../kit/colours.js";
import { button, html, refill } from "../kit/dom.js";
import { numberText, signed } from "../kit/numbers.js";
import { drawPixels } from "../kit/pixels.js";
import { barStyle, percentScale } from "../kit/scale.js";
import type { MlpState } from "./state.js";

/** What a score is, in words. */
const meanings = {
  "class-precision": "precision: of the inputs called so, the share that are",
  "class-accuracy": "accuracy: of the inputs of a class, the share that is called so",
  accuracy: "accuracy: the share of right answers",
} as const;

/** "One unit": its mode, beside what it changes now, with the others as they are. */
export function unitSection(state: MlpState): HTMLElement {
  const { facts, modes, selection, outputs } = state;
  const name = html("b", {});
  const press = button("", () => selection.set(selection.looked, !selection.isOff(selection.looked)));
  const rows = html("div", { class: "pairs" });
  const weights = html("canvas", {
    class: "image weights",
    role: "img",
    "aria-label": "weights of what goes into the unit",
  });
  const sentence = html("p", { class: "sentence" });
  const labels = outputs === facts.outputs.length ? facts.outputs : ["all"];

  function update(): void {
    const unit = selection.looked;
    const mode = modes.subarray(unit * outputs, (unit + 1) * outputs);
    const now = state.marginal(unit);
    const all = [...mode, ...now, 0];
    const scale = percentScale(Math.min(...all), Math.max(...all));
    const text = signed(numberText(all));
    name.textContent = facts.units[unit];
    press.textContent = selection.isOff(unit) ? "Switch it on" : "Switch it off";
    const bar = (value: number, kind: string) =>
      html(
        "div",
        { class: "track thin" },
        html("div", { class: `bar ${kind}`, "data-sign": value < 0 ? "down" : "up", style: barStyle(scale, 0, value) }),
      );
    refill(
      rows,
      ...labels.map((label, output) =>
        html(
          "div",
          { class: "pair" },
          html("span", {}, label),
          html("div", {}, bar(mode[output], "mode"), bar(now[output], "now")),
          html("span", { class: "amount" }, html("span", {}, text(mode[output])), html("b", {}, text(now[output]))),
        ),
      ),
    );
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / outputs;
    sentence.textContent = `On average over all orders in which units come back it contributes ${text(mean(mode))}; here, with ${selection.count - (selection.isOff(unit) ? 1 : 0)} others off, it changes ${text(mean(now))}.`;
    drawWeights(unit);
  }

  function drawWeights(unit: number): void {
    const incoming = state.weightsOf(unit);
    weights.hidden = !incoming || !facts.image;
    if (!incoming || !facts.image) return;
    const limit = incoming.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) || 1;
    drawPixels(weights, facts.image[1], facts.image[0], (pixel) => rgb(diverging(incoming[pixel] / limit)));
  }

  selection.onChange(update);
  update();
  const other = facts.sameInputs ? "" : " The modes were computed on other inputs than the page holds.";
  return html(
    "section",
    {},
    html("h2", {}, "One unit: on average, and now"),
    html(
      "p",
      {},
      "Its ",
      html("b", {}, "Shapley Mode"),
      ` is what it adds on average, over all orders in which units can come back (pale). Its `,
      html("b", {}, "marginal contribution"),
      ` is what it changes now, with the others as you have set them (strong). Both are of ${meanings[facts.score]}.${other}`,
    ),
    html("div", { class: "row" }, name, press),
    html(
      "div",
      { class: "unit" },
      html("div", {}, rows),
      html("div", {}, weights, html("p", { class: "label" }, "what it looks for: red adds, blue takes away")),
    ),
    sentence,
  );
}
