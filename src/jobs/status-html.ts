import { escapeHtml } from "../escape-html.js";
import { duration } from "../words.js";
import type { ChunkAttempt, JobFacts } from "./job-facts.js";
import { mostShown, nextText, statusRows } from "./status-text.js";

/**
 * How far a job is, for a notebook: a bar, what there is to say, and a table of the chunks that run, failed or are
 * damaged.
 */
export function statusHtml(status: JobFacts): string {
  const { folder, what, chunks, done, running, failed, damaged } = status;
  const bar = `<progress max="${chunks}" value="${done.length}" style="width:16em;vertical-align:middle"></progress>`;
  const rows = statusRows(status).map(
    ([name, text], row) => line("th", [name]) + cell("td", `${row === 0 ? `${bar} ` : ""}${escapeHtml(text)}`),
  );
  const attempts = [
    ...running.slice(0, mostShown).map((each) => attemptCells("running", each)),
    ...failed.slice(0, mostShown).map((each) => attemptCells("failed", each)),
    ...damaged.slice(0, mostShown).map(({ chunk, problem }) => [`${chunk}`, "damaged", "", "", "", "", problem, ""]),
  ];
  const hidden = [running, failed, damaged].reduce((sum, { length }) => sum + Math.max(0, length - mostShown), 0);
  return [
    `<div><b>${escapeHtml(folder)}</b>: ${escapeHtml(what)}`,
    `<table>${rows.map((row) => `<tr>${row}</tr>`).join("")}</table>`,
    attempts.length > 0 ? attemptTable(attempts) : "",
    hidden > 0 ? `<div>and ${hidden} more</div>` : "",
    `<div>${escapeHtml(nextText(status))}</div></div>`,
  ].join("");
}

const columns = ["chunk", "", "blocks", "time", "node", "attempt", "why", "log"];

function attemptTable(attempts: readonly (readonly string[])[]): string {
  const head = `<thead><tr>${line("th", columns)}</tr></thead>`;
  return `<table>${head}<tbody>${attempts.map((cells) => `<tr>${line("td", cells)}</tr>`).join("")}</tbody></table>`;
}

function attemptCells(state: string, { chunk, attempt, host, done, of, seconds, reason, log }: ChunkAttempt): string[] {
  const time = seconds > 0 ? duration(seconds) : "";
  return [`${chunk}`, state, `${done} of ${of}`, time, host, `${attempt}`, reason ?? "", log ?? ""];
}

function line(tag: "td" | "th", texts: readonly string[]): string {
  return texts.map((text) => cell(tag, escapeHtml(text))).join("");
}

const cell = (tag: "td" | "th", content: string) => `<${tag} style="text-align:left">${content}</${tag}>`;
