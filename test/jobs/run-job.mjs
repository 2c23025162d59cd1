// Does a job in a process of its own: `node run-job.mjs FOLDER WORKERS`, without the command line, whose start would be most of the time.
import { runJob } from "../../dist/jobs/run-job.js";

const [, , folder, workers] = process.argv;
await runJob(folder, { workers: Number(workers) });
