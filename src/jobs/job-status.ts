import { hostname } from "node:os";
import { inspect } from "node:util";
import { type MimeData, mimeMethod } from "../kernel-hook.js";
import { isText } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { isAlive } from "../process-alive.js";
import { counted } from "../words.js";
import { Fold } from "./fold.js";
import { blocksOf, type Job, openJob } from "./job.js";
import type { ChunkAttempt, JobFacts } from "./job-facts.js";
import { type DatedNote, readNotes } from "./notes.js";
import { keptOf } from "./part-files.js";
import { statusHtml } from "./status-html.js";
import { statusText } from "./status-text.js";
import { chunksToDo, type Survey, Surveyor } from "./survey.js";

/** Options of {@link jobStatus}. */
export interface JobStatusOptions {
  /**
   * Whether the files of all done chunks are read for the largest standard error; default where they are no more than
   * 100 MB.
   */
  readonly errors?: boolean;
}

/**
 * How far a job is. As text it has some lines; a cell that ends with it shows a bar, and a table of what runs and what
 * failed.
 */
export interface JobStatus extends JobFacts {
  toString(): string;
  [mimeMethod](): MimeData;
}

/** Bytes of chunk files that are read for the error unasked. */
const readUnasked = 1e8;
/** Milliseconds without a word after which a running attempt may have ended without one. */
const silence = 120_000;
/** Milliseconds back to which chunks count for the rate, and how many of them at least. */
const latestWhile = 600_000;
const fewest = 5;

/** The names of `JobStatusOptions`. */
export const jobStatusOptionNames: OptionNames<JobStatusOptions> = { errors: true };

/**
 * How far a job is, from the files in its folder alone: whoever sees the folder may ask, at any time, and disturbs
 * nobody.
 *
 * @throws FileError for a folder that is no job's
 */
export async function jobStatus(folder: string, options: JobStatusOptions = {}): Promise<JobStatus> {
  knownOptions("jobStatus", options, jobStatusOptionNames);
  isText("folder", folder, "the path of a folder");
  const { errors } = options;
  const job = openJob(folder);
  const { plan, blocks } = job;
  const { survey, error, enough } = await lookedAt(job, errors);
  const open = chunksToDo(survey);
  const notes = readNotes(folder, open).map(asItEnded);
  const inState = (state: DatedNote["state"]) => notes.filter((note) => note.state === state);
  const atWork = new Set(inState("running").map(({ chunk }) => chunk));
  const left = open.filter((chunk) => !atWork.has(chunk));
  const kept = keptOf(job, left);
  // A process that was killed had done more than it said last.
  const doneOf = new Map(kept.map(({ chunk, done }) => [chunk, done]));
  const attempts = (state: DatedNote["state"]) =>
    inState(state).map((note) => attemptOf({ ...note, done: Math.max(note.done, doneOf.get(note.chunk) ?? 0) }));
  const begun = new Set([...notes, ...survey.damaged, ...kept].map(({ chunk }) => chunk));
  const evaluationsOf = (chunk: number) => {
    const { from, to } = blocksOf(plan, chunk);
    return blocks.extent(to).evaluations - blocks.extent(from).evaluations;
  };
  const done = survey.done.reduce((sum, chunk) => sum + evaluationsOf(chunk), 0);
  const rate = rateOf([...survey.written].map(([chunk, at]) => ({ at, evaluations: evaluationsOf(chunk) })));
  const running = attempts("running");
  const complete = open.length === 0;
  const begunSoFar = [...inState("running"), ...kept].reduce(
    (sum, each) => sum + (evaluationsOf(each.chunk) * each.done) / each.of,
    0,
  );
  const evaluationsLeft = blocks.evaluations - done - begunSoFar;
  return shown({
    folder,
    what: whatOf(plan),
    chunks: plan.chunks,
    done: survey.done,
    running,
    failed: attempts("failed"),
    stopped: attempts("stopped"),
    damaged: survey.damaged,
    kept,
    waiting: left.filter((chunk) => !begun.has(chunk)),
    evaluations: { done, of: blocks.evaluations },
    rate,
    secondsLeft: running.length > 0 && rate > 0 ? evaluationsLeft / rate : Number.NaN,
    largestStandardError: error,
    complete: complete || enough,
  });
}

function shown(facts: JobFacts): JobStatus {
  const text = () => statusText(facts);
  const forms = (): MimeData => ({ "text/html": statusHtml(facts), "text/plain": text() });
  return Object.defineProperties(
    { ...facts },
    { toString: { value: text }, [inspect.custom]: { value: text }, [mimeMethod]: { value: forms } },
  ) as JobStatus;
}

/** A note of what runs that nobody writes any more: its process, of this machine, is gone. */
function asItEnded(note: DatedNote): DatedNote {
  const { state, host, pid } = note;
  const gone = state === "running" && host === hostname() && Number.isSafeInteger(pid) && pid > 0 && !isAlive(pid);
  return gone ? { ...note, state: "failed", reason: "its process was killed, or ended without a word" } : note;
}

function attemptOf({ chunk, attempt, host, done, of, seconds, reason, log, state, written }: DatedNote): ChunkAttempt {
  const silent = Date.now() - written;
  const unheard =
    state === "running" && silent > silence
      ? `not heard of for ${Math.round(silent / 60_000)} min, by the clock here`
      : reason;
  return { chunk, attempt, host, done, of, seconds, reason: unheard, log };
}

function whatOf({ estimator, request, units, until }: ReturnType<typeof openJob>["plan"]): string {
  const { orderings, evaluations, seed } = request;
  const budget =
    estimator === "exact"
      ? "all coalitions"
      : evaluations === undefined
        ? counted(orderings, "ordering")
        : counted(evaluations, "evaluation");
  const limit = until ? "at most " : "";
  return `${estimator}, ${limit}${budget} of ${counted(units.length, "unit")}${estimator === "exact" ? "" : `, seed ${seed}`}`;
}

/** Evaluations a second between the first and the last of the chunks that ended in the latest while. */
function rateOf(ended: readonly { readonly at: number; readonly evaluations: number }[]): number {
  const sorted = [...ended].sort((a, b) => b.at - a.at);
  if (sorted.length < 2) return Number.NaN;
  const latest = sorted.filter(({ at }, i) => i < fewest || sorted[0].at - at <= latestWhile);
  const seconds = (latest[0].at - latest[latest.length - 1].at) / 1000;
  // The earliest of them was under way before.
  const evaluations = latest.slice(0, -1).reduce((sum, each) => sum + each.evaluations, 0);
  return seconds > 0 ? evaluations / seconds : Number.NaN;
}

/**
 * Which chunks are done, their largest standard error, and whether they are enough. Where files are read at all, and
 * not all of them are what their ends promise, or some are behind a gap, every byte of all of them is checked.
 */
async function lookedAt(job: Job, errors: boolean | undefined): Promise<{ survey: Survey } & FoldedError> {
  const survey = new Surveyor(job).survey();
  const { bytes, chunks } = job.plan;
  const look = errors ?? bytes * (survey.done.length / chunks) <= readUnasked;
  if (!look) return { survey, error: Number.NaN, enough: false };
  const found = await errorOf(new Fold(job, () => {}), survey.done);
  if (found !== undefined) return { survey, ...found };
  const checked = new Surveyor(job, true).survey();
  const first = chunksToDo(checked)[0] ?? chunks;
  const fold = new Fold(job, () => {});
  const done = fold.mayHaveGaps ? checked.done : checked.done.filter((chunk) => chunk < first);
  return { survey: checked, ...((await errorOf(fold, done)) ?? { error: Number.NaN, enough: false }) };
}

/** What the chunks that were folded come to. */
interface FoldedError {
  readonly error: number;
  readonly enough: boolean;
}

/**
 * The largest standard error of some chunks, and whether they are enough. Undefined where one of them can not be
 * folded.
 */
async function errorOf(fold: Fold, done: readonly number[]): Promise<FoldedError | undefined> {
  try {
    for (const chunk of done) {
      if (fold.enough) break;
      if (chunk !== fold.next && !fold.mayHaveGaps) return undefined;
      await fold.take(chunk);
    }
  } catch {
    return undefined;
  }
  const { tally, estimator } = fold.run;
  const known = tally.sums && (estimator.unitOfIndependence !== "none" || tally.complete);
  return { error: known ? (tally.sums?.largestStandardError() ?? Number.NaN) : Number.NaN, enough: fold.enough };
}
