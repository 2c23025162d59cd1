import { Run } from "../engine/runs/run.js";
import { FileError, invalid } from "../errors.js";
import type { Ends, Plan } from "../estimators/estimator.js";
import { estimators } from "../estimators/registry.js";
import type { Game } from "../games/game.js";
import { counted } from "../words.js";
import { type JobPlan, numbersOf, readPlan } from "./job-plan.js";
import { planPath } from "./layout.js";

/** A job in its folder. What it is to compute is known without its game, which nothing here makes. */
export interface Job {
  readonly folder: string;
  readonly plan: JobPlan;
  /** SHA-256 of the plan. */
  readonly hash: string;
  readonly ends: Ends;
  /** What the estimator makes of the request. Its chunks are the job's blocks. */
  readonly blocks: Plan;
}

/** Opens the job of a folder. @throws FileError as `readPlan` does */
export function openJob(folder: string): Job {
  const { plan, hash } = readPlan(folder);
  const blocks = blocksPlanned(folder, plan);
  return {
    folder,
    plan,
    hash,
    ends: { all: numbersOf(plan.ends.all), none: numbersOf(plan.ends.none) },
    blocks,
  };
}

/** @throws FileError where the estimator makes something else of the request than the plan says */
function blocksPlanned(folder: string, plan: JobPlan): Plan {
  const path = planPath(folder);
  try {
    const blocks = estimators[plan.estimator].plan(plan.request, absentGame(plan));
    if (blocks.chunks === plan.blocks) return blocks;
    throw invalid("blocks", `${blocks.chunks}, as ${plan.estimator} plans them`, plan.blocks);
  } catch (cause) {
    throw new FileError(path, `is no plan of a job: ${(cause as Error).message}`, { cause });
  }
}

/** Blocks of a chunk: `from` to `to - 1`. All chunks have as many, or one more. */
export function blocksOf({ blocks, chunks }: Pick<JobPlan, "blocks" | "chunks">, chunk: number) {
  const start = (of: number) => Math.floor((of * blocks) / chunks);
  return { from: start(chunk), to: start(chunk + 1) };
}

/** @throws RangeError for a chunk that the job does not have */
export function checkChunk({ plan }: Job, chunk: number): void {
  if (Number.isInteger(chunk) && chunk >= 0 && chunk < plan.chunks) return;
  throw invalid("index", `0 to ${plan.chunks - 1}: the job has ${counted(plan.chunks, "chunk")}`, chunk);
}

/** A run with the job's numbers, and nothing in it yet. */
export function runOf({ plan, ends, blocks }: Job, given: Plan = blocks): Run {
  const run = new Run(absentGame(plan), plan.units, estimators[plan.estimator], plan.request, given, plan.said);
  run.ends = ends;
  return run;
}

/** What estimators and results ask of the job's game, without the game. */
function absentGame({ units, output_shape: outputShape, game }: JobPlan): Game {
  const absent = () => {
    throw new Error("the game of a job is played by its chunks alone");
  };
  return {
    units,
    outputShape,
    gates: game.gates,
    evaluate: absent,
    ...(game.provenance && { provenance: game.provenance }),
    ...(game.walks && { walk: absent }),
  };
}
