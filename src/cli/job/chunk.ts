import type { Command } from "commander";
import { InterruptedError } from "../../engine/runs/interruption.js";
import { chunksOfTask } from "../../jobs/array-index.js";
import { openJob } from "../../jobs/job.js";
import { rangesText } from "../../jobs/layout.js";
import { playChunks } from "../../jobs/play-chunks.js";
import { counted, measuredTime } from "../../words.js";
import { type CommandContext, IncompleteError } from "../context.js";
import { positiveIntegerOption, wholeNumberOption } from "../options.js";
import { timeIsUp } from "../time-is-up.js";

interface ChunkArguments {
  folder: string;
  index?: string;
  offset: string;
  perTask: string;
  workers: string;
  log?: string;
}

/** `job chunk`: does the chunks of one task. */
export function addChunk(job: Command, context: CommandContext): void {
  job
    .command("chunk")
    .description("do one chunk, or the few of one task of an array; what is done already is left as it is")
    .requiredOption("--folder <folder>", "of the job")
    .option(
      "--index <number>",
      "which; default what Slurm, HyperQueue, Kubernetes, PBS or Grid Engine says in the environment",
    )
    .option("--per-task <number>", "chunks of a task, one after another: the index is then that of the task", "1")
    .option("--offset <number>", "added to the index, for arrays that had to be split", "0")
    .option("--workers <number>", "threads that share the work; the result does not depend on it", "1")
    .option("--log <file>", "where the output of this task is kept, for `job status` to name it")
    .action((options: ChunkArguments) => chunk(options, context));
}

async function chunk(options: ChunkArguments, context: CommandContext): Promise<void> {
  const { folder, log } = options;
  const workers = positiveIntegerOption("workers", options.workers);
  const job = openJob(folder);
  const chunks = chunksOfTask(job, {
    index: options.index === undefined ? undefined : wholeNumberOption("index", options.index),
    offset: wholeNumberOption("offset", options.offset),
    perTask: positiveIntegerOption("per-task", options.perTask),
  });
  const signal = AbortSignal.any([context.signal, timeIsUp()]);
  const start = performance.now();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  let done = 0;
  try {
    await playChunks(job, chunks, {
      workers,
      signal,
      log,
      takenUp: (number, blocks) => say(`chunk ${number}: ${counted(blocks, "block")} of an earlier attempt kept`),
      chunkDone(number) {
        say(`chunk ${number} is done (${measuredTime((performance.now() - start) / 1000)} since the start)`);
        done++;
        return false;
      },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    const progress = `after ${done} of ${chunks.length} chunks (${(signal.reason as Error).message})`;
    const stopped = new InterruptedError(
      progress,
      "every block that was done is kept: the same command goes on from there",
      {
        cause: error,
      },
    );
    if (context.signal.aborted) throw stopped;
    throw new IncompleteError(stopped.message);
  }
  process.stdout.write(`${folder}: ${chunks.length === 1 ? "chunk" : "chunks"} ${rangesText(chunks)} done\n`);
}
