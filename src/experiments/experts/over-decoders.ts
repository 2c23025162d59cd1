import { summarise } from "../../analysis/summary.js";
import { pooledWilsonInterval } from "../../analysis/wilson-interval.js";
import type { BarSeries } from "../../figures/grouped-bars.js";

/** Bars of means over decoders; of several, error bars of one standard deviation. @param each `[decoders][places]` */
export function overDecoders(name: string, each: readonly (readonly number[])[]): BarSeries {
  const summaries = each[0].map((_, place) => summarise(each.map((own) => own[place])));
  const values = summaries.map(({ mean }) => mean);
  return each.length > 1 ? { name, values, errors: summaries.map(({ sd }) => sd) } : { name, values };
}

/** Mean shares of exact answers at some tasks, with intervals that stay within 0 and 1, unlike a standard deviation. */
export function sharesOverDecoders(
  name: string,
  scores: readonly Float64Array[],
  at: readonly number[],
  questions: readonly number[],
): BarSeries {
  const ends = at.map((t) =>
    pooledWilsonInterval(
      scores.map((values) => values[t]),
      questions[t],
    ),
  );
  return {
    name,
    values: at.map((t) => summarise(scores.map((values) => values[t])).mean),
    lower: ends.map(({ low }) => low),
    upper: ends.map(({ high }) => high),
  };
}
