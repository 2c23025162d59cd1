import { diverging, rgb } from "../kit/colours.js";
import { html } from "../kit/dom.js";
import { drawPixels } from "../kit/pixels.js";
import type { MlpState } from "./state.js";

/** Grey of what is off. */
const off = [128, 132, 138] as const;

/**
 * The modes of all units as a map: a column for each, the most contributing one first, a row for each output. A press switches a unit, a sweep as many
 * as it passes; with the keyboard arrows move, space switches, and with shift arrows switch as they go.
 */
export function unitsMap(state: MlpState): HTMLElement {
  const { selection, modes, ranked, facts } = state;
  const { outputs } = state;
  const columns = ranked.length;
  const limit = modes.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const colours = Array.from(modes, (value) => rgb(diverging(value / limit)));
  const canvas = html("canvas", {
    class: "map",
    tabindex: 0,
    role: "application",
    "aria-label": `Modes of ${columns} units. Arrow keys move, space switches a unit off or on, shift and arrows switch several.`,
  });
  const cursor = html("div", { class: "cursor" });
  const marks = html("canvas", { class: "offs", "aria-hidden": "true" });
  let place = 0;
  let sweeping: boolean | undefined;

  function draw(): void {
    drawPixels(canvas, columns, outputs, (pixel) => {
      const unit = ranked[pixel % columns];
      const colour = colours[unit * outputs + Math.floor(pixel / columns)];
      return selection.isOff(unit) ? mixed(colour) : colour;
    });
    drawPixels(marks, columns, 1, (column) => (selection.isOff(ranked[column]) ? [90, 96, 104] : [201, 208, 217]));
    place = ranked.indexOf(selection.looked);
    cursor.setAttribute("style", `left:${(100 * place) / columns}%;width:${100 / columns}%`);
  }

  const columnAt = (event: PointerEvent) => {
    const box = canvas.getBoundingClientRect();
    return Math.max(0, Math.min(columns - 1, Math.floor(((event.clientX - box.left) / box.width) * columns)));
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    place = columnAt(event);
    sweeping = !selection.isOff(ranked[place]);
    selection.set(ranked[place], sweeping);
  });
  canvas.addEventListener("pointermove", (event) => {
    const to = columnAt(event);
    if (sweeping === undefined || !(event.buttons & 1)) return selection.look(ranked[to]);
    // A quick sweep passes columns without a stop.
    for (let column = Math.min(place, to); column <= Math.max(place, to); column++)
      selection.set(ranked[column], sweeping);
    selection.look(ranked[to]);
    place = to;
  });
  const end = () => {
    sweeping = undefined;
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -columns, End: columns }[event.key];
    if (event.key === " " || event.key === "Enter") {
      selection.set(ranked[place], !selection.isOff(ranked[place]));
    } else if (step !== undefined) {
      if (event.shiftKey) selection.set(ranked[place], !selection.isOff(ranked[place]));
      place = Math.max(0, Math.min(columns - 1, place + step));
      selection.look(ranked[place]);
    } else return;
    event.preventDefault();
  });
  selection.looked = ranked[0];
  selection.onChange(draw);
  draw();
  const rows = outputs === facts.outputs.length ? facts.outputs : [facts.score];
  return html(
    "div",
    { class: "heat" },
    html("div", { class: "rows", "aria-hidden": "true" }, ...rows.map((name) => html("span", {}, name))),
    html("div", { class: "held", style: `height:${Math.max(3, outputs * 1.05)}rem` }, canvas, cursor),
    html("span", { class: "label" }, "off"),
    marks,
  );
}

/** A colour on its way to grey. */
function mixed(colour: readonly number[]): readonly [number, number, number] {
  return [0, 1, 2].map((c) => Math.round(0.25 * colour[c] + 0.75 * off[c])) as [number, number, number];
}
