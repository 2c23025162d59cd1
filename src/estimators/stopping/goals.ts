import type { Json, JsonObject } from "../../json.js";
import { type Alike, noneAlike, restsOnAlike } from "./alike.js";
import { goalOf, holds, type Measures, type ToldApart } from "./measures.js";
import { type AccuracyRule, rulesOf, type Until } from "./until.js";

/** How far a run is from what a rule asks for. */
export interface Goal {
  readonly rule: AccuracyRule;
  /**
   * What there is: an error, or for `rankStability` a correlation, or for `top` how many times too wide the intervals
   * are. NaN where it is not known yet; of the last look, but for `standardError`, which is always that of now.
   */
  readonly value: number;
  /** What it has to come to: from above, or for `rankStability` from below. For `top` 1. */
  readonly goal: number;
  readonly met: boolean;
  /**
   * Of `top`, where it is known: the first units, by the size of their contributions averaged over the outputs, largest
   * first. Fewer than asked for where some are equal to units of the rest, none where no unit contributes.
   */
  readonly first?: readonly string[];
  /** Of `top`: the two units, one of the first and one of the rest, that are the hardest to tell apart. */
  readonly closest?: ClosestUnits;
}

/** Two units that `top` is to tell apart. */
export interface ClosestUnits {
  readonly units: readonly [string, string];
  /** Their absolute contributions averaged over the outputs. */
  readonly sizes: readonly [number, number];
  /**
   * The `indifference` with which all units would be told apart, as precise as they are known; 0 where they are
   * without.
   */
  readonly enough: number;
}

/** What a goal of `top` says of its units. */
export function unitsOfTop(units: readonly string[], told: ToldApart): Required<Pick<Goal, "first" | "closest">> {
  const [a, b] = told.closest;
  return {
    first: told.first.map((unit) => units[unit]),
    closest: { units: [units[a], units[b]], sizes: told.sizes, enough: told.enough },
  };
}

/**
 * Every rule that was asked for, with what there is.
 *
 * @param alike what was the same in too few samples: such errors meet nothing
 * @param units names, for `top` to say
 */
export function goalsOf(
  until: Until,
  measures: Measures | undefined,
  alike: Alike = noneAlike,
  units?: readonly string[],
): Goal[] {
  return rulesOf(until).map((rule) => ({
    rule,
    value: measures?.[rule] ?? Number.NaN,
    goal: goalOf(rule, until),
    met: measures !== undefined && holds(rule, measures, until) && !restsOnAlike(rule, alike),
    ...(rule === "top" && units && measures?.told && unitsOfTop(units, measures.told)),
  }));
}

const words: Readonly<Record<AccuracyRule, string>> = {
  standardError: "largest standard error",
  meanStandardError: "largest standard error of means",
  relativeError: "relative error",
  rankStability: "rank stability",
  top: "overlap of the first by size and the rest",
};

/** What a number alone does not say. */
const meanings: Readonly<Partial<Record<AccuracyRule, string>>> = {
  top: " (times too wide; apart from 1 down)",
};

/** `largest standard error 0.0043, goal 0.002`. */
export function goalText({ rule, value, goal }: Pick<Goal, "rule" | "value" | "goal">): string {
  // A stability just below its goal must not read as equal to it.
  const digits = rule === "rankStability" ? 4 : 2;
  return `${words[rule]} ${Number.isNaN(value) ? "unknown" : Number(value.toPrecision(digits))}${meanings[rule] ?? ""}, goal ${goal}`;
}

/**
 * `; a and b (0.064, 0.0637) are not told apart, indifference 0.001 would do` of a `top` that is missed; else nothing.
 */
export function closestText({ value, goal, closest }: Goal): string {
  if (!closest || !(value > goal)) return "";
  const { units, sizes, enough } = closest;
  const short = (size: number) => Number(size.toPrecision(3));
  const step = 10 ** (Math.floor(Math.log10(enough)) - 1);
  const remedy =
    enough > 0 ? `, indifference ${Number((Math.ceil(enough / step) * step).toPrecision(2))} would do` : "";
  return `; ${units.join(" and ")} (${sizes.map(short).join(", ")}) are not told apart${remedy}`;
}

/** Names of measures in provenance and in figures. */
export const measureNames = {
  standardError: "standard_error",
  meanStandardError: "mean_standard_error",
  relativeError: "relative_error",
  rankStability: "rank_stability",
  top: "top_overlap",
} as const satisfies Readonly<Record<AccuracyRule, string>>;

/** Measures as JSON, which has no number for what is not known (null) or boundless ("Infinity"). */
export function measuresJson(measures: Measures): JsonObject {
  const known = Object.entries(measureNames).filter(([rule]) => measures[rule as AccuracyRule] !== undefined);
  return Object.fromEntries(
    known.map(([rule, name]) => {
      const value = measures[rule as AccuracyRule] as number;
      return [name, Number.isFinite(value) ? value : Number.isNaN(value) ? null : "Infinity"];
    }),
  );
}

/** What {@link measuresJson} was made of. */
export function measuresFromJson(saved: JsonObject): Measures {
  const number = (value: Json) => (value === null ? Number.NaN : Number(value));
  const known = Object.entries(measureNames).filter(([, name]) => saved[name] !== undefined);
  return Object.fromEntries(known.map(([rule, name]) => [rule, number(saved[name] as Json)])) as unknown as Measures;
}
