import { Meter, type Progress } from "../engine/progress/progress.js";
import { openReporter, type ProgressOptions } from "../engine/progress/reporter.js";
import { InterruptedError, interruption } from "../engine/runs/interruption.js";
import { positiveInteger } from "../errors.js";
import { isText } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { remarkOnce } from "../remark.js";
import { counted } from "../words.js";
import { takeDriverLock } from "./driver-lock.js";
import { Fold } from "./fold.js";
import { blocksOf, openJob } from "./job.js";
import { removeNotes } from "./notes.js";
import { playChunks } from "./play-chunks.js";
import { chunksToDo, Surveyor } from "./survey.js";

/** Options of {@link runJob}. */
export interface RunJobOptions {
  /** Threads that share the work; default 1. The bytes do not depend on it. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  /** As for `shapley`. */
  readonly progress?: boolean | ProgressOptions;
  readonly onProgress?: (progress: Progress) => void;
  /** Gets what you should know but need not act on; default: stderr. */
  readonly onRemark?: (remark: string) => void;
}

const runJobOptionNames: OptionNames<RunJobOptions> = {
  workers: true,
  signal: true,
  progress: true,
  onProgress: true,
  onRemark: true,
};

/** What {@link runJob} did. */
export interface JobRun {
  /** Chunks that were done by this call. */
  readonly done: readonly number[];
  /** Chunks that were not needed, since the rules of `until` were met without them. */
  readonly spared: readonly number[];
}

/**
 * Does all chunks of a job that are missing or damaged, on this machine; every byte of those that are there is checked.
 * Stopped or killed and called again, it goes on where it was; chunks that other machines do meanwhile are done twice,
 * to the same bytes.
 *
 * @throws FileError where another driver is at work in the folder, and as `playChunks` does; InterruptedError where it
 *   was stopped
 */
export async function runJob(folder: string, options: RunJobOptions = {}): Promise<JobRun> {
  knownOptions("runJob", options, runJobOptionNames);
  isText("folder", folder, "the path of a folder");
  const workers = positiveInteger("workers", options.workers ?? 1);
  const job = openJob(folder);
  const { plan, blocks } = job;
  const signal = interruption(options.signal);
  const remark = options.onRemark ?? remarkOnce;
  const unlock = await takeDriverLock(folder, { signal, remark });
  const reporter = openReporter(counted(plan.units.length, "unit"), "evaluations", options.progress);
  const meter = new Meter(blocks.evaluations, plan.request, options.onProgress, reporter);
  const done: number[] = [];
  try {
    const survey = new Surveyor(job, true).survey();
    for (const { chunk, problem } of survey.damaged) remark(`chunk ${chunk} is done again: ${problem}`);
    // Killed after its last chunk got its name, a process leaves what it said of it.
    removeNotes(folder, survey.done);
    const evaluations = (from: number, to: number) => blocks.extent(to).evaluations - blocks.extent(from).evaluations;
    for (const chunk of survey.done) {
      const { from, to } = blocksOf(plan, chunk);
      meter.resumed(evaluations(from, to));
    }
    const there = new Set(survey.done);
    const fold = plan.until ? new Fold(job, remark) : undefined;
    if (fold) meter.goals = () => fold.goals();
    const foldWhatIsThere = async () => {
      while (fold && !fold.enough && there.has(fold.next)) await fold.take(fold.next, signal);
      return fold?.enough ?? false;
    };
    if (!(await foldWhatIsThere())) {
      await playChunks(job, chunksToDo(survey), {
        workers,
        signal,
        evaluated: (count) => meter.evaluated(count, fold?.run.tally.sums),
        takenUp(chunk, count) {
          const { from } = blocksOf(plan, chunk);
          meter.resumed(evaluations(from, from + count));
        },
        chunkDone(chunk) {
          there.add(chunk);
          done.push(chunk);
          return foldWhatIsThere();
        },
      });
    }
    meter.finish();
    const spared = chunksToDo(survey).filter((chunk) => !there.has(chunk));
    return { done, spared };
  } catch (error) {
    meter.stop();
    if (!signal?.aborted) throw error;
    const progress = `after ${done.length} more of ${plan.chunks} chunks`;
    throw new InterruptedError(progress, "what was done is kept: run the job again to go on", { cause: error });
  } finally {
    unlock();
  }
}
