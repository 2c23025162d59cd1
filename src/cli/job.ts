import type { Command } from "commander";
import type { CommandContext } from "./context.js";
import { addChunk } from "./job/chunk.js";
import { addPlan } from "./job/plan.js";
import { addReduce } from "./job/reduce.js";
import { addRun } from "./job/run.js";
import { addScript } from "./job/script.js";
import { addStatus } from "./job/status.js";

/** `job`: the work of `analyse` in chunks, on one machine or many. */
export function addJob(program: Command, context: CommandContext): void {
  const job = program
    .command("job")
    .description("compute Shapley Modes in chunks that any machines do, and that survive whatever happens to them");
  addPlan(job, context);
  addChunk(job, context);
  addRun(job, context);
  addStatus(job);
  addReduce(job, context);
  addScript(job);
}
