import type { JsonObject } from "../../json.js";
import { type Bar, barScale, barText } from "./bars.js";
import { gridText } from "./grid.js";
import { alignedNumbers, shortNumber } from "./numbers.js";

/** One of what is ranked: a unit, or a set of units. */
export interface RankedLine extends Bar {
  readonly name: string;
  readonly valueText: string;
  readonly errorText: string;
  /** Of 95 %: `0.1 to 0.3`. */
  readonly intervalText: string;
}

/** A result at a glance. */
export interface RankedSummary {
  readonly head: string;
  readonly facts: readonly (readonly [string, string])[];
  /** What the names are: "unit". */
  readonly names: string;
  /** What the numbers are. */
  readonly title: string;
  readonly lines: readonly RankedLine[];
  /** How many are left out, and before which line. */
  readonly omitted: { readonly count: number; readonly at: number };
  readonly provenance: JsonObject;
}

/** @param factor standard errors that half a confidence interval is long */
export function rankedLines(
  names: readonly string[],
  values: readonly number[],
  errors: readonly number[],
  factor: number,
): RankedLine[] {
  const ends = (sign: number) => values.map((value, at) => value + sign * factor * errors[at]);
  const texts = alignedNumbers([...values, ...errors, ...ends(-1), ...ends(1)], 4);
  const count = names.length;
  return names.map((name, at) => ({
    name,
    value: values[at],
    error: errors[at],
    valueText: texts[at],
    errorText: errors[at] > 0 ? texts[count + at] : "",
    intervalText: factor * errors[at] > 0 ? `(${texts[2 * count + at]} to ${texts[3 * count + at]})` : "",
  }));
}

/** What the numbers are, with what stands beside them. */
export function titleWithErrors(what: string, errors: Iterable<number>): string {
  return [...errors].some((error) => error > 0) ? `${what} ± standard error (95 % confidence interval)` : what;
}

/** What a result says of how it was played, by name; what is not known is left out. */
export function playedFacts(provenance: JsonObject): [string, string][] {
  return ["estimator", "orderings", "evaluations", "seed"].flatMap((name): [string, string][] => {
    const value = provenance[name];
    return typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [];
  });
}

/** The largest of standard errors as a fact; none where they are not known. */
export function largestErrorFact(errors: Float64Array | undefined): [string, string][] {
  const largest = errors?.reduce((top, error) => Math.max(top, error), 0) ?? Number.NaN;
  return Number.isNaN(largest) ? [] : [["largest standard error", shortNumber(largest, 3)]];
}

/** How far the sum is from what it should be; none where that is not known. */
export function gapFact(gap: number): [string, string][] {
  return Number.isNaN(gap) ? [] : [["efficiency gap", shortNumber(gap, 2)]];
}

/** As lines of text: what `console.log` prints, and a notebook shows where there is no HTML. */
export function rankedText({ head, facts, title, lines, omitted }: RankedSummary): string {
  const position = barScale(lines);
  const rows = lines.map((line) => [
    line.name,
    line.valueText,
    line.errorText && `± ${line.errorText}`,
    line.intervalText,
    barText(line, position),
  ]);
  if (omitted.count > 0) rows.splice(omitted.at, 0, [`… ${omitted.count} more`, "", "", "", ""]);
  const told = facts.map(([name, value]) => `${name} ${value}`).join(" · ");
  return [head, told, "", title, gridText({ head: [], rows, numeric: [false, true, false, false, false] })]
    .filter((part, at) => part !== "" || at === 2)
    .join("\n");
}
