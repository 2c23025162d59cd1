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
  /** Names of all units. */
  readonly names: readonly string[];
  readonly colour: (unit: number, row: number) => Colour;
  /** What it is, for who can not see it. */
  readonly label: string;
}

/** Grey of what is off. */
const off: Colour = [128, 132, 138];
/** Colours of the strip below the map, which says what is off. */
const offMark: Colour = [90, 96, 104];
const onMark: Colour = [201, 208, 217];

/** Pixels that a finger moves sideways before it sweeps. */
const leastSweep = 8;

/**
 * A map of units, a column for each. A press switches a unit, a sweep as many as it passes; a finger does so when it is
 * lifted or moves sideways, since up and down it scrolls. With the keyboard arrows move, space switches, and with shift
 * arrows make the next one what the last one is; which unit that is, and whether it is on, is said aloud. What is off
 * turns grey, and a strip below says so once more.
 *
 * @returns the map, and the strip
 */
export function sweepMap({
  selection,
  order,
  rows,
  names,
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
  const said = html("span", { class: "aloud", "aria-live": "polite" });
  let sweeping: boolean | undefined;
  /** Where a finger is down that has not swept yet. */
  let touched: { readonly x: number; readonly column: number } | undefined;
  /** What units were that this press or sweep has switched. */
  const before = new Map<number, boolean>();

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
  const sweepTo = (column: number) => {
    const unit = order[column];
    if (!before.has(unit)) before.set(unit, selection.isOff(unit));
    selection.set(unit, sweeping === true);
  };
  const begin = (column: number) => {
    place = column;
    sweeping = !selection.isOff(order[place]);
    sweepTo(place);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    before.clear();
    if (event.pointerType === "touch") touched = { x: event.clientX, column: columnAt(event) };
    else begin(columnAt(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (touched) {
      if (Math.abs(event.clientX - touched.x) < leastSweep) return;
      begin(touched.column);
      touched = undefined;
    }
    const to = columnAt(event);
    if (sweeping === undefined || !(event.buttons & 1)) return selection.look(order[to]);
    // A quick sweep passes columns without a stop.
    for (let column = Math.min(place, to); column <= Math.max(place, to); column++) {
      sweepTo(column);
    }
    selection.look(order[to]);
    place = to;
  });
  canvas.addEventListener("pointerup", () => {
    if (touched) begin(touched.column);
    touched = undefined;
    sweeping = undefined;
  });
  // The browser scrolls: nothing was meant.
  canvas.addEventListener("pointercancel", () => {
    touched = undefined;
    sweeping = undefined;
    for (const [unit, off] of before) selection.set(unit, off);
    before.clear();
  });
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
    said.textContent = `${names[order[place]]}, ${selection.isOff(order[place]) ? "off" : "on"}`;
  });
  selection.onChange(draw);
  draw();
  const rules = rows === 1 ? html("div", { class: "rules", style: ruled(columns) }) : undefined;
  const style = `height:${Math.max(2.5, rows * 1.05)}rem`;
  return [html("div", { class: "held", style }, canvas, rules, cursor, said), strip];
}

/** Lines between columns, where there is no pattern to tell them apart. */
function ruled(columns: number): string {
  return `background:repeating-linear-gradient(to right,var(--page) 0 1px,transparent 1px calc(100%/${columns}))`;
}

/** A colour on its way to grey. */
function mixed(colour: Colour): Colour {
  const [red, green, blue] = colour.map((level, c) => Math.round(0.25 * level + 0.75 * off[c]));
  return [red, green, blue];
}
