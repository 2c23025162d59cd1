import { wrongKind } from "../../errors.js";
import type { Json, JsonObject } from "../../json.js";
import {
  type ClosestUnits,
  closestText,
  type Goal,
  goalsOf,
  goalText,
  measureNames,
  measuresFromJson,
} from "./goals.js";
import type { Measures } from "./measures.js";
import { type AccuracyRule, type Until, untilNames } from "./until.js";

/** What a stopping rule saw when it looked. */
export interface StoppingLook {
  /** Evaluations of v until then, the two ends too. */
  readonly evaluations: number;
  /** Orderings until then; null for an estimator that plays none. */
  readonly orderings: number | null;
  readonly measures: Measures;
}

/** What a result says of its stopping rules, in its provenance. */
export interface StoppingRecord {
  readonly asked: Until;
  readonly looks: readonly StoppingLook[];
  /** Why it stopped: "met", or the budget that was used up. */
  readonly stopped: string;
  /** Each goal and what the last look saw. */
  readonly goals: readonly Goal[];
}

/**
 * Reads what {@link ShapleyModes.provenance} says of stopping rules; undefined where there were none, or what it says
 * is something else.
 */
export function stoppingRecord(provenance: JsonObject): StoppingRecord | undefined {
  if (!isObject(provenance)) throw wrongKind("provenance", "that of a result, an object", provenance);
  const { until } = provenance;
  if (!isObject(until) || !isObject(until.asked) || !Array.isArray(until.looks)) return undefined;
  const looks = until.looks.map(lookOf);
  if (!looks.every((look) => look !== undefined)) return undefined;
  const asked = Object.fromEntries(
    Object.entries(until.asked).filter(([name, value]) => Object.hasOwn(untilNames, name) && typeof value === "number"),
  ) as Until;
  const missed: readonly Json[] = Array.isArray(until.missed) ? until.missed : [];
  // A goal may be missed whose measure is below it: of too few samples that were all alike.
  const goals = goalsOf(asked, looks.at(-1)?.measures).map((goal) => ({
    ...goal,
    met: goal.met && !missed.includes(goal.rule),
    ...(goal.rule === "top" && unitsOf(until)),
  }));
  return { asked, looks, stopped: String(until.stopped), goals };
}

/** `met after 1,240 orderings (largest standard error 0.0019, goal 0.002)`; undefined where there were no rules. */
export function stoppedText(provenance: JsonObject): string | undefined {
  const record = stoppingRecord(provenance);
  if (!record) return undefined;
  const goals = record.goals.map((goal) => `${goalText(goal)}${goal.met ? "" : ` (missed)${closestText(goal)}`}`);
  const why: Readonly<Record<string, string>> = {
    met: "stopped as asked for",
    interrupted: "interrupted",
    coalitions: "all coalitions were played",
  };
  return [why[record.stopped] ?? `stopped at the budget of ${record.stopped}`, ...goals].join("; ");
}

/** The measure of a rule at a look. */
export function measureAt(look: StoppingLook, rule: AccuracyRule): number {
  return look.measures[rule] ?? Number.NaN;
}

/** Which units `top` is about, as a provenance says it. */
function unitsOf({ first, closest }: JsonObject): Partial<Pick<Goal, "first" | "closest">> {
  if (!Array.isArray(first) || !first.every((unit) => typeof unit === "string") || !isObject(closest)) return {};
  const { units, sizes, enough } = closest;
  const two = (list: Json | undefined, type: string) =>
    Array.isArray(list) && list.length === 2 && list.every((one) => typeof one === type);
  if (!two(units, "string") || !two(sizes, "number") || typeof enough !== "number") return {};
  return { first: first as string[], closest: closest as unknown as ClosestUnits };
}

function lookOf(look: Json): StoppingLook | undefined {
  if (!isObject(look)) return undefined;
  const { evaluations, orderings = null } = look;
  const fits = typeof evaluations === "number" && (orderings === null || typeof orderings === "number");
  const measures = Object.values(measureNames).every((name) => isMeasure(look[name]));
  return fits && measures ? { evaluations, orderings, measures: measuresFromJson(look) } : undefined;
}

function isMeasure(value: Json | undefined): boolean {
  return value === undefined || value === null || value === "Infinity" || typeof value === "number";
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
