import { divergingColour } from "../kit/colours.js";
import { html } from "../kit/dom.js";
import { counted } from "../kit/numbers.js";
import { sweepMap } from "../kit/sweep-map.js";
import type { NetworkState } from "./network-state.js";

/** The modes of all units as a map: a column for each, the most contributing one first, a row for each output. */
export function unitsMap(state: NetworkState): HTMLElement {
  const { selection, modes, ranked, outputs } = state;
  const limit = modes.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const colours = Array.from(modes, (value) => divergingColour(value / limit));
  selection.looked = ranked[0];
  const [map, strip] = sweepMap({
    selection,
    order: ranked,
    rows: outputs,
    names: state.units,
    colour: (unit, row) => colours[unit * outputs + row],
    label: `Shapley Modes of ${counted(ranked.length, state.unit)}.`,
  });
  const names = state.scoreNames.map((name) => html("span", { dir: "auto" }, name));
  return html(
    "div",
    { class: "heat" },
    html("div", { class: "rows", "aria-hidden": "true" }, ...names),
    map,
    html("span", { class: "label" }, "off"),
    strip,
  );
}
