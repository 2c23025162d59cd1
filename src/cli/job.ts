import type { Command } from "commander";
import type { CommandContext } from "./context.js";

type Add = (job: Command, context: CommandContext) => void;

/**
 * What is done with jobs, in the order in which help lists it, with what makes each: loaded for it alone, since a task
 * of an array is a process.
 */
const commands: readonly (readonly [name: string, load: () => Promise<Add>])[] = [
  ["plan", async () => (await import("./job/plan.js")).addPlan],
  ["chunk", async () => (await import("./job/chunk.js")).addChunk],
  ["run", async () => (await import("./job/run.js")).addRun],
  ["status", async () => (await import("./job/status.js")).addStatus],
  ["reduce", async () => (await import("./job/reduce.js")).addReduce],
  ["script", async () => (await import("./job/script.js")).addScript],
];

/**
 * `job`: the work of `analyse` in chunks, on one machine or many.
 *
 * @param asked which of its commands is asked for; all of them where it is none
 */
export async function addJob(program: Command, context: CommandContext, asked?: string): Promise<void> {
  const job = program
    .command("job")
    .description("compute Shapley Modes in chunks that any machines do, and that survive whatever happens to them");
  const wanted = commands.filter(([name]) => name === asked);
  for (const [, load] of wanted.length > 0 ? wanted : commands) (await load())(job, context);
}
