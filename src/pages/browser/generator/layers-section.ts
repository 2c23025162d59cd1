import { choices } from "../kit/choices.js";
import { button, html } from "../kit/dom.js";
import { plural } from "../kit/numbers.js";
import { sweepMap } from "../kit/sweep-map.js";
import type { GeneratorState } from "./state.js";

/** Colours of channels that paint nothing, and most. */
const faint = [237, 240, 244] as const;
const full = [54, 75, 116] as const;

/** "Switch filters off": a strip for each layer, edits, and many at once. */
export function layersSection(state: GeneratorState): HTMLElement {
  const { facts, widths, strengths, selection, units } = state;
  const known = strengths.length > 0;
  let first = 0;
  const layers = widths.map((width, l) => {
    const order = Array.from({ length: width }, (_, c) => c).map((c) => c + first);
    first += width;
    if (known) order.sort((a, b) => strengths[b] - strengths[a]);
    if (l === 0) selection.looked = order[0];
    const most = order.reduce((largest, unit) => Math.max(largest, strengths[unit] ?? 1), 0) || 1;
    const [map, strip] = sweepMap({
      selection,
      order,
      rows: 1,
      names: units,
      colour: (unit) => {
        const share = known ? strengths[unit] / most : 0.6;
        const [red, green, blue] = faint.map((level, c) => Math.round(level + share * (full[c] - level)));
        return [red, green, blue];
      },
      label: `Layer ${l + 1}, ${width} ${plural(facts.unit)}.`,
    });
    const colours = l === widths.length - 1 ? ", the three colours" : "";
    return html(
      "div",
      { class: "layer" },
      html("span", { class: "label" }, `layer ${l + 1} (${width})${colours}`),
      button("all", () => selection.toggleGroup(order), {
        title: `switch layer ${l + 1} off or on`,
        "aria-label": `all of layer ${l + 1}`,
      }),
      html("div", {}, map, strip),
    );
  });
  const looked = html("p", { class: "label" });
  const update = () => {
    looked.textContent = `${units[selection.looked]}: ${selection.isOff(selection.looked) ? "off" : "on"}`;
  };
  selection.onChange(update);
  update();
  const order = known ? " Those that paint most come first, and are darkest." : "";
  return html(
    "section",
    {},
    html("h2", {}, `Switch ${plural(facts.unit)} off`),
    html(
      "p",
      {},
      `A strip for each layer, from the coarse first one to the three colours.${order} `,
      html("span", { class: "press" }, "Press one to switch it off, sweep over several. "),
      `The buttons with a number leave the colours' layer on.${facts.groups.length > 0 ? " Groups are sets that were found to change one thing." : ""}`,
    ),
    choices(selection, state.ranked, facts.groups, { known }),
    ...layers,
    looked,
  );
}
