import type { Json, JsonObject } from "../json.js";
import { pacer } from "../pace.js";

/** A question about speed or precision, answered by measuring; one a file. */
export interface Question {
  /** Short name, e.g. `walk`. */
  readonly name: string;
  readonly asks: string;
  /**
   * Measures, until the signal is aborted. Throws where what is measured is wrong: a fast wrong answer is no answer.
   *
   * @param repetitions how often times are taken in turn, or with how many seeds errors, where the question does so;
   *   default its own number
   */
  answer(signal: AbortSignal, repetitions?: number, options?: QuestionOptions): Promise<Answer>;
}

/** What some questions are about, where it is not their own. */
export interface QuestionOptions {
  /** Folder of a language model with experts. */
  readonly decoder?: string | undefined;
}

/** A number with its unit and what it is of. */
export interface Measure {
  readonly value: number;
  readonly unit: string;
  readonly of: string;
}

export interface Answer {
  readonly figure: Measure;
  /** What the figure is held against, measured in the same run. */
  readonly baseline: Measure;
  /** How many times better than the baseline: baseline / figure. */
  readonly ratio: number;
  /** What was aimed at, where something was: the largest figure, the smallest ratio. */
  readonly target?: { readonly figure?: number; readonly ratio?: number };
  /** What else there is to say: what was checked, arithmetic, tables. One line each. */
  readonly lines: readonly string[];
  /** The same for programs. */
  readonly numbers: JsonObject;
}

/** Whether the answer is as good as aimed at; undefined where nothing was aimed at. */
export function meetsTarget({ figure, ratio, target }: Answer): boolean | undefined {
  if (!target) return undefined;
  return figure.value <= (target.figure ?? Number.POSITIVE_INFINITY) && ratio >= (target.ratio ?? 0);
}

/**
 * Runs some pieces of work in turn, again and again, so that whatever else the machine does falls on all of them alike.
 * The first round warms up and does not count, unless there is to be one alone.
 *
 * @returns per piece the median of its times, in milliseconds
 */
export async function medianTimes<Name extends string>(
  repetitions: number,
  work: Readonly<Record<Name, () => unknown>>,
  signal?: AbortSignal,
): Promise<Record<Name, number>> {
  const names = Object.keys(work) as Name[];
  const pace = pacer(signal);
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = firstRound(repetitions); round <= repetitions; round++) {
    for (const name of names) {
      const start = performance.now();
      await work[name]();
      if (round > 0) times.get(name)?.push(performance.now() - start);
      await pace();
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<Name, number>;
}

/** The number of the first round: 0, which warms up and does not count, or 1 where it would be half of all the work. */
export function firstRound(repetitions: number): 0 | 1 {
  return repetitions > 1 ? 0 : 1;
}

/** The middle one of some numbers, or the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Three significant digits, without an exponent where that reads well. */
export function short(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
}

/** An answer as text. */
export function answerText(question: Question, answer: Answer, peakMemory: number): string {
  const { figure, baseline, ratio, target, lines } = answer;
  const aimed = [
    target?.figure === undefined ? [] : `at most ${target.figure} ${figure.unit}`,
    target?.ratio === undefined ? [] : `at least ${short(target.ratio)} times`,
  ].flat();
  return [
    `${question.name}: ${question.asks}`,
    `  figure    ${short(figure.value)} ${figure.unit}, ${figure.of}`,
    `  baseline  ${short(baseline.value)} ${baseline.unit}, ${baseline.of}`,
    `  ratio     ${short(ratio)}`,
    ...(aimed.length > 0 ? [`  target    ${aimed.join(", ")}: ${meetsTarget(answer) ? "met" : "missed"}`] : []),
    `  memory    ${peakMemory} MB at the peak, all of the process`,
    ...lines.map((line) => `  ${line}`),
    "",
  ].join("\n");
}

/** An answer for programs. */
export function answerJson(question: Question, answer: Answer, peakMemory: number): JsonObject {
  const { figure, baseline, ratio, target, numbers } = answer;
  return {
    name: question.name,
    question: question.asks,
    figure: { ...figure },
    baseline: { ...baseline },
    ratio,
    target: (target ?? null) as Json,
    target_met: meetsTarget(answer) ?? null,
    peak_memory_mb: peakMemory,
    numbers,
  };
}
