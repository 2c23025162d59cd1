import { goalText } from "../../estimators/stopping/goals.js";
import { compact, duration, thousands } from "../../words.js";
import type { ProgressState } from "./progress-state.js";

/** `60 of 200 evaluations (30 %), 13.2k/s, 6 s left, largest standard error 0.0042`. */
export function runningText(state: ProgressState, unit: string): string {
  const { done, total, rate, secondsLeft } = state;
  const percent = Math.floor((100 * done) / Math.max(total, 1));
  const precision = precisionText(state);
  const facts = [
    `${thousands(done)} of ${state.goals?.length ? "at most " : ""}${thousands(total)} ${unit} (${percent} %)`,
    `${compact(rate)}/s`,
    `${duration(secondsLeft)} left`,
  ];
  return [...facts, ...(precision === "" ? [] : [precision])].join(", ");
}

/**
 * `largest standard error 0.0042`; with stopping rules the distance to each goal,
 * `largest standard error 0.0042, goal 0.002`; or nothing.
 */
export function precisionText({ goals = [], largestStandardError: error }: ProgressState): string {
  if (goals.length > 0) return goals.map(goalText).join(", ");
  return error === undefined || Number.isNaN(error) ? "" : `largest standard error ${error.toPrecision(2)}`;
}

/** What stays: `200 evaluations in 15 s`, or `stopped at 60 of 200 evaluations after 5 s`. */
export function endedText({ done, total, seconds }: ProgressState, unit: string, ended: "done" | "stopped"): string {
  return ended === "done"
    ? `${thousands(done)} ${unit} in ${duration(seconds)}`
    : `stopped at ${thousands(done)} of ${thousands(total)} ${unit} after ${duration(seconds)}`;
}
