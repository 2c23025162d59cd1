import { html, refill } from "../kit/dom.js";
import { listed, plural } from "../kit/numbers.js";
import type { ClassifierPageState } from "./network-state.js";
import { pagedCards } from "./paged-cards.js";

/** Classes that have room beside each other. */
const mostBars = 20;
/** Characters of a class's name that have room in large letters. */
const mostLarge = 4;

/** One input's card: the image, the answer, and a bar for each class, where these have room. */
export interface AnswerCard {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** Shows probabilities; `label` is the right class, where one is known. */
  answer(probabilities: ArrayLike<number>, label: number | undefined): void;
}

/** @param names what the classes are called; `drawn` whether the input is an image */
export function answerCard(names: readonly string[], drawn: boolean): AnswerCard {
  const canvas = html("canvas", { class: "image", "aria-hidden": "true" });
  const answer = html("b", { dir: "auto" });
  const verdict = html("span", { class: "verdict", dir: "auto" });
  const bars = names.length > mostBars ? [] : names.map(() => html("i", {}));
  const chart = html(
    "div",
    { class: "classes", "aria-hidden": "true" },
    ...bars.map((bar, k) => html("span", {}, bar, html("small", {}, initials(names[k])))),
  );
  const isLong = names.some((name) => Array.from(name).length > mostLarge);
  const words = html("div", { class: isLong ? "answer long" : "answer" }, answer, verdict);
  return {
    canvas,
    element: html("div", { class: "input" }, drawn ? canvas : undefined, words, bars.length > 0 ? chart : undefined),
    answer(probabilities, label) {
      let best = 0;
      for (let k = 1; k < names.length; k++) if (probabilities[k] > probabilities[best]) best = k;
      answer.textContent = names[best];
      const sure = `${Math.round(100 * probabilities[best])} % sure`;
      verdict.textContent = label === undefined || best === label ? sure : `${sure}, but it is ${names[label]}`;
      words.title = `${names[best]}, ${verdict.textContent}`;
      words.dataset.right = label === undefined ? "unknown" : String(best === label);
      bars.forEach((bar, k) => {
        bar.setAttribute("style", `height:${(100 * probabilities[k]).toFixed(1)}%`);
        bar.dataset.right = String(k === label);
      });
    },
  };
}

/** The first three characters of a name, as they are read. */
function initials(name: string): string {
  return Array.from(name).slice(0, 3).join("");
}

/** "right answers: 97.7 %" */
export function rightAnswers({ accuracy }: ClassifierPageState): string {
  return `right answers: ${percent(accuracy)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** "What the network says now": inputs, the network's answers, and how many of all it has right. */
export function answersSection(state: ClassifierPageState): HTMLElement {
  const { count, labels, names } = state;
  const accuracy = html("output", { class: "big" });
  const bar = html("div", { class: "bar" });
  const mark = html("span", { class: "mark" });
  const intact = html("span", {});

  function update(): void {
    accuracy.textContent = percent(state.accuracy);
    bar.setAttribute("style", `left:0;width:${100 * state.accuracy}%`);
    mark.setAttribute("style", `left:${100 * state.intactAccuracy}%`);
    refill(intact, `all ${plural(state.unit)} on: ${percent(state.intactAccuracy)}`);
  }
  const cards = pagedCards(state, () => {
    const { canvas, element, answer } = answerCard(names, state.drawInput !== undefined);
    return { canvas, element, show: (input) => answer(state.probabilities(input), labels[input]) };
  });
  state.onComputed(update);
  update();
  const guessing = 100 / names.length;
  const seen = new Set(Array.from(labels));
  const absent = names.filter((_, k) => !seen.has(k));
  return html(
    "section",
    {},
    html("h2", {}, "What the network says now"),
    html(
      "p",
      { class: "label" },
      "Each card: what the network takes the input for, and how sure it is of that. Green is right, red wrong. The bars are the shares of its certainty that each answer gets.",
    ),
    absent.length === 0
      ? undefined
      : html(
          "p",
          { class: "label", dir: "auto" },
          `No input here is of ${listed(absent, "class")}: what is said of ${absent.length === 1 ? "it" : "them"} below comes of no input.`,
        ),
    ...cards,
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
            `of ${count.toLocaleString("en")}; guessing gives ${guessing < 1 ? guessing.toFixed(1) : guessing.toFixed(0)} %`,
          ),
          intact,
        ),
      ),
    ),
  );
}
