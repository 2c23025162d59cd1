import { button, html } from "./dom.js";
import { wholeWithin } from "./numbers.js";
import type { Selection } from "./selection.js";

/** Units of many that are chosen at a press, unless the reader says another number. */
const usualTop = 20;

/** A group that has a button of its own. */
interface Group {
  readonly name: string;
  readonly units: readonly number[];
}

/** What else there is to the buttons that switch many units. */
interface ChoiceParts {
  /** Whether it is known which units contribute most; default true. */
  readonly known?: boolean;
  /** What comes of what is off, in a few words; default nothing. */
  readonly status?: () => string;
  /** To be told when that is another; default with the selection. */
  readonly onStatus?: (listener: () => void) => void;
}

/**
 * Buttons that switch many units at once: all on, the most contributing ones off, all but these off, as many at random,
 * and groups.
 *
 * @param ranked units that they switch, the most contributing first
 */
export function choices(
  selection: Selection,
  ranked: readonly number[],
  groups: readonly Group[],
  { known = true, status, onStatus }: ChoiceParts = {},
): HTMLElement {
  const most = ranked.length;
  const top = html("input", {
    type: "number",
    min: 1,
    max: most,
    value: Math.min(usualTop, Math.ceil(most / 4)),
    "aria-label": "how many units the buttons beside it switch",
    input: () => relabel(),
    change: () => {
      top.value = String(number());
    },
  });
  const number = () => wholeWithin(top.value, most);
  const random = () =>
    [...ranked]
      .map((unit) => [Math.random(), unit])
      .sort(([a], [b]) => a - b)
      .map(([, unit]) => unit);
  const topOff = button("", () => selection.setOnly(ranked.slice(0, number())), {
    title: "switch off those that contribute most",
  });
  const butTopOff = button("", () => selection.setOnly(ranked.slice(number())), {
    title: "leave only those on that contribute most",
  });
  const randomOff = button("", () => selection.setOnly(random().slice(0, number())), {
    title: "switch off as many, by chance",
  });
  function relabel(): void {
    topOff.textContent = `Top ${number()} off`;
    butTopOff.textContent = `All but top ${number()} off`;
    randomOff.textContent = `${number()} by chance off`;
  }
  relabel();
  const buttons = groups.map(
    ({ name, units }) => [button(`${name} (${units.length})`, () => selection.toggleGroup(units)), units] as const,
  );
  const told = (off: number) => [`${off} of ${selection.units} off`, status?.()].filter(Boolean).join("; ");
  // As wide as it gets, or the rows below would move where it needs a line more.
  const width = `min-width:min(100%,${told(selection.units).length}ch)`;
  const count = html("output", { class: "label", "aria-live": "polite", style: width });
  const update = () => {
    count.textContent = told(selection.count);
    for (const [press, units] of buttons) press.setAttribute("aria-pressed", String(selection.hasOff(units)));
  };
  selection.onChange(update);
  onStatus?.(update);
  update();
  return html(
    "div",
    {},
    html(
      "div",
      { class: "row" },
      button("All on", () => selection.setOnly([]), { class: "main" }),
      html("label", { class: "label" }, "how many: ", top),
      ...(known ? [topOff, butTopOff] : []),
      randomOff,
      count,
    ),
    groups.length === 0
      ? undefined
      : html(
          "div",
          { class: "chips" },
          html("span", { class: "label" }, "Groups:"),
          ...buttons.map(([press]) => press),
        ),
  );
}
