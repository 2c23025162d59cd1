import type { Command } from "commander";
import { invalid, oneOf } from "../../errors.js";
import { quoted } from "../../jobs/resources.js";
import { runJob } from "../../jobs/run-job.js";
import { runOnSlurm, type SlurmLook } from "../../jobs/slurm/run-on-slurm.js";
import { counted } from "../../words.js";
import { type CommandContext, IncompleteError } from "../context.js";
import { addResourceOptions, type ResourceArguments, resourceOptions, slurmOptions } from "./resources.js";

interface RunArguments extends ResourceArguments {
  folder: string;
  on: string;
}

/** `job run`: does what is missing, here or on Slurm. */
export function addRun(job: Command, context: CommandContext): void {
  addResourceOptions(job.command("run"))
    .description(
      "do all chunks that are missing or damaged, here or as array jobs of Slurm; run again, it goes on where it was",
    )
    .requiredOption("--folder <folder>", "of the job")
    .option("--on <where>", "local or slurm", "local")
    .action((options: RunArguments) => run(options, context));
}

async function run(options: RunArguments, { signal }: CommandContext): Promise<void> {
  const { folder } = options;
  const on = oneOf("on", ["local", "slurm"] as const, options.on);
  if (on === "local") {
    const { workers = 1, ...others } = resourceOptions(options);
    for (const [name, value] of Object.entries({ ...others, ...slurmOptions(options) })) {
      throw invalid(name, "none with --on local", value);
    }
    const { done, spared } = await runJob(folder, { workers, signal, progress: true });
    return finished(folder, done.length, spared);
  }
  const line = new LookLine(folder);
  const { failed, spared } = await runOnSlurm(folder, {
    ...resourceOptions(options),
    ...slurmOptions(options),
    signal,
    onLook: (look) => line.show(look),
  });
  if (failed.length > 0) throw new IncompleteError(failedText(folder, failed));
  finished(folder, undefined, spared);
}

function finished(folder: string, done: number | undefined, spared: readonly number[]): void {
  const what = done ? `${counted(done, "chunk")} done, all are there` : "all chunks are done";
  const enough = spared.length > 0 ? `; precise enough without ${spared.length} more` : "";
  process.stdout.write(
    `${folder}: ${what}${enough}\nnext: shapley-modes job reduce --folder ${quoted(folder)} --out modes.npz\n`,
  );
}

function failedText(folder: string, failed: readonly { chunk: number; reason: string; log: string | null }[]): string {
  const shown = failed
    .slice(0, 5)
    .map(({ chunk, reason, log }) => `  chunk ${chunk}: ${reason}${log === null ? "" : `; log ${log}`}`);
  const more = failed.length > 5 ? [`  ... and ${failed.length - 5} more`] : [];
  return [
    `${folder}: ${counted(failed.length, "chunk")} given up; \`job status\` tells of them, \`job run\` tries them again`,
    ...shown,
    ...more,
  ].join("\n");
}

/** How far the arrays are, on stderr: when it has changed, and no more than every few seconds where it is a file. */
class LookLine {
  #last = "";
  #at = Number.NEGATIVE_INFINITY;

  constructor(readonly folder: string) {}

  show({ chunks, done, running, pending }: SlurmLook): void {
    const text = `${this.folder}: ${done} of ${chunks} chunks done, ${running} tasks running, ${pending} waiting`;
    const pause = process.stderr.isTTY ? 0 : 30_000;
    if (text === this.#last || performance.now() - this.#at < pause) return;
    this.#last = text;
    this.#at = performance.now();
    process.stderr.write(`${text}\n`);
  }
}
