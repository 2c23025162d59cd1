import { divergingColour } from "../kit/colours.js";
import { button, html, refill } from "../kit/dom.js";
import { numberText, plural, signed } from "../kit/numbers.js";
import { drawPixels } from "../kit/pixels.js";
import { barStyle, percentScale } from "../kit/scale.js";
import type { NetworkState } from "./network-state.js";

/** "One unit": its mode, beside what it changes now, with the others as they are. */
export function unitSection(state: NetworkState): HTMLElement {
  const { modes, selection, outputs, units } = state;
  const name = html("b", { dir: "auto", class: "name" });
  const press = button("", () => selection.set(selection.looked, !selection.isOff(selection.looked)));
  const rows = html("div", { class: "pairs" });
  const weights = html("canvas", {
    class: "image weights",
    role: "img",
    "aria-label": `weights of what goes into the ${state.unit}`,
  });
  const beside = html(
    "div",
    {},
    weights,
    html("p", { class: "label" }, "what it looks for: red adds, blue takes away"),
  );
  const sentence = html("p", { class: "sentence two" });
  const head = html(
    "div",
    { class: "pair label" },
    html("span", {}, ""),
    html("span", {}, ""),
    html("span", { class: "amount" }, html("span", {}, "on average"), html("b", {}, "now")),
  );

  function update(): void {
    const unit = selection.looked;
    const mode = modes.subarray(unit * outputs, (unit + 1) * outputs);
    const now = state.marginal(unit);
    const all = [...mode, ...Array.from(now), 0];
    const scale = percentScale(Math.min(...all), Math.max(...all));
    const text = signed(numberText(all));
    name.textContent = units[unit];
    press.textContent = selection.isOff(unit) ? "Switch it on" : "Switch it off";
    const bar = (value: number, kind: string) =>
      html(
        "div",
        { class: "track thin" },
        html("div", { class: `bar ${kind}`, "data-sign": value < 0 ? "down" : "up", style: barStyle(scale, 0, value) }),
      );
    refill(
      rows,
      ...state.scoreNames.map((label, output) =>
        html(
          "div",
          { class: "pair" },
          html("span", { class: "name", dir: "auto" }, label),
          html("div", {}, bar(mode[output], "mode"), bar(now[output], "now")),
          html("span", { class: "amount" }, html("span", {}, text(mode[output])), html("b", {}, text(now[output]))),
        ),
      ),
    );
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value / outputs, 0);
    const others = selection.count - (selection.isOff(unit) ? 1 : 0);
    const off = others === 0 ? "with all others on" : `with ${others} ${others === 1 ? "other" : "others"} off`;
    const over = outputs === 1 ? "" : `, the mean of the ${outputs} rows`;
    sentence.textContent = `On average over all orders it contributes ${text(mean(mode))}${over}; now, ${off}, it changes ${text(mean(now))}.`;
    drawWeights(unit);
  }

  function drawWeights(unit: number): void {
    const incoming = state.weightsOf?.(unit);
    beside.hidden = !incoming;
    if (!incoming) return;
    const limit = incoming.weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) || 1;
    drawPixels(weights, incoming.width, incoming.height, (pixel) => divergingColour(incoming.weights[pixel] / limit));
  }

  state.onComputed(update);
  update();
  const other = state.sameInputs ? "" : " The modes were computed on other inputs than the page holds.";
  return html(
    "section",
    {},
    html("h2", {}, `One ${state.unit}: on average, and now`),
    html(
      "p",
      {},
      "Its ",
      html("b", {}, "Shapley Mode"),
      ` (pale) is what it adds on average, over all orders in which ${plural(state.unit)} can be switched on one by one. Its `,
      html("b", {}, "marginal contribution"),
      ` (strong) is what it changes now, with the others as you have set them. Both are of ${state.meaning}.${other} `,
      html(
        "span",
        { class: "press" },
        `Point at a column above, or move there with the arrow keys, to see another ${state.unit}.`,
      ),
    ),
    html("div", { class: "row" }, name, press),
    sentence,
    html("div", { class: "unit" }, html("div", {}, head, rows), beside),
  );
}
