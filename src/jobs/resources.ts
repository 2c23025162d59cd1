import { join } from "node:path";
import { invalid, positiveInteger } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { packageRoot } from "../package.js";

/** What a task of an array engine gets, and how it is started. */
export interface TaskResources {
  /** Where it runs: Slurm's partition, a queue of PBS or Grid Engine. Default the cluster's. */
  readonly partition?: string;
  readonly account?: string;
  /** Time limit of a task, as the engine writes it; Slurm: `30` (minutes) or `2:00:00`. Default the cluster's. */
  readonly time?: string;
  /** As the engine writes it, `4G`. Default the cluster's. */
  readonly memory?: string;
  /** Graphics cards of a task: a number, or as Slurm writes it, `a100:1`. Default none. */
  readonly gpus?: string;
  /** Processors of a task, and threads of its process; default 1. */
  readonly workers?: number;
  /** Tasks that run at a time, at most; default as many as the cluster lets. */
  readonly atOnce?: number;
  /** Chunks that a task does, one after another; default so many that they take a minute, as the plan measured them. */
  readonly perTask?: number;
  /** Lines of the shell before the command, such as `module load nodejs`. Default none. */
  readonly setup?: readonly string[];
  /** What starts shapley-modes on the nodes; default this Node and this installation, by their paths here. */
  readonly command?: string;
}

/** The names of `TaskResources`. */
export const taskResourcesNames: OptionNames<TaskResources> = {
  partition: true,
  account: true,
  time: true,
  memory: true,
  gpus: true,
  workers: true,
  atOnce: true,
  perTask: true,
  setup: true,
  command: true,
};

/** @throws RangeError, TypeError for values that are none, before anything is submitted */
export function checkResources(given: TaskResources): void {
  knownOptions("resources", given, taskResourcesNames);
  for (const name of ["workers", "atOnce", "perTask"] as const) {
    if (given[name] !== undefined) positiveInteger(name, given[name]);
  }
  for (const name of ["partition", "account", "time", "memory", "gpus"] as const) {
    const text = given[name];
    if (text !== undefined && !/^[\w.:,+/@-]+$/.test(text))
      throw invalid(name, "as the engine writes it, without blanks", text);
  }
}

/** A word of the shell that stands for exactly this text. */
export function quoted(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** What starts shapley-modes. */
export function commandOf({ command }: TaskResources): string {
  return command ?? `${quoted(process.execPath)} ${quoted(join(packageRoot, "dist", "cli", "main.js"))}`;
}

/** Seconds that a task is to take at least, so that its start-up is little of it. */
const leastTask = 60;

/**
 * Chunks of a task where none are asked for: decided by the plan alone, so that a driver that is started again decides
 * the same.
 */
export function chunksPerTask(
  {
    plan,
  }: { readonly plan: { readonly seconds_per_block: number | null; readonly blocks: number; readonly chunks: number } },
  { perTask }: TaskResources,
): number {
  if (perTask !== undefined) return perTask;
  if (plan.seconds_per_block === null) return 1;
  const seconds = (plan.seconds_per_block * plan.blocks) / plan.chunks;
  return Math.max(1, Math.min(plan.chunks, Math.floor(leastTask / Math.max(seconds, 1e-3))));
}
