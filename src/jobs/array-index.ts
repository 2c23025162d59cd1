import { invalid } from "../errors.js";
import { counted } from "../words.js";
import type { Job } from "./job.js";

/** Variables in which array engines tell a task its number, and what they begin to count from. */
export const indexVariables = {
  SLURM_ARRAY_TASK_ID: { engine: "Slurm", first: 0 },
  HQ_TASK_ID: { engine: "HyperQueue", first: 0 },
  JOB_COMPLETION_INDEX: { engine: "Kubernetes", first: 0 },
  PBS_ARRAY_INDEX: { engine: "PBS", first: 0 },
  // Counts from 1, and says "undefined" outside of an array.
  SGE_TASK_ID: { engine: "Grid Engine", first: 1 },
} as const;

/** Which chunks a task does. */
export interface TaskChunks {
  /** The task's number; default what the array engine's environment says. */
  readonly index?: number | undefined;
  /** Added to the number: for arrays that are split since the engine limits their numbers. Default 0. */
  readonly offset?: number | undefined;
  /** Chunks that one task does, one after another; default 1. */
  readonly perTask?: number | undefined;
}

/** How many tasks a job takes. */
export function tasksOf({ plan }: Pick<Job, "plan">, perTask: number): number {
  return Math.ceil(plan.chunks / perTask);
}

/** The chunks of a task. @throws RangeError where its number is none of the job's, or nobody says it */
export function chunksOfTask(job: Job, given: TaskChunks, environment: NodeJS.ProcessEnv = process.env): number[] {
  const { perTask = 1, offset = 0 } = given;
  const index = given.index ?? indexFrom(environment);
  if (index === undefined) {
    throw invalid(
      "index",
      `--index, or one of ${Object.keys(indexVariables).join(", ")} in the environment`,
      undefined,
    );
  }
  const tasks = tasksOf(job, perTask);
  const task = index + offset;
  if (!Number.isInteger(task) || task < 0 || task >= tasks) {
    const what = perTask === 1 ? counted(tasks, "chunk") : `${counted(tasks, "task")} of ${perTask} chunks`;
    const added = offset === 0 ? "" : `, and ${offset} is added`;
    throw invalid("index", `${0 - offset} to ${tasks - 1 - offset}: the job has ${what}${added}`, index);
  }
  const from = task * perTask;
  return Array.from({ length: Math.min(perTask, job.plan.chunks - from) }, (_, k) => from + k);
}

/** @throws RangeError for what is no number, and where engines one within the other say different ones */
function indexFrom(environment: NodeJS.ProcessEnv): number | undefined {
  const said = Object.entries(indexVariables).flatMap(([name, { first }]) => {
    const text = environment[name];
    if (text === undefined || text === "" || text === "undefined") return [];
    if (!/^\d+$/.test(text)) throw invalid(name, "a whole number", text);
    return [{ name, text, index: Number(text) - first }];
  });
  if (said.some(({ index }) => index !== said[0].index)) {
    const texts = said.map(({ name, text }) => `${name}=${text}`).join(", ");
    throw invalid("index", "--index, where several engines say another number each", texts);
  }
  return said[0]?.index;
}
