import type { Command } from "commander";
import { openJob } from "../../jobs/job.js";
import { rangesText } from "../../jobs/layout.js";
import { damagedText, reduceJob } from "../../jobs/reduce-job.js";
import { saveModes } from "../../modes/save.js";
import { checkModesFile } from "../../modes/write.js";
import { counted, modesSize, thousands } from "../../words.js";
import type { CommandContext } from "../context.js";
import { checkGoals } from "../missed-goals.js";

interface ReduceArguments {
  folder: string;
  out: string;
  partial?: boolean;
}

/** `job reduce`: folds the chunks into modes. */
export function addReduce(job: Command, context: CommandContext): void {
  job
    .command("reduce")
    .description("fold the chunks into modes: the same bytes as of one process, whoever did which chunk when")
    .requiredOption("--folder <folder>", "of the job")
    .requiredOption("--out <file>", "modes.npz, modes.zarr, modes.tidy.csv or modes.csv")
    .option("--partial", "of the chunks that are there, where some are not; the file says how many were planned")
    .action((options: ReduceArguments) => reduce(options, context));
}

async function reduce({ folder, out, partial = false }: ReduceArguments, { signal }: CommandContext): Promise<void> {
  const { plan: planned } = openJob(folder);
  checkModesFile(out, planned.output_shape);
  const { modes, missing, damaged, unused } = await reduceJob(folder, { partial, signal });
  await saveModes(modes, out);
  const left = [
    missing.length > 0 ? [`${counted(missing.length, "chunk")} missing (${rangesText(missing, ", ", 8)})`] : [],
    damaged.length > 0 ? [`${damaged.length} damaged (${damagedText(damaged)})`] : [],
    unused.length > 0 ? [`${unused.length} behind a gap and not used`] : [],
  ].flat();
  const { evaluations, orderings, evaluations_planned: most, orderings_planned: mostOrderings } = modes.provenance;
  const amount = (of: unknown, name: string, planned: unknown) =>
    `${thousands(of as number)}${typeof planned === "number" ? ` of ${thousands(planned)}` : ""} ${name}`;
  const what =
    orderings === null ? amount(evaluations, "evaluations", most) : amount(orderings, "orderings", mostOrderings);
  const lines = [`${out}: ${modesSize(modes)}, ${what}`];
  if (left.length > 0) lines.push(`a part of what was planned: ${left.join(", ")}`);
  process.stdout.write(`${lines.join("\n")}\n`);
  if (left.length === 0) checkGoals(modes, out);
}
