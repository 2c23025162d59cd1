import type { Command } from "commander";
import { notNegative } from "../../errors.js";
import type { TaskResources } from "../../jobs/resources.js";
import type { SlurmOptions } from "../../jobs/slurm/run-on-slurm.js";
import { collected, numberOption, positiveIntegerOption } from "../options.js";

/** Options that say what tasks of an array engine get, as the command line gives them. */
export interface ResourceArguments {
  workers?: string;
  partition?: string;
  account?: string;
  time?: string;
  memory?: string;
  gpus?: string;
  atOnce?: string;
  perTask?: string;
  setup: string[];
  command?: string;
  pass: string[];
  sbatch: string[];
  attempts?: string;
  pollSeconds?: string;
  settleSeconds?: string;
  silenceSeconds?: string;
}

/** Adds the options of resources, and of how Slurm is driven. */
export function addResourceOptions(command: Command): Command {
  command
    .option(
      "--workers <number>",
      "threads that share the work of a process; the result does not depend on it; default 1",
    )
    .option("--partition <name>", "Slurm's partition, or the queue of another engine")
    .option("--account <name>", "who pays")
    .option("--time <limit>", "of a task, as the engine writes it: for Slurm 30 (minutes) or 2:00:00")
    .option("--memory <size>", "of a task, as the engine writes it: 4G")
    .option("--gpus <number>", "graphics cards of a task")
    .option("--at-once <number>", "tasks that run at a time, at most")
    .option("--per-task <number>", "chunks of a task, one after another; default so many that they take a minute")
    .option("--setup <line>", "of the shell, before the command: 'module load nodejs'; may be repeated", collected, [])
    .option("--command <line>", "what starts shapley-modes on the nodes; default this Node and this installation");
  if (command.name() !== "run") return command;
  return command
    .option(
      "--pass <variable>",
      "Slurm: of the environment here, what tasks get; default nothing; may be repeated",
      collected,
      [],
    )
    .option(
      "--sbatch <option>",
      "Slurm: another option of sbatch, --sbatch=--constraint=a100; may be repeated",
      collected,
      [],
    )
    .option("--attempts <number>", "Slurm: how often a task is tried that gets no further; default 3")
    .option("--poll-seconds <number>", "Slurm: between two looks; default 10")
    .option("--settle-seconds <number>", "Slurm: for which a file may be unseen once its task has ended; default 15")
    .option(
      "--silence-seconds <number>",
      "Slurm: after which a task is begun again that is not heard of; default 3600",
    );
}

/** What the options say. @throws RangeError for options that say nothing */
export function resourceOptions(given: ResourceArguments): TaskResources {
  const { partition, account, time, memory, gpus, command, setup } = given;
  return {
    ...(given.workers !== undefined && { workers: positiveIntegerOption("workers", given.workers) }),
    ...(partition !== undefined && { partition }),
    ...(account !== undefined && { account }),
    ...(time !== undefined && { time }),
    ...(memory !== undefined && { memory }),
    ...(gpus !== undefined && { gpus }),
    ...(given.atOnce !== undefined && { atOnce: positiveIntegerOption("at-once", given.atOnce) }),
    ...(given.perTask !== undefined && { perTask: positiveIntegerOption("per-task", given.perTask) }),
    ...(setup.length > 0 && { setup }),
    ...(command !== undefined && { command }),
  };
}

type Driving = Pick<
  SlurmOptions,
  "environment" | "sbatch" | "attempts" | "pollSeconds" | "settleSeconds" | "silenceSeconds"
>;

/** How Slurm is driven. @throws RangeError for options that say nothing */
export function slurmOptions({ pass, sbatch, attempts, ...seconds }: ResourceArguments): Driving {
  const each = (["pollSeconds", "settleSeconds", "silenceSeconds"] as const).flatMap((name) => {
    const text = seconds[name];
    return text === undefined ? [] : [[name, notNegative(name, numberOption(text))] as const];
  });
  return {
    ...(pass.length > 0 && { environment: pass }),
    ...(sbatch.length > 0 && { sbatch }),
    ...(attempts !== undefined && { attempts: positiveIntegerOption("attempts", attempts) }),
    ...Object.fromEntries(each),
  };
}
