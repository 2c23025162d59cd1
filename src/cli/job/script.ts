import type { Command } from "commander";
import { oneOf } from "../../errors.js";
import { jobScript, scriptEngines } from "../../jobs/job-script.js";
import { addResourceOptions, type ResourceArguments, resourceOptions } from "./resources.js";

/** `job script`: a script for an engine that is not driven. */
export function addScript(job: Command): void {
  addResourceOptions(job.command("script"))
    .description("print a script that does a job with an array engine, to be looked at and submitted by hand")
    .requiredOption("--folder <folder>", "of the job")
    .requiredOption("--for <engine>", scriptEngines.join(", "))
    .action((options: ResourceArguments & { folder: string; for: string }) => {
      const engine = oneOf("for", scriptEngines, options.for);
      process.stdout.write(jobScript(options.folder, engine, resourceOptions(options)));
    });
}
