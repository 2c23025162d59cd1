import type { Command } from "commander";
import { jobStatus } from "../../jobs/job-status.js";
import { canonicalJson, type JsonObject } from "../../json.js";

/** `job status`: how far a job is. */
export function addStatus(job: Command): void {
  job
    .command("status")
    .description("tell how far a job is: done, running, failed and why, pace, error, and what to do next")
    .requiredOption("--folder <folder>", "of the job")
    .option("--errors", "read all chunks for the largest standard error; default where they are no more than 100 MB")
    .option("--json", "for programs")
    .action(status);
}

async function status({ folder, errors, json }: { folder: string; errors?: boolean; json?: boolean }): Promise<void> {
  const found = await jobStatus(folder, errors === undefined ? {} : { errors });
  process.stdout.write(json ? `${canonicalJson(JSON.parse(JSON.stringify(found)) as JsonObject)}\n` : `${found}\n`);
}
