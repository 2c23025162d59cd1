import { button, html, refill } from "../kit/dom.js";
import { indefinite, listed } from "../kit/numbers.js";
import { barStyle, percentScale } from "../kit/scale.js";
import type { GameState } from "./state.js";

/** "What is a group worth?": units come and go at a press, and the value of the group follows. */
export function groupSection(state: GameState): HTMLElement {
  const { units, facts } = state;
  const amounts = units.map(() => html("span", { class: "amount" }));
  const states = units.map(() => html("span", { class: "state" }));
  const cards = units.map((name, unit) => {
    const card = button("", () => state.toggle(unit), { class: "card", "aria-pressed": "false" });
    card.append(html("span", { class: "name" }, name), states[unit], amounts[unit]);
    return card;
  });
  const value = html("output", { class: "big" });
  const bar = html("div", { class: "bar" });
  const marks = [html("span", { class: "mark" }), html("span", { class: "mark" })];
  const ends = html("div", { class: "ends" });
  const sentence = html("p", { class: "sentence", "aria-live": "polite" });

  function update(): void {
    const { group, text, change } = state;
    const here = state.value(group);
    const nobody = state.value(0);
    units.forEach((_, unit) => {
      const isIn = ((group >> unit) & 1) === 1;
      const step = state.value(group ^ (1 << unit)) - here;
      cards[unit].setAttribute("aria-pressed", String(isIn));
      states[unit].textContent = isIn ? "in" : "out";
      amounts[unit].textContent = isIn ? `without it ${change(step)}` : `with it ${change(step)}`;
      amounts[unit].dataset.sign = step > 0 ? "up" : step < 0 ? "down" : "none";
    });
    const scale = percentScale(state.low, state.high);
    value.textContent = text(here);
    bar.setAttribute("style", barStyle(scale, Math.min(nobody, here), Math.max(nobody, here)));
    bar.dataset.sign = here >= nobody ? "up" : "down";
    [0, state.everybody].forEach((end, i) => {
      marks[i].setAttribute("style", `left:${scale(state.value(end))}%`);
    });
    const everybody = state.value(state.everybody);
    const labels = [`nobody ${text(nobody)}`, `everybody ${text(everybody)}`].map((label) => html("span", {}, label));
    refill(ends, ...(everybody < nobody ? labels.reverse() : labels));
    const names = units.filter((_, unit) => (group >> unit) & 1);
    const who = group === 0 ? "Nobody is in" : `${listed(names, facts.unit)} ${names.length === 1 ? "is" : "are"} in`;
    sentence.textContent = `${who}: ${facts.score} ${text(here)}.`;
  }

  state.onChange(update);
  update();
  return html(
    "section",
    {},
    html("h2", {}, "1. What is a group worth?"),
    html(
      "p",
      {},
      `Press ${indefinite(facts.unit)} to bring it in or send it away. Below each stands what its coming or going would change, with the others as they are: its `,
      html("b", {}, "marginal contribution"),
      " to this group.",
    ),
    html("div", { class: "cards" }, ...cards),
    html(
      "div",
      { class: "row" },
      button("Everybody in", () => state.setGroup(state.everybody)),
      button("Nobody in", () => state.setGroup(0)),
    ),
    html(
      "div",
      { class: "worth" },
      html("div", { class: "label" }, facts.score, value),
      html("div", {}, html("div", { class: "track" }, bar, ...marks), ends),
    ),
    sentence,
  );
}
