import { button, html, refill, setIdle, svg } from "../kit/dom.js";
import { counted, indefinite, numberText, signed } from "../kit/numbers.js";
import { percentScale } from "../kit/scale.js";
import type { GameState } from "./state.js";

/** Units up to which every order is played at one press: 40,320 orders. */
const mostPlayed = 8;
/** Columns of the picture of what a unit adds. */
const columns = 80;

/** "What is fair?": the mean of what each unit adds, over ever more orders, beside its Shapley value. */
export function averageSection(state: GameState): HTMLElement {
  const { units, facts } = state;
  const orders = factorial(units.length);
  const rows = html("div", { class: "means" });
  const sum = html("p", { class: "sentence", "aria-live": "polite" });
  const more = [1, 100].map((count) =>
    button(count === 1 ? "One more order" : "100 more", () => state.playMore(count)),
  );
  const every =
    units.length <= mostPlayed
      ? button(`All ${orders.toLocaleString("en")} orders`, () => state.playAll(), { class: "main" })
      : button("10,000 more orders", () => state.playMore(10_000), { class: "main" });

  function update(): void {
    const { tally, text } = state;
    const shares = units.flatMap((_, unit) => [state.shapley(unit), tally.orders > 0 ? tally.mean(unit) : 0]);
    const change = signed(numberText(shares));
    const seen = tally.amounts.flatMap((amounts) => [...amounts.keys()]);
    const values = [...seen, ...units.map((_, unit) => state.shapley(unit)), 0];
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const pad = (high - low) * 0.03 || 1;
    const scale = percentScale(low - pad, high + pad);
    const head = html(
      "div",
      { class: "mean head" },
      html("span", {}, facts.unit),
      html("span", {}, "what it adds, by order"),
      html("span", { class: "amount" }, "mean so far"),
      html("span", { class: "amount" }, "Shapley value"),
    );
    refill(
      rows,
      head,
      ...units.map((name, unit) => {
        const mean = tally.mean(unit);
        const shapley = state.shapley(unit);
        return html(
          "div",
          { class: "mean" },
          html("span", { class: "name" }, name),
          spread(tally.amounts[unit], tally.orders, scale, mean, shapley),
          html("span", { class: "amount" }, tally.orders === 0 ? "–" : change(mean)),
          html("span", { class: "amount value" }, change(shapley)),
        );
      }),
    );
    const total = text(state.value(state.everybody) - state.value(0));
    const told =
      tally.orders === 0
        ? "No order has been played yet."
        : tally.complete
          ? `All ${counted(tally.orders, "order")} have been played, each once${replaced(state.replaced)}: the means are the Shapley values.`
          : `${counted(tally.orders, "order")} played.`;
    for (const press of more) setIdle(press, tally.complete ? "all orders have been played" : undefined);
    sum.textContent = `${told} The Shapley values add up to ${total}, which is what everybody together has more than nobody.`;
  }

  state.onChange(update);
  update();
  return html(
    "section",
    {},
    html("h2", {}, "3. What is fair? The mean over all orders"),
    html(
      "p",
      {},
      `Who comes first is luck, so let every order count the same. The mean of what ${indefinite(facts.unit)} adds, over all ${orderCount(orders)} orders, is its `,
      html("b", {}, "Shapley value"),
      ". An order that you have let arrive above is counted as well; those of the buttons are drawn by chance and may repeat.",
    ),
    html(
      "div",
      { class: "row" },
      ...more,
      every,
      button("Start over", () => state.startOver()),
    ),
    html(
      "p",
      { class: "key" },
      key("bars", "how often it added so much"),
      key("mean", "mean so far"),
      key("value", "Shapley value"),
    ),
    rows,
    sum,
  );
}

/** What became of the orders that were played before all were. */
function replaced(orders: number): string {
  return orders === 0 ? "" : `, in place of the ${orders.toLocaleString("en")} before`;
}

/**
 * How often a unit has added how much: a column for each amount, the mean as a line, the Shapley value as a diamond.
 */
function spread(
  amounts: ReadonlyMap<number, number>,
  orders: number,
  scale: (value: number) => number,
  mean: number,
  shapley: number,
): SVGSVGElement {
  const bars = new Map<number, { count: number; sum: number }>();
  for (const [amount, count] of amounts) {
    const column = Math.round((scale(amount) / 100) * columns);
    const bar = bars.get(column) ?? { count: 0, sum: 0 };
    bars.set(column, { count: bar.count + count, sum: bar.sum + count * scale(amount) });
  }
  const most = Math.max(1, ...Array.from(bars.values(), ({ count }) => count));
  const width = 100 / columns;
  const x = (value: number) => `${scale(value).toFixed(3)}%`;
  return svg(
    "svg",
    { class: "spread", "aria-hidden": "true" },
    svg("line", { class: "zero", x1: x(0), x2: x(0), y1: 0, y2: "100%" }),
    svg("line", { class: "ground", x1: "0", x2: "100%", y1: "80%", y2: "80%" }),
    ...Array.from(bars.values(), ({ count, sum }) => {
      const height = (78 * count) / most;
      return svg("rect", {
        class: "amounts",
        // Around the mean of what is in it.
        x: `${(sum / count - width / 2).toFixed(3)}%`,
        width: `${width}%`,
        y: `${(80 - height).toFixed(2)}%`,
        height: `${height.toFixed(2)}%`,
      });
    }),
    orders > 0 ? svg("line", { class: "average", x1: x(mean), x2: x(mean), y1: 0, y2: "100%" }) : undefined,
    svg(
      "svg",
      { x: x(shapley), y: "80%", overflow: "visible" },
      svg("path", { class: "diamond", d: "M0 -6 L6 0 L0 6 L-6 0 Z" }),
    ),
  );
}

function key(name: "bars" | "mean" | "value", meaning: string): HTMLElement {
  return html("span", {}, html("span", { class: `sign ${name}`, "aria-hidden": "true" }), meaning);
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** A number of orders; of very many, about how many. */
function orderCount(orders: number): string {
  if (orders < 1e6) return orders.toLocaleString("en");
  const names = [
    [1e12, "million million"],
    [1e9, "thousand million"],
    [1e6, "million"],
  ] as const;
  const [size, name] = names.find(([least]) => orders >= least) ?? [1, ""];
  return `${Number((orders / size).toPrecision(2))} ${name}`;
}
