import { button, html, refill } from "../kit/dom.js";
import { indefinite, listed } from "../kit/numbers.js";
import { barStyle, percentScale } from "../kit/scale.js";
import type { GameState } from "./state.js";

/** Percent of the bar that two marks are apart whose labels stand beside each other. */
const leastApart = 50;

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
  const labels = [html("span", {}), html("span", {})];
  const ends = html("div", { class: "ends marked" }, ...labels);
  const sentence = html("p", { class: "sentence", "aria-live": "polite" });

  function update(): void {
    const { group, text, change } = state;
    const here = state.value(group);
    const nobody = state.value(0);
    units.forEach((_, unit) => {
      const isIn = ((group >> unit) & 1) === 1;
      const other = state.value(group ^ (1 << unit));
      const step = isIn ? here - other : other - here;
      cards[unit].setAttribute("aria-pressed", String(isIn));
      states[unit].textContent = isIn ? "in" : "out";
      amounts[unit].textContent = `adds ${change(step)}`;
      amounts[unit].dataset.sign = step > 0 ? "up" : step < 0 ? "down" : "none";
    });
    const scale = percentScale(state.low, state.high);
    value.textContent = text(here);
    bar.setAttribute("style", barStyle(scale, Math.min(nobody, here), Math.max(nobody, here)));
    bar.dataset.sign = here >= nobody ? "up" : "down";
    const everybody = state.value(state.everybody);
    const places = [nobody, everybody].map(scale);
    const isNear = Math.abs(places[0] - places[1]) < leastApart;
    places.forEach((place, i) => {
      marks[i].setAttribute("style", `left:${place}%`);
      // Below its mark, and no further out than the bar.
      labels[i].setAttribute(
        "style",
        `left:${place}%;transform:translateX(${-place}%);top:${isNear && i === 1 ? 1.3 : 0}rem`,
      );
    });
    refill(labels[0], `nobody ${text(nobody)}`);
    refill(labels[1], `everybody ${text(everybody)}`);
    ends.setAttribute("style", `height:${isNear ? 2.6 : 1.3}rem`);
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
      html("span", { class: "press" }, `Press ${indefinite(facts.unit)} to bring it in or send it away. `),
      "Below each stands what it adds to those that are in beside it: its ",
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
