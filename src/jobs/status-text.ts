import { compact, counted, duration, thousands } from "../words.js";
import type { ChunkAttempt, JobFacts } from "./job-facts.js";
import { rangesText } from "./layout.js";
import { quoted } from "./resources.js";

/** Attempts that are shown one by one, of each kind. */
export const mostShown = 8;
const barWidth = 32;

/** How far a job is, as people read it, and what to do next. */
export function statusText(status: JobFacts): string {
  const { folder, what, chunks, done, running, failed, damaged } = status;
  const [[name, text], ...rows] = statusRows(status);
  return [
    `${folder}: ${what}`,
    ...[[name, `${bar(done.length / chunks)}  ${text}`], ...rows].map(([row, words]) => `  ${row.padEnd(8)} ${words}`),
    ...list("running", running),
    ...list("failed", failed),
    ...damagedLines(damaged),
    nextText(status),
  ].join("\n");
}

/** What there is to say, each with its name. The first row is of what is done. */
export function statusRows(status: JobFacts): [name: string, text: string][] {
  const { chunks, done, running, failed, stopped, damaged, kept, waiting, complete } = status;
  const rows: [string, string][] = [["done", doneText(status)]];
  if (running.length > 0) rows.push(["running", listed(running)]);
  if (failed.length > 0) rows.push(["failed", listed(failed)]);
  if (stopped.length > 0) rows.push(["stopped", `${listed(stopped)}; what they did is kept`]);
  if (damaged.length > 0) rows.push(["damaged", `${listed(damaged)}; done again by the next run`]);
  if (kept.length > 0 && !complete) rows.push(["kept", keptText(kept)]);
  if (waiting.length > 0 && !complete) rows.push(["waiting", listed(waiting.map((chunk) => ({ chunk })))]);
  const pace = paceText(status);
  if (pace !== undefined) rows.push(["pace", pace]);
  if (!Number.isNaN(status.largestStandardError)) {
    const error = `largest standard error ${status.largestStandardError.toPrecision(2)}`;
    rows.push(["error", complete ? error : `${error} so far`]);
  }
  if (complete && done.length < chunks) {
    rows.push([
      "enough",
      `the result is as precise as asked for: ${thousands(chunks - done.length)} chunks are not needed`,
    ]);
  }
  return rows;
}

function doneText({ chunks, done, evaluations }: JobFacts): string {
  const share = evaluations.of > 0 ? Math.floor((100 * evaluations.done) / evaluations.of) : 100;
  return `${thousands(done.length)} of ${counted(chunks, "chunk")}, ${share} % of ${counted(evaluations.of, "evaluation")}`;
}

/** `12 of 42 blocks of chunk 8; the next run goes on there`. */
function keptText(kept: JobFacts["kept"]): string {
  const done = kept.reduce((sum, each) => sum + each.done, 0);
  const of = kept.reduce((sum, each) => sum + each.of, 0);
  const numbers = kept.map(({ chunk }) => chunk);
  const which = `${kept.length === 1 ? "chunk" : "chunks"} ${rangesText(numbers, ", ", 6)}`;
  return `${thousands(done)} of ${thousands(of)} blocks of ${which}; the next run goes on there`;
}

function bar(share: number): string {
  const full = Math.floor(share * barWidth);
  return `${"█".repeat(full)}${"░".repeat(barWidth - full)}`;
}

/** `1: chunk 12`, `8: chunks 0-5, 9-10`. */
function listed(of: readonly { readonly chunk: number }[]): string {
  const numbers = of.map(({ chunk }) => chunk);
  return `${thousands(of.length)}: ${of.length === 1 ? "chunk" : "chunks"} ${rangesText(numbers, ", ", 6)}`;
}

function paceText({ rate, secondsLeft, complete }: JobFacts): string | undefined {
  if (!(rate > 0) || complete) return undefined;
  const left = Number.isNaN(secondsLeft) ? "nothing is heard to run now" : `${duration(secondsLeft)} left at this pace`;
  return `${compact(rate)} evaluations/s; ${left}`;
}

function list(title: string, attempts: readonly ChunkAttempt[]): string[] {
  if (attempts.length === 0) return [];
  const shown = attempts.slice(0, mostShown).map((each) => {
    const { chunk, attempt, host, done, of, seconds, reason, log } = each;
    const facts = [
      `${done} of ${of} blocks`,
      ...(seconds > 0 ? [`in ${duration(seconds)}`] : []),
      `on ${host}`,
      ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ];
    const why = reason === null ? "" : `: ${reason}`;
    return `    ${String(chunk).padStart(6)}  ${facts.join(", ")}${why}${log === null || title === "running" ? "" : `\n            log ${log}`}`;
  });
  const more = attempts.length > mostShown ? [`    ... ${attempts.length - mostShown} more`] : [];
  return [`  ${title}:`, ...shown, ...more];
}

function damagedLines(damaged: JobFacts["damaged"]): string[] {
  if (damaged.length === 0) return [];
  const shown = damaged.slice(0, mostShown).map(({ chunk, problem }) => `    ${String(chunk).padStart(6)}  ${problem}`);
  return ["  damaged:", ...shown];
}

/** What to do next. */
export function nextText({ folder, complete, running, failed }: JobFacts): string {
  const job = (what: string) => `shapley-modes job ${what} --folder ${quoted(folder)}`;
  if (complete) return `next: ${job("reduce")} --out modes.npz`;
  if (running.length > 0) return `next: wait; or for what there is, ${job("reduce")} --partial --out part.npz`;
  const why = failed.length > 0 ? "once the reason above is dealt with, " : "";
  return `next: ${why}${job("run")} --on local|slurm`;
}
