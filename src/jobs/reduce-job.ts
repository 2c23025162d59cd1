import { FileError, invalid } from "../errors.js";
import { isText } from "../kinds.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import { remarkOnce } from "../remark.js";
import { Fold } from "./fold.js";
import { type Job, openJob } from "./job.js";
import { rangesText } from "./layout.js";
import { chunksToDo, type DamagedChunk, type Survey, Surveyor } from "./survey.js";

/** Options of {@link reduceJob}. */
export interface ReduceJobOptions {
  /** Whether the modes of the chunks that are there are wanted where some are not; default false. */
  readonly partial?: boolean;
  readonly signal?: AbortSignal;
  /** Called after every chunk, with how many are folded of how many there are. */
  readonly onChunk?: (folded: number, of: number) => void;
  /** Gets what you should know but need not act on; default: stderr. */
  readonly onRemark?: (remark: string) => void;
}

const reduceJobOptionNames: OptionNames<ReduceJobOptions> = {
  partial: true,
  signal: true,
  onChunk: true,
  onRemark: true,
};

/** What became of a job's chunks. */
export interface ReducedJob {
  readonly modes: ShapleyModes;
  /** Chunks that are not in the modes since their files are not there. */
  readonly missing: readonly number[];
  /** Those whose files are damaged, and what is wrong with each. */
  readonly damaged: readonly DamagedChunk[];
  /** Chunks that are there and left out all the same: those behind a missing one, where the order matters. */
  readonly unused: readonly number[];
}

/**
 * Chunks of a job that are not there, or damaged: the result would be of something else than was planned. The message
 * lists them and says what to do.
 */
export class IncompleteJobError extends Error {
  override readonly name = "IncompleteJobError";
  constructor(
    readonly missing: readonly number[],
    readonly damaged: readonly DamagedChunk[],
    folder: string,
    chunks: number,
  ) {
    const parts = [
      missing.length > 0 ? [`${missing.length} missing (${rangesText(missing, ", ", 20)})`] : [],
      damaged.length > 0 ? [`${damaged.length} damaged (${damagedText(damaged)})`] : [],
    ].flat();
    super(
      `${folder}: of ${chunks} chunks ${parts.join(" and ")}; \`job run\` does them, \`job reduce --partial\` goes without them`,
    );
  }
}

/** `0: it is cut off; 5: its block 40 is damaged`: as many as a line can hold, and how many there are. */
export function damagedText(damaged: readonly DamagedChunk[]): string {
  const shown = damaged.slice(0, mostNamed).map(({ chunk, problem }) => `${chunk}: ${problem}`);
  return damaged.length > mostNamed ? `${shown.join("; ")}; ... ${damaged.length} in all` : shown.join("; ");
}

const mostNamed = 20;

/**
 * The Shapley Modes of a job, folded from the files of its chunks: the bytes of `shapley` with the same game and
 * options, for any number of machines, order and repeats. The game is not played, nor needed. Memory does not depend on
 * the number of chunks.
 *
 * With `partial` the modes of the chunks that are there, with the standard errors of so many orderings; their
 * provenance says how many were planned. Of `leverage`, whose coalitions are drawn together, those before the first gap
 * count; of `exact` nothing means anything before the end.
 *
 * @throws IncompleteJobError where chunks are missing or damaged, unless they were not needed for the rules of `until`;
 *   FileError for a folder that is no job's, a changed plan, or chunks of another plan
 */
export async function reduceJob(folder: string, options: ReduceJobOptions = {}): Promise<ReducedJob> {
  knownOptions("reduceJob", options, reduceJobOptionNames);
  isText("folder", folder, "the path of a folder");
  const { partial = false, signal, onChunk, onRemark = remarkOnce } = options;
  const job = openJob(folder);
  let { survey, whole } = { survey: new Surveyor(job).survey(), whole: false };
  for (;;) {
    const fold = new Fold(job, onRemark);
    const chunks = chunksOf(job, survey, fold, partial);
    let problem: FileError | undefined;
    try {
      problem = await folded(fold, chunks, signal, onChunk);
      const settled = whole || fold.enough || (partial && chunks.length === survey.done.length);
      if (problem === undefined && settled) {
        if (!fold.enough && !partial)
          throw new IncompleteJobError(survey.missing, survey.damaged, folder, job.plan.chunks);
        return await finished(job, fold, survey, chunks, signal);
      }
    } finally {
      fold.run.release(false);
    }
    // The ends of a file say little of what is between: every byte of all of them is looked at, so that all that are
    // damaged are named.
    survey = new Surveyor(job, true).survey();
    whole = true;
    if (problem === undefined && !partial && chunksToDo(survey).length > 0)
      throw new IncompleteJobError(survey.missing, survey.damaged, folder, job.plan.chunks);
    if (problem !== undefined && survey.damaged.length === 0) throw problem;
  }
}

/** Folds chunks until there are enough. @returns the error of the first that can not be read */
async function folded(
  fold: Fold,
  chunks: readonly number[],
  signal: AbortSignal | undefined,
  onChunk: ReduceJobOptions["onChunk"],
): Promise<FileError | undefined> {
  for (const [at, chunk] of chunks.entries()) {
    if (fold.enough) return undefined;
    try {
      await fold.take(chunk, signal);
    } catch (error) {
      if (error instanceof FileError) return error;
      throw error;
    }
    onChunk?.(at + 1, chunks.length);
  }
  return undefined;
}

/** The chunks that are folded, in order. */
function chunksOf(job: Job, survey: Survey, fold: Fold, partial: boolean): readonly number[] {
  if (partial && fold.mayHaveGaps) return survey.done;
  const first = chunksToDo(survey)[0] ?? job.plan.chunks;
  return survey.done.filter((chunk) => chunk < first);
}

async function finished(
  { folder, plan }: Job,
  { run, enough }: Fold,
  survey: Survey,
  used: readonly number[],
  signal: AbortSignal | undefined,
): Promise<ReducedJob> {
  await run.settle(signal);
  if (enough) {
    return { modes: run.modes(), missing: [], damaged: [], unused: [] };
  }
  const modes = run.partial();
  if (!modes) {
    const why =
      run.estimator.unitOfIndependence === "none"
        ? `false for ${plan.estimator}, whose sums mean nothing before the end`
        : survey.done.length === 0
          ? "false before the first chunk is done"
          : `false before chunk 0 is done: of ${plan.estimator}, whose coalitions are drawn together, only chunks before the first that is not there count`;
    throw invalid("partial", `${why} (${folder})`, true);
  }
  const known = new Set(used);
  const unused = survey.done.filter((chunk) => !known.has(chunk));
  return { modes, missing: survey.missing, damaged: survey.damaged, unused };
}
