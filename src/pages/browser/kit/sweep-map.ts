import type { Colour } from "./colours.js";
import { html } from "./dom.js";
import { drawPixels } from "./pixels.js";
import type { Selection } from "./selection.js";

/** What a map of units shows. */
export interface SweepMapParts {
  readonly selection: Selection;
  /** The units, a column for each. */
  readonly order: readonly number[];
  readonly rows: number;
  readonly colour: (unit: number, row: number) => Colour;
  /** What it is, for who can not see it. */
  readonly label: string;
}

/** Grey of what is off. */
const off: Colour = [128, 132, 138];
/** Colours of the strip below the map, which says what is off. */
const offMark: Colour = [90, 96, 104];
const onMark: Colour = [201, 208, 217];

/**
 * A map of units, a column for each. A press switches a unit, a sweep as many as it passes; with the keyboard arrows move, space switches, and
 * with shift arrows make the next one what the last one is. What is off turns grey, and a strip below says so once more.
 *
 * @returns the map, and the strip
 */
export function sweepMap({
  selection,
  order,
  rows,
  colour,
  label,
}: SweepMapParts): readonly [HTMLElement, HTMLElement] {
  const columns = order.length;
  const canvas = html("canvas", {
    class: "map",
    tabindex: 0,
    role: "application",
    "aria-label": `${label} Arrow keys move, space switches a unit off or on, shift and arrows sweep.`,
  });
  const cursor = html("div", { class: "cursor" });
  const strip = html("canvas", { class: "offs", "aria-hidden": "true" });
  let place = 0;
  let sweeping: boolean | undefined;

  function draw(): void {
    drawPixels(canvas, columns, rows, (pixel) => {
      const unit = order[pixel % columns];
      const own = colour(unit, Math.floor(pixel / columns));
      return selection.isOff(unit) ? mixed(own) : own;
    });
    drawPixels(strip, columns, 1, (column) => (selection.isOff(order[column]) ? offMark : onMark));
    const here = order.indexOf(selection.looked);
    if (here >= 0) place = here;
    cursor.hidden = here < 0;
    cursor.setAttribute("style", `left:${(100 * place) / columns}%;width:${100 / columns}%`);
  }

  const columnAt = (event: PointerEvent) => {
    const box = canvas.getBoundingClientRect();
    return Math.max(0, Math.min(columns - 1, Math.floor(((event.clientX - box.left) / box.width) * columns)));
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    place = columnAt(event);
    sweeping = !selection.isOff(order[place]);
    selection.set(order[place], sweeping);
  });
  canvas.addEventListener("pointermove", (event) => {
    const to = columnAt(event);
    if (sweeping === undefined || !(event.buttons & 1)) return selection.look(order[to]);
    // A quick sweep passes columns without a stop.
    for (let column = Math.min(place, to); column <= Math.max(place, to); column++) {
      selection.set(order[column], sweeping);
    }
    selection.look(order[to]);
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
      selection.set(order[place], !selection.isOff(order[place]));
    } else if (step !== undefined) {
      const from = selection.isOff(order[place]);
      place = Math.max(0, Math.min(columns - 1, place + step));
      if (event.shiftKey) selection.set(order[place], from);
      else selection.look(order[place]);
    } else return;
    event.preventDefault();
  });
  selection.onChange(draw);
  draw();
  return [html("div", { class: "held", style: `height:${Math.max(2.5, rows * 1.05)}rem` }, canvas, cursor), strip];
}

/** A colour on its way to grey. */
function mixed(colour: Colour): Colour {
  const [red, green, blue] = colour.map((level, c) => Math.round(0.25 * level + 0.75 * off[c]));
  return [red, green, blue];
}
