import { diverging, inkOn } from "../kit/colours.js";
import { button, html } from "../kit/dom.js";
import { indefinite, numberText, signed } from "../kit/numbers.js";
import type { GameState, Shown } from "./state.js";

/** Outputs up to which each has a button; more are in a list. */
const mostButtons = 16;

/** Which number of the value the page shows; undefined for a game of one number. */
export function outputChoice(state: GameState): HTMLElement | undefined {
  const { outputs } = state.table;
  if (outputs === 1) return undefined;
  const { outputs: names, outputTitle } = state.facts;
  const choices: readonly (readonly [Shown, string])[] = [
    ["mean", "mean of all"],
    ...names.map((name, o) => [o, name] as const),
  ];
  if (choices.length > mostButtons) {
    const list: HTMLSelectElement = html(
      "select",
      { change: () => state.show(list.value === "mean" ? "mean" : Number(list.value)) },
      ...choices.map(([value, name]) => html("option", { value }, name)),
    );
    return html("label", { class: "choice" }, html("span", { class: "label" }, `${outputTitle}: `), list);
  }
  const buttons = choices.map(([value, name]) => button(name, () => state.show(value)));
  const update = () => {
    choices.forEach(([value], i) => {
      buttons[i].setAttribute("aria-pressed", String(value === state.shown));
    });
  };
  state.onChange(update);
  update();
  return html("div", { class: "choice chips" }, html("span", { class: "label" }, `${outputTitle}:`), ...buttons);
}

/** Outputs of a table of modes, at most. */
const mostColumns = 32;

/**
 * The Shapley Modes as a table: a row for each unit, a column for each number of the value. Undefined where there is
 * one, or too many.
 */
export function modesSection(state: GameState): HTMLElement | undefined {
  const { units, facts, table, modes } = state;
  if (table.outputs === 1 || table.outputs > mostColumns) return undefined;
  const text = signed(numberText(modes));
  const limit = modes.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const heads = facts.outputs.map((name, o) =>
    html(
      "th",
      {},
      button(name, () => state.show(o), { title: `show ${facts.outputTitle} ${name} above` }),
    ),
  );
  const rows = units.map((name, unit) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, name),
      ...facts.outputs.map((_, o) => {
        const value = modes[unit * table.outputs + o];
        const colour = diverging(value / limit);
        return html("td", { style: `background:${colour};color:${inkOn(colour)}` }, text(value));
      }),
    ),
  );
  return html(
    "section",
    {},
    html("h2", {}, "4. All numbers at once: the Shapley Modes"),
    html(
      "p",
      {},
      `The value here has ${table.outputs} numbers, and the same sharing is done for each of them. The row of ${indefinite(facts.unit)} is its `,
      html("b", {}, "Shapley Mode"),
      ": what it contributes to each number. Red adds, blue takes away.",
    ),
    html(
      "div",
      { class: "wide" },
      html(
        "table",
        { class: "modes" },
        html("thead", {}, html("tr", {}, html("th", {}, facts.unit), ...heads)),
        html("tbody", {}, ...rows),
      ),
    ),
  );
}
