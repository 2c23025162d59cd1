/**
 * A run on many machines: plans, chunks in files, their folding, Slurm and other array engines.
 *
 * @module shapley-modes/jobs
 */

export type { ChunkAttempt, JobFacts } from "./jobs/job-facts.js";
export type { JobFile, JobPlan } from "./jobs/job-plan.js";
export { jobScript, type ScriptEngine, scriptEngines } from "./jobs/job-script.js";
export { type JobStatus, type JobStatusOptions, jobStatus } from "./jobs/job-status.js";
export type { KeptChunk } from "./jobs/part-files.js";
export { type PlanJobOptions, type PlannedJob, planJob } from "./jobs/plan-job.js";
export { type RunChunksOptions, runChunks } from "./jobs/play-chunks.js";
export { IncompleteJobError, type ReducedJob, type ReduceJobOptions, reduceJob } from "./jobs/reduce-job.js";
export type { TaskResources } from "./jobs/resources.js";
export { type JobRun, type RunJobOptions, runJob } from "./jobs/run-job.js";
export type { SlurmSettings } from "./jobs/slurm/array-script.js";
export { runOnSlurm, type SlurmLook, type SlurmOptions, type SlurmRun } from "./jobs/slurm/run-on-slurm.js";
export type { FailedChunk } from "./jobs/slurm/tasks.js";
export type { DamagedChunk } from "./jobs/survey.js";
export { type WatchJobOptions, watchJob } from "./notebook/tools/watch-job.js";
