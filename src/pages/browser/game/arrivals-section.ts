import { button, html, refill, setIdle } from "../kit/dom.js";
import { listed } from "../kit/numbers.js";
import { barStyle, percentScale } from "../kit/scale.js";
import type { GameState } from "./state.js";

/** Amounts that are written out as a sum, at most. */
const mostSummed = 8;

/** "Let them arrive": an order, step by step; each unit is given what the value changes by when it arrives. */
export function arrivalsSection(state: GameState): HTMLElement {
  const { units, facts } = state;
  const next = button("Next one arrives", () => state.arrive(), { class: "main" });
  const all = button("All arrive", () => {
    while (state.arrived < units.length) state.arrive();
  });
  const other = button("Another order", () => state.reorder());
  const waiting = html("div", { class: "chips" });
  const rows = html("div", { class: "steps" });
  const sentence = html("p", { class: "sentence two", "aria-live": "polite" });

  function update(): void {
    const { ordering, arrived, text, change } = state;
    const done = arrived === units.length;
    for (const press of [next, all]) setIdle(press, done ? "all have arrived" : undefined);
    const scale = percentScale(state.low, state.high);
    const isPressed = waiting.contains(document.activeElement);
    refill(
      waiting,
      html("span", { class: "label" }, done ? "All have arrived." : "Still waiting, in this order:"),
      ...Array.from(ordering.subarray(arrived), (unit) =>
        button(units[unit], () => state.arrive(unit), { title: "let this one arrive next" }),
      ),
      // Those that are here keep their room, so that nothing below moves.
      ...Array.from(ordering.subarray(0, arrived), (unit) => html("span", { class: "ahead" }, units[unit])),
    );
    // Who presses by keyboard goes on from there.
    if (isPressed) (waiting.querySelector("button") ?? other).focus();
    const made: HTMLElement[] = [];
    const amounts: string[] = [];
    let group = 0;
    let last = "";
    for (const unit of ordering.subarray(0, arrived)) {
      const before = state.value(group);
      const names = units.filter((_, other) => (group >> other) & 1);
      group |= 1 << unit;
      const after = state.value(group);
      const sign = after > before ? "up" : after < before ? "down" : "none";
      amounts.push(change(after - before));
      made.push(
        html(
          "div",
          { class: "step" },
          html("span", { class: "name" }, `${made.length + 1}. ${units[unit]}`),
          html(
            "div",
            { class: "track" },
            html("div", { class: "bar", "data-sign": sign, style: barStyle(scale, before, after) }),
          ),
          html("span", { class: "amount", "data-sign": sign }, change(after - before)),
        ),
      );
      const found = names.length === 0 ? "to nobody" : `to ${listed(names, facts.unit)}`;
      last = `${units[unit]} comes ${found}: the ${facts.score} goes from ${text(before)} to ${text(after)}, so ${units[unit]} is given ${change(after - before)}.`;
    }
    const ends = html("div", { class: "ends" }, ...[state.low, state.high].map((end) => html("span", {}, text(end))));
    const ahead = Array.from(ordering.subarray(arrived), (unit, i) =>
      html(
        "div",
        { class: "step ahead" },
        html("span", { class: "name" }, `${arrived + i + 1}. ${units[unit]}`),
        html("div", { class: "track" }),
      ),
    );
    const scaleRow = html("div", { class: made.length > 0 ? "step" : "step ahead" }, html("span", {}), ends);
    refill(rows, ...made, scaleRow, ...ahead);
    const [nobody, everybody] = [0, state.everybody].map((whole) => text(state.value(whole)));
    const sum =
      units.length <= mostSummed
        ? `${nobody} (nobody) ${amounts.map(spaced).join(" ")} = ${everybody} (everybody).`
        : `from ${nobody} (nobody) the ${units.length} amounts lead to ${everybody} (everybody).`;
    sentence.textContent = arrived === 0 ? "Nobody is here yet." : done ? `${last} Nothing is left over: ${sum}` : last;
  }

  state.onChange(update);
  update();
  return html(
    "section",
    {},
    html("h2", {}, "2. What does each add, one after another?"),
    html(
      "p",
      {},
      `Start with nobody and let them arrive. Each ${facts.unit} is given what the ${facts.score} changes by when it comes. `,
      html("span", { class: "press" }, "Press one that waits to let it come first."),
    ),
    html("div", { class: "row" }, next, all, other),
    waiting,
    sentence,
    rows,
  );
}

/** "+10" as "+ 10": in a sum. */
function spaced(amount: string): string {
  return `${amount.charAt(0)} ${amount.slice(1)}`;
}
