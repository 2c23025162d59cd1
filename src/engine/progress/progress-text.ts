import type { ProgressState } from "./progress-state.js";

/** `60 of 200 evaluations (30 %), 13.2k/s, 6 s left, largest standard error 0.0042`. */
export function runningText(state: ProgressState, unit: string): string {
  const { done, total, rate, secondsLeft, largestStandardError: error } = state;
  const percent = Math.floor((100 * done) / Math.max(total, 1));
  const facts = [
    `${thousands(done)} of ${thousands(total)} ${unit} (${percent} %)`,
    `${compact(rate)}/s`,
    `${duration(secondsLeft)} left`,
  ];
  if (error !== undefined && !Number.isNaN(error)) facts.push(`largest standard error ${error.toPrecision(2)}`);
  return facts.join(", ");
}

/** What stays: `200 evaluations in 15 s`, or `stopped at 60 of 200 evaluations after 5 s`. */
export function endedText({ done, total, seconds }: ProgressState, unit: string, ended: "done" | "stopped"): string {
  return ended === "done"
    ? `${thousands(done)} ${unit} in ${duration(seconds)}`
    : `stopped at ${thousands(done)} of ${thousands(total)} ${unit} after ${duration(seconds)}`;
}

/** `13.2k`, `4.05`: a rate to three digits. */
export function compact(rate: number): string {
  return rate >= 1000 ? `${(rate / 1000).toFixed(1)}k` : rate.toPrecision(3);
}

/** Seconds as people read them: `8 s`, `3 min 20 s`, `2 h 5 min`, `12 days`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "-";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole >= 72 * 3600) return `${Math.round(whole / 86_400)} days`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function thousands(count: number): string {
  return count.toLocaleString("en-GB");
}
