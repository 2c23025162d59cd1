import { button, html } from "../kit/dom.js";
import type { NetworkState } from "./network-state.js";

/** Inputs that are shown at a time. */
const shown = 10;

/** One input's card. */
export interface InputCard {
  readonly element: HTMLElement;
  /** Where the input is drawn, where it is an image. */
  readonly canvas: HTMLCanvasElement;
  /** Shows what the network does with an input now. */
  show(input: number): void;
}

/** Inputs ten at a time, a card for each, and the buttons that turn to others. */
export function pagedCards(state: NetworkState, make: () => InputCard): readonly HTMLElement[] {
  const { count } = state;
  const cards = Array.from({ length: Math.min(shown, count) }, make);
  const place = html("span", { class: "label", role: "status" });
  let from = 0;

  function show(): void {
    cards.forEach((card, i) => {
      if (from + i < count) card.show(from + i);
    });
  }
  function draw(): void {
    cards.forEach(({ canvas, element }, i) => {
      element.hidden = from + i >= count;
      if (!element.hidden) state.drawInput?.(canvas, from + i);
    });
    place.textContent = `${from + 1} to ${Math.min(from + shown, count)} of ${count.toLocaleString("en")}`;
    show();
  }
  const turn = (by: number) => {
    const pages = Math.ceil(count / shown);
    from = ((from / shown + by + pages) % pages) * shown;
    draw();
  };
  state.onComputed(show);
  draw();
  const grid = html("div", { class: "inputs" }, ...cards.map(({ element }) => element));
  if (count <= shown) return [grid];
  return [
    grid,
    html(
      "div",
      { class: "row" },
      button("Ten before", () => turn(-1)),
      button("Next ten", () => turn(1)),
      place,
    ),
  ];
}
