import { Fold } from "./fold.js";
import { blocksOf, openJob } from "./job.js";
import { type DatedNote, readNotes } from "./notes.js";
import { statusText } from "./status-text.js";
import { chunksToDo, type DamagedChunk, Surveyor } from "./survey.js";

/** Options of {@link jobStatus}. */
export interface JobStatusOptions {
  /** Whether the files of all done chunks are read for the largest standard error; default where they are no more than 100 MB. */
  readonly errors?: boolean;
}

/** What the latest attempt at a chunk came to. */
export interface ChunkAttempt {
  readonly chunk: number;
  readonly attempt: number;
  readonly host: string;
  /** Blocks that it has done, of so many. */
  readonly done: number;
  readonly of: number;
  readonly seconds: number;
  /** Why it stopped or failed; of a running one, that it has not been heard of for long. */
  readonly reason: string | null;
  readonly log: string | null;
}

/** How far a job is. Shows itself: as text, and in a notebook. */
export class JobStatus {
  constructor(
    readonly folder: string,
    /** What is computed, in words: estimator, budget, units, seed. */
    readonly what: string,
    readonly chunks: number,
    readonly done: readonly number[],
    readonly running: readonly ChunkAttempt[],
    /** Attempts that failed and were not begun again since. */
    readonly failed: readonly ChunkAttempt[],
    /** Attempts that were told to end: what they did is kept. */
    readonly stopped: readonly ChunkAttempt[],
    /** Files that are no whole chunks of this job, and what is wrong with each; they will be done again. */
    readonly damaged: readonly DamagedChunk[],
    /** Chunks that nobody has begun. */
    readonly waiting: readonly number[],
    readonly evaluations: { readonly done: number; readonly of: number },
    /** Evaluations of v a second, of chunks that ended in the latest while; NaN where that is not known. */
    readonly rate: number,
    /** Seconds that are left at that rate; NaN where nothing is under way. */
    readonly secondsLeft: number,
    /** Of the chunks that are there; NaN where it was not looked at, or means nothing yet. */
    readonly largestStandardError: number,
    /** Whether there is all that `reduceJob` needs. */
    readonly complete: boolean,
  ) {}

  toString(): string {
    return statusText(this);
  }

  /** In a notebook, the text: it is laid out in columns. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return statusText(this);
  }
}

/** Bytes of chunk files that are read for the error unasked. */
const readUnasked = 1e8;
/** Milliseconds without a word after which a running attempt may have ended without one. */
const silence = 120_000;
/** Milliseconds back to which chunks count for the rate, and how many of them at least. */
const latestWhile = 600_000;
const fewest = 5;

/**
 * How far a job is, from the files in its folder alone: whoever sees the folder may ask, at any time, and disturbs nobody.
 *
 * @throws FileError for a folder that is no job's
 */
export async function jobStatus(folder: string, { errors }: JobStatusOptions = {}): Promise<JobStatus> {
  const job = openJob(folder);
  const { plan, blocks } = job;
  const survey = new Surveyor(job).survey();
  const open = chunksToDo(survey);
  const notes = readNotes(folder, open);
  const attempts = (state: DatedNote["state"]) => notes.filter((note) => note.state === state).map(attemptOf);
  const begun = new Set([...notes.map(({ chunk }) => chunk), ...survey.damaged.map(({ chunk }) => chunk)]);
  const evaluationsOf = (chunk: number) => {
    const { from, to } = blocksOf(plan, chunk);
    return blocks.extent(to).evaluations - blocks.extent(from).evaluations;
  };
  const done = survey.done.reduce((sum, chunk) => sum + evaluationsOf(chunk), 0);
  const rate = rateOf([...survey.written].map(([chunk, at]) => ({ at, evaluations: evaluationsOf(chunk) })));
  const running = attempts("running");
  const complete = open.length === 0;
  const underWay = notes
    .filter(({ state }) => state === "running")
    .reduce((sum, note) => sum + (evaluationsOf(note.chunk) * note.done) / note.of, 0);
  const left = blocks.evaluations - done - underWay;
  const look = errors ?? plan.bytes * (survey.done.length / plan.chunks) <= readUnasked;
  const { error, enough } = look
    ? await errorOf(new Fold(job, () => {}), survey.done)
    : { error: Number.NaN, enough: false };
  return new JobStatus(
    folder,
    whatOf(plan),
    plan.chunks,
    survey.done,
    running,
    attempts("failed"),
    attempts("stopped"),
    survey.damaged,
    open.filter((chunk) => !begun.has(chunk)),
    { done, of: blocks.evaluations },
    rate,
    running.length > 0 && rate > 0 ? left / rate : Number.NaN,
    error,
    complete || enough,
  );
}

function attemptOf({ chunk, attempt, host, done, of, seconds, reason, log, state, written }: DatedNote): ChunkAttempt {
  const silent = Date.now() - written;
  const unheard =
    state === "running" && silent > silence ? `not heard of for ${Math.round(silent / 60_000)} min` : reason;
  return { chunk, attempt, host, done, of, seconds, reason: unheard, log };
}

function whatOf({ estimator, request, units, until }: ReturnType<typeof openJob>["plan"]): string {
  const { orderings, evaluations, seed } = request;
  const budget =
    estimator === "exact"
      ? "all coalitions"
      : evaluations === undefined
        ? `${orderings} orderings`
        : `${evaluations} evaluations`;
  const limit = until ? "at most " : "";
  return `${estimator}, ${limit}${budget} of ${units.length} units${estimator === "exact" ? "" : `, seed ${seed}`}`;
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

/** The largest standard error of the chunks that are there, and whether they are enough. */
async function errorOf(fold: Fold, done: readonly number[]): Promise<{ error: number; enough: boolean }> {
  try {
    for (const chunk of done) {
      if (fold.enough || (chunk !== fold.next && !fold.mayHaveGaps)) break;
      await fold.take(chunk);
    }
  } catch {
    return { error: Number.NaN, enough: false }; // a file that is damaged inside: `job reduce` and `job run` name it
  }
  const { tally, estimator } = fold.run;
  const known = tally.sums && (estimator.unitOfIndependence !== "none" || tally.complete);
  return { error: known ? (tally.sums?.largestStandardError() ?? Number.NaN) : Number.NaN, enough: fold.enough };
}
