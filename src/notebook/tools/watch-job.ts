import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { InterruptedError, interruption } from "../../engine/runs/interruption.js";
import { notNegative } from "../../errors.js";
import { type JobStatus, type JobStatusOptions, jobStatus, jobStatusOptionNames } from "../../jobs/job-status.js";
import { kernelHook } from "../../kernel-hook.js";
import { isText } from "../../kinds.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { asShown } from "../display/bundle.js";
import { display } from "../display/display.js";

/** Options of {@link watchJob}. */
export interface WatchJobOptions extends JobStatusOptions {
  /** Seconds between two looks at least; default 5. Looking takes a twentieth of the time at most. */
  readonly every?: number;
  /** Ends the watching; interrupting the cell does too. */
  readonly signal?: AbortSignal;
}

/** The names of `WatchJobOptions`. */
export const watchJobOptionNames: OptionNames<WatchJobOptions> = { ...jobStatusOptionNames, every: true, signal: true };

/** How much longer than a look the pause behind it is. */
const rest = 19;

/**
 * Watches a job, whoever does it and wherever: in a notebook one display of what is done, runs and failed (with reason
 * and log), of pace, time left and the largest standard error, replaced every few seconds until there is all that
 * `reduceJob` needs. Outside a notebook lines on stderr. The job does not notice; interrupting the cell ends the
 * watching alone.
 *
 * @returns how far the job is at the end
 * @throws FileError for a folder that is no job's; InterruptedError where the watching was ended
 * @example
 * await watchJob("runs/mlp");
 */
export async function watchJob(folder: string, options: WatchJobOptions = {}): Promise<JobStatus> {
  knownOptions("watchJob", options, watchJobOptionNames);
  isText("folder", folder, "the path of a folder");
  const { every = 5, signal: given, ...looking } = options;
  const pause = 1000 * notNegative("every", every);
  const signal = interruption(given);
  try {
    return await watched(folder, pause, looking, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new InterruptedError("as it watched a job", "the job is not touched by that", { cause: error });
  }
}

async function watched(
  folder: string,
  pause: number,
  looking: JobStatusOptions,
  signal: AbortSignal | undefined,
): Promise<JobStatus> {
  const id = `job-${randomUUID()}`;
  for (let update = false; ; update = true) {
    signal?.throwIfAborted();
    const start = performance.now();
    const status = await jobStatus(folder, looking);
    if (kernelHook()) await display(status, { id, update });
    else process.stderr.write(`${status}\n`);
    if (status.complete) return kernelHook() ? asShown(status) : status;
    const spent = performance.now() - start;
    await sleep(Math.max(pause, rest * spent), undefined, signal && { signal });
  }
}
