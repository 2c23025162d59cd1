import { realpathSync } from "node:fs";
import { join } from "node:path";
import { invalid } from "../../errors.js";
import { sha256 } from "../../files.js";
import type { Job } from "../job.js";
import { logFolder } from "../layout.js";
import { commandOf, quoted, type TaskResources } from "../resources.js";

/** An array to be submitted. */
export interface ArrayWindow {
  /** Added to the number of an element: the number of its task. */
  readonly offset: number;
  /** Chunks of a task. */
  readonly perTask: number;
  /** Numbers of its elements, as Slurm writes them: `0-7,9`. */
  readonly elements: string;
  /** Elements that run at a time, at most. */
  readonly atOnce: number | undefined;
}

/** What is Slurm's alone. */
export interface SlurmSettings {
  /** Names of variables of the environment that tasks get from here; default none: what they need, `setup` sets. */
  readonly environment?: readonly string[];
  /** Other options of sbatch, as it takes them: `--constraint=a100`. Default none. */
  readonly sbatch?: readonly string[];
}

/**
 * The name of all arrays of a job: that of its plan and its folder, so that a driver that is started again finds them.
 */
export function arrayName({ folder, hash }: Job): string {
  return `shapley-${sha256(Buffer.from(`${hash} ${realpathSync(folder)}`)).slice(0, 12)}`;
}

/** What an array is submitted with, so that its elements' tasks are known. */
export function windowComment({ offset, perTask }: Pick<ArrayWindow, "offset" | "perTask">): string {
  return `offset=${offset},pertask=${perTask}`;
}

/** Reads {@link windowComment}. */
export function windowOf(comment: string): Pick<ArrayWindow, "offset" | "perTask"> | undefined {
  const [, offset, perTask] = /^offset=(\d+),pertask=(\d+)$/.exec(comment) ?? [];
  return offset === undefined ? undefined : { offset: Number(offset), perTask: Number(perTask) };
}

/** Where the logs of an array are, which has to be there before its tasks are. */
export function arrayLogs(folder: string, { offset, perTask }: Pick<ArrayWindow, "offset" | "perTask">): string {
  return join(logFolder(realpathSync(folder)), `tasks-${offset}${perTask === 1 ? "" : `-by-${perTask}`}`);
}

/** Seconds before its time limit at which a task is told to end. */
const warning = 60;

/**
 * The script of an array. The shell is replaced by the process that computes, so that signals reach it and its end is
 * the task's; it may be requeued.
 */
export function arrayScript(
  job: Job,
  window: ArrayWindow,
  resources: TaskResources,
  settings: SlurmSettings = {},
): string {
  const { partition, account, time, memory, gpus, workers = 1, setup = [] } = resources;
  const { offset, perTask, elements, atOnce } = window;
  const folder = realpathSync(job.folder);
  checkDirective(folder);
  const logs = arrayLogs(folder, window);
  const options = [
    `--job-name=${arrayName(job)}`,
    `--array=${elements}${atOnce === undefined ? "" : `%${atOnce}`}`,
    `--comment=${windowComment(window)}`,
    `--output=${logs.replaceAll("%", "%%")}/%A_%a.log`,
    "--open-mode=append",
    "--requeue",
    `--signal=B:USR1@${warning}`,
    `--export=${settings.environment?.length ? settings.environment.join(",") : "NIL"}`,
    `--chdir=${folder}`,
    `--cpus-per-task=${workers}`,
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(account === undefined ? [] : [`--account=${account}`]),
    ...(time === undefined ? [] : [`--time=${time}`]),
    ...(memory === undefined ? [] : [`--mem=${memory}`]),
    ...(gpus === undefined ? [] : [`--gpus-per-task=${gpus}`, "--ntasks=1"]),
    ...(settings.sbatch ?? []),
  ];
  const log = `${quoted(logs)}/"$\{SLURM_ARRAY_JOB_ID}_$\{SLURM_ARRAY_TASK_ID}.log"`;
  const chunk = [
    `exec ${commandOf(resources)} job chunk --folder ${quoted(folder)}`,
    ...(offset === 0 ? [] : [`--offset ${offset}`]),
    ...(perTask === 1 ? [] : [`--per-task ${perTask}`]),
    ...(workers === 1 ? [] : [`--workers ${workers}`]),
    `--log ${log}`,
  ];
  return [
    // With nothing of the environment passed on, `module` is there in a login shell alone.
    setup.length > 0 ? "#!/bin/bash -l" : "#!/bin/bash",
    ...options.map((option) => `#SBATCH ${quotedOption(option)}`),
    ...setup,
    chunk.join(" "),
    "",
  ].join("\n");
}

/**
 * @throws RangeError for a folder that a line of a script, such as `#SBATCH`, can not name: its end, or a quotation
 *   mark, would be read as something else
 */
export function checkDirective(folder: string): void {
  if (!/[\p{Cc}"\\]/u.test(folder)) return;
  throw invalid(
    "folder",
    "a name without line breaks, quotation marks and \\ where an engine's script names it",
    folder,
  );
}

/** Blanks within an option of `#SBATCH`, and what it would take for quotes or a comment, are to be in quotes. */
function quotedOption(option: string): string {
  return /[\s'#]/.test(option) ? option.replace(/=(.*)$/, (_, value: string) => `="${value}"`) : option;
}
