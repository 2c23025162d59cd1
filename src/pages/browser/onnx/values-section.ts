import { html, refill } from "../kit/dom.js";
import { numberText } from "../kit/numbers.js";
import { barStyle, percentScale } from "../kit/scale.js";
import { pagedCards } from "../network/paged-cards.js";
import type { OnnxState } from "./state.js";

/** Numbers of an output that have room on a card: of more, the largest ones of the intact network. */
const mostShown = 10;

/**
 * "What the network puts out now": inputs, and the numbers that the network puts out for each, beside those with all
 * units on.
 */
export function valuesSection(state: OnnxState): HTMLElement {
  const { names, size } = state;
  const cards = pagedCards(state, () => {
    const canvas = html("canvas", { class: "image", "aria-hidden": "true" });
    const title = html("span", { class: "verdict" });
    const rows = html("div", { class: "numbers" });
    return {
      canvas,
      element: html("div", { class: "input" }, state.drawInput ? canvas : undefined, title, rows),
      show(input) {
        title.textContent = `input ${input + 1}`;
        const [intact, now] = [state.intact, state.output].map((output) =>
          output.subarray(input * size, (input + 1) * size),
        );
        const shown = largest(intact, mostShown);
        const all = [0, ...shown.flatMap((k) => [intact[k], now[k]])].filter(Number.isFinite);
        const scale = percentScale(Math.min(...all), Math.max(...all));
        const text = numberText(all);
        refill(
          rows,
          ...shown.map((k) => {
            const bar = html("div", {
              class: "bar",
              "data-sign": now[k] < 0 ? "down" : "up",
              style: barStyle(scale, 0, now[k]),
            });
            const mark = html("span", { class: "mark", style: `left:${scale(intact[k])}%` });
            return html(
              "div",
              { class: "number" },
              html("span", { class: "name", dir: "auto" }, names[k]),
              html("div", { class: "track thin" }, bar, mark),
              html("span", { class: "amount" }, text(now[k])),
            );
          }),
        );
      },
    };
  });
  const some =
    size > mostShown
      ? ` Of ${size.toLocaleString("en")} numbers the ${mostShown} that are largest with all units on.`
      : "";
  return html(
    "section",
    {},
    html("h2", {}, "What the network puts out now"),
    html(
      "p",
      { class: "label" },
      `Bars are what it puts out for an input now, lines across them what it is with all units on.${some}`,
    ),
    ...cards,
  );
}

/** The places of the largest numbers, whatever their signs, ascending. */
function largest(numbers: Float32Array, count: number): number[] {
  return Array.from(numbers.keys())
    .sort((a, b) => Math.abs(numbers[b]) - Math.abs(numbers[a]) || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}
