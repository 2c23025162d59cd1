import { lostIn, meansCancel } from "../../modes/lost-digits.js";
import { studentFactor } from "../../quantiles.js";
import type { Ends, Estimate } from "../estimator.js";
import { type AccuracyRule, rulesOf, type Until } from "./until.js";

/** How precise an estimate is: NaN where nobody knows, which meets no rule. */
export interface Measures {
  readonly standardError: number;
  readonly meanStandardError: number;
  readonly relativeError: number;
  /** Where it is asked for. */
  readonly rankStability?: number | undefined;
  /**
   * Where `top` is asked for: the largest ratio, over all pairs of a unit of the first ones and one of the rest, of the
   * half-widths of their intervals to the distance of their contributions. 1 or less where all pairs are told apart.
   */
  readonly top?: number | undefined;
  /** Where `top` is asked for and is known: which units it is about. */
  readonly told?: ToldApart | undefined;
}

/** Which units `top` is about. */
export interface ToldApart {
  /** The first ones, by index, by size; those that are equal to units of the rest are left out. */
  readonly first: readonly number[];
  /** The two, one of the first and one of the rest, whose intervals are the most too wide. */
  readonly closest: readonly [number, number];
  /** Their absolute contributions averaged over the outputs. */
  readonly sizes: readonly [number, number];
  /** The indifference with which all pairs would be told apart, as their intervals are. */
  readonly enough: number;
}

/** What {@link measuresOf} needs to know beside the estimate. */
export interface Sample {
  readonly ends: Ends;
  /** Samples less what was fitted to them: degrees of freedom of the standard errors. */
  readonly degrees: number;
  /** Whether the samples are orderings: errors of 0 are then of those that were drawn. */
  readonly orderings: boolean;
  /** Which look this is, from 1 on: `top` may err at every one of them. */
  readonly look: number;
  /** How alike the rankings of two halves are, stepped up to the whole. */
  readonly stability: () => Promise<number>;
}

/** What nobody knows of too few samples. */
export function unknownMeasures(until: Until): Measures {
  const asked = rulesOf(until).map((rule) => [rule, Number.NaN]);
  return {
    standardError: Number.NaN,
    meanStandardError: Number.NaN,
    relativeError: Number.NaN,
    ...Object.fromEntries(asked),
  };
}

/** What the rules look at, of one estimate. */
export async function measuresOf(estimate: Estimate, until: Until, sample: Sample): Promise<Measures> {
  const { standardErrors, meanStandardErrors } = estimate;
  const rules = rulesOf(until);
  const meanStandardError = largest(meanStandardErrors);
  const nothing =
    (rules.includes("rankStability") || rules.includes("top")) && meansCancel(estimate.values, rankedBy(estimate));
  return {
    standardError: largest(standardErrors),
    meanStandardError,
    relativeError: relativeError(estimate, sample.ends),
    ...(rules.includes("rankStability") && {
      rankStability: nothing ? Number.NaN : await stability(estimate, meanStandardError, sample),
    }),
    ...(until.top !== undefined && (nothing ? { top: Number.NaN } : overlap(estimate, until, until.top, sample))),
  };
}

/** NaN where there is nothing to rank: units that are all equal but for rounding, unless that is known. */
async function stability(estimate: Estimate, meanStandardError: number, { ends, stability }: Sample): Promise<number> {
  // Of means that are known exactly a second run would have the same ranking.
  if (meanStandardError === 0) return 1;
  return allEqual(rankedBy(estimate), ends) ? Number.NaN : await stability();
}

function allEqual(scores: Float64Array, ends: Ends): boolean {
  const most = scores.reduce((top, score) => Math.max(top, score), 0);
  const least = scores.reduce((low, score) => Math.min(low, score), most);
  return most > 0 && most - least <= lostInMeans(scores, ends);
}

/** What rounding may make of contributions averaged over the outputs. */
function lostInMeans(scores: Float64Array, ends: Ends): number {
  const most = scores.reduce((top, score) => Math.max(top, score), 0);
  return meanOver(ends.all.map((_, o) => lostIn(ends, o, most)));
}

/** NaN where one of them is. */
function largest(errors: Float64Array): number {
  let most = 0;
  for (let i = 0; i < errors.length; i++) most = Math.max(most, errors[i]);
  return most;
}

/**
 * The largest, over the outputs, of an output's largest standard error / its largest absolute contribution. An output
 * whose contributions are lost in the rounding of v counts as exact: of an output that no unit changes, or of which
 * only rounding is left, the ratio says nothing.
 */
function relativeError({ values, standardErrors }: Estimate, ends: Ends): number {
  const outputs = ends.all.length;
  const contribution = new Float64Array(outputs);
  const error = new Float64Array(outputs);
  for (let i = 0, o = 0; i < values.length; i++, o = o + 1 === outputs ? 0 : o + 1) {
    contribution[o] = Math.max(contribution[o], Math.abs(values[i]));
    error[o] = Math.max(error[o], standardErrors[i]);
  }
  let most = 0;
  for (let o = 0; o < outputs; o++) {
    const lost = lostIn(ends, o);
    if (error[o] === 0 || (contribution[o] <= lost && error[o] <= lost)) continue;
    most = Math.max(most, error[o] / contribution[o]);
  }
  return most;
}

/** Mean of some outputs. */
export function meanOver(outputs: Float64Array): number {
  return outputs.reduce((sum, value) => sum + value, 0) / outputs.length;
}

/** Each unit's absolute contribution averaged over the outputs: what units are ranked by. */
export function rankedBy({
  values,
  meanStandardErrors,
}: Pick<Estimate, "values" | "meanStandardErrors">): Float64Array {
  const units = meanStandardErrors.length;
  const outputs = values.length / units;
  return Float64Array.from({ length: units }, (_, u) => {
    let sum = 0;
    for (let o = 0; o < outputs; o++) sum += values[u * outputs + o];
    return Math.abs(sum / outputs);
  });
}

/** Share of the errors that the look number `look` may make: all of them together 1. */
export function shareOfLook(look: number): number {
  return 1 / (look * (look + 1));
}

/** {@link Measures.top}, and between which units. */
function overlap(
  estimate: Estimate,
  until: Until,
  top: number,
  { degrees, ends, look, orderings }: Sample,
): Pick<Measures, "top" | "told"> {
  const { confidence = 0.95, indifference = 0 } = until;
  const scores = rankedBy(estimate);
  const units = scores.length;
  const outside = ((1 - confidence) * shareOfLook(look)) / units;
  const widths = estimate.meanStandardErrors.map((error) => error * studentFactor(outside, Math.max(1, degrees)));
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  const lost = orderings ? lostInMeans(scores, ends) : Number.NEGATIVE_INFINITY;
  /** Nothing to tell apart. */
  const constant = scores.every((score) => score === 0);
  let most = Number.NEGATIVE_INFINITY;
  let closest: readonly [number, number] = [order[0], order[top]];
  let enough = 0;
  for (const first of order.slice(0, top)) {
    for (const other of order.slice(top)) {
      const width = widths[first] + widths[other];
      const distance = scores[first] - scores[other] + indifference;
      // Two that are known exactly are in their places, equal or not; what rounding alone tells apart is not.
      const told = width === 0 ? 0 : width / distance;
      const ratio = distance <= lost && !constant ? Number.POSITIVE_INFINITY : told;
      if (ratio > most || Number.isNaN(ratio)) [most, closest] = [ratio, [first, other]];
      enough = Math.max(enough, width - (scores[first] - scores[other]), lost);
    }
  }
  const sizes = [scores[closest[0]], scores[closest[1]]] as const;
  // Units that are equal to some of the rest are none of the first: only their place in the list would say so.
  const rest = scores[order[top]] + lostInMeans(scores, ends);
  const first = order.slice(0, top).filter((unit) => scores[unit] > rest);
  return { top: most, told: { first, closest, sizes, enough } };
}

/** Whether a rule holds. */
export function holds(rule: AccuracyRule, measures: Measures, until: Until): boolean {
  const value = measures[rule] ?? Number.NaN;
  return rule === "rankStability" ? value >= goalOf(rule, until) : value <= goalOf(rule, until);
}

/** What the measure of a rule has to come to. */
export function goalOf(rule: AccuracyRule, until: Until): number {
  return rule === "top" ? 1 : (until[rule] as number);
}

/**
 * How many times as many samples a rule would take, since errors fall with the square root of their number, and the
 * odds of a reliability r, r / (1 - r), grow with it (Spearman and Brown 1910). 1 or less where the rule holds;
 * Infinity where no number is enough; NaN where nobody knows.
 */
export function timesAsMany(rule: AccuracyRule, measures: Measures, until: Until): number {
  const value = measures[rule] ?? Number.NaN;
  const goal = goalOf(rule, until);
  if (rule !== "rankStability") return (value / goal) ** 2;
  if (value <= 0) return Number.POSITIVE_INFINITY;
  return ((goal / (1 - goal)) * (1 - value)) / value;
}
