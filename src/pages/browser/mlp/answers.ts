import { button, html, refill } from "../kit/dom.js";
import { drawPixels } from "../kit/pixels.js";
import type { MlpState } from "./state.js";

/** Inputs that are shown at a time. */
const shown = 10;

/** One input's card: the image, the answer, and a bar for each class. */
export interface AnswerCard {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** Shows probabilities; `label` is the right class, where one is known. */
  show(probabilities: ArrayLike<number>, label: number | undefined): void;
}

export function answerCard(state: MlpState): AnswerCard {
  const { outputs } = state.facts;
  const canvas = html("canvas", { class: "image", "aria-hidden": "true" });
  const answer = html("b", {});
  const verdict = html("span", { class: "verdict" });
  const bars = outputs.map(() => html("i", {}));
  const chart = html(
    "div",
    { class: "classes", "aria-hidden": "true" },
    ...bars.map((bar, k) => html("span", {}, bar, html("small", {}, outputs[k].slice(0, 3)))),
  );
  const words = html("div", { class: "answer" }, answer, verdict);
  return {
    canvas,
    element: html("div", { class: "input" }, state.facts.image ? canvas : undefined, words, chart),
    show(probabilities, label) {
      let best = 0;
      for (let k = 1; k < outputs.length; k++) if (probabilities[k] > probabilities[best]) best = k;
      answer.textContent = outputs[best];
      const sure = `${Math.round(100 * probabilities[best])} %`;
      verdict.textContent = label === undefined ? sure : best === label ? sure : `${sure}, is ${outputs[label]}`;
      words.dataset.right = label === undefined ? "unknown" : String(best === label);
      bars.forEach((bar, k) => {
        bar.setAttribute("style", `height:${(100 * probabilities[k]).toFixed(1)}%`);
        bar.dataset.right = String(k === label);
      });
    },
  };
}

/** Draws an input as a grey image. */
export function drawInput(
  canvas: HTMLCanvasElement,
  input: ArrayLike<number>,
  [height, width]: readonly [number, number],
): void {
  drawPixels(canvas, width, height, (pixel) => {
    const grey = Math.round(255 * Math.max(0, Math.min(1, input[pixel])));
    return [grey, grey, grey];
  });
}

/** "What it says": ten inputs, the network's answers, and how many of all it has right. */
export function answersSection(state: MlpState): HTMLElement {
  const { facts, inputs, labels } = state;
  const features = facts.widths[0];
  const cards = Array.from({ length: Math.min(shown, facts.count) }, () => answerCard(state));
  let from = 0;
  const accuracy = html("output", { class: "big" });
  const bar = html("div", { class: "bar" });
  const mark = html("span", { class: "mark" });
  const intact = html("span", {});
  const place = html("span", { class: "label" });

  function draw(): void {
    cards.forEach(({ canvas, element }, i) => {
      const input = from + i;
      element.hidden = input >= facts.count;
      if (element.hidden || !facts.image) return;
      drawInput(canvas, inputs.subarray(input * features, (input + 1) * features), facts.image);
    });
    place.textContent = `${from + 1} to ${Math.min(from + shown, facts.count)} of ${facts.count.toLocaleString("en")}`;
    answer();
  }

  function answer(): void {
    cards.forEach((card, i) => {
      const input = from + i;
      if (input < facts.count) card.show(state.probabilities(input), labels[input]);
    });
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    accuracy.textContent = percent(state.accuracy);
    bar.setAttribute("style", `left:0;width:${100 * state.accuracy}%`);
    mark.setAttribute("style", `left:${100 * state.intactAccuracy}%`);
    refill(intact, `all units on: ${percent(state.intactAccuracy)}`);
  }

  const turn = (by: number) => {
    from = (from + by + facts.count) % facts.count;
    from -= from % shown;
    draw();
  };
  state.selection.onChange(answer);
  draw();
  return html(
    "section",
    {},
    html("h2", {}, "What the network says now"),
    html("div", { class: "inputs" }, ...cards.map(({ element }) => element)),
    html(
      "div",
      { class: "row" },
      button("Ten before", () => turn(-shown)),
      button("Next ten", () => turn(shown)),
      place,
    ),
    html(
      "div",
      { class: "worth" },
      html("div", { class: "label" }, "right answers", accuracy),
      html(
        "div",
        {},
        html("div", { class: "track" }, bar, mark),
        html(
          "div",
          { class: "ends" },
          html(
            "span",
            {},
            `of ${facts.count.toLocaleString("en")}, the chance of guessing is ${(100 / state.classes).toFixed(0)} %`,
          ),
          intact,
        ),
      ),
    ),
  );
}
