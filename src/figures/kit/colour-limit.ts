import { invalid } from "../../errors.js";
import { quantile } from "../summaries.js";
import { finite } from "./checks.js";
import { significant } from "./heat-labels.js";

/**
 * Where the colours of a diverging scale end, the same on either side of 0: `"full"`, the largest absolute value;
 * `"robust"`, the value below which 99 % of the absolute values lie; or a number. Values beyond it take the last
 * colour, and the caption says so.
 */
export type ColourRange = "full" | "robust" | number;

/** The number that a range stands for, and what the caption has to say where values lie beyond it. */
export function colourLimit(
  values: readonly ArrayLike<number>[],
  range: ColourRange = "full",
): { limit: number; remark: string | undefined } {
  if (typeof range !== "number" && range !== "full" && range !== "robust") {
    throw invalid("range", '"full", "robust" or a positive number', range);
  }
  if (typeof range === "number" && finite("range", range) <= 0) throw invalid("range", "a positive number", range);
  let largest = 0;
  for (const part of values) for (let i = 0; i < part.length; i++) largest = Math.max(largest, Math.abs(part[i]));
  const wanted =
    range === "full"
      ? largest
      : range === "robust"
        ? quantile(
            values.flatMap((part) => Array.from(part, Math.abs)),
            0.99,
          )
        : range;
  const limit = wanted || largest || 1;
  const remark =
    limit < largest ? `Colours end at ±${significant(limit)}; the largest is ${significant(largest)}.` : undefined;
  return { limit, remark };
}
