import { button, html } from "../kit/dom.js";
import { counted, numberText, signed } from "../kit/numbers.js";
import type { NetworkState } from "./network-state.js";

/**
 * All units as a list of buttons, the most contributing one first, with their mean contributions: for fingers,
 * keyboards and readers aloud.
 */
export function unitList(state: NetworkState): HTMLElement {
  const { selection, ranked, modes, outputs, units, unit } = state;
  const means = ranked.map(
    (unit) => modes.subarray(unit * outputs, (unit + 1) * outputs).reduce((sum, value) => sum + value, 0) / outputs,
  );
  const text = signed(numberText(means));
  const cells = ranked.map((unit, i) =>
    button(
      `${units[unit].replace(/^hidden\//, "")} ${text(means[i])}`,
      () => selection.set(unit, !selection.isOff(unit)),
      {
        class: "cell",
        "aria-pressed": "true",
      },
    ),
  );
  const list = html(
    "details",
    { toggle: update },
    html("summary", {}, `All ${counted(ranked.length, unit)} as a list`),
    html("div", { class: "cells" }, ...cells),
  );
  function update(): void {
    if (!list.open) return;
    ranked.forEach((unit, i) => {
      cells[i].setAttribute("aria-pressed", String(!selection.isOff(unit)));
    });
  }
  selection.onChange(update);
  return list;
}
