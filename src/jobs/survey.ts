import { lookAtChunk } from "./chunk-file.js";
import { blocksOf, type Job } from "./job.js";
import { checkStillThere } from "./job-folder.js";
import { chunkPath } from "./layout.js";
import { chunksWithFiles } from "./notes.js";

/** A file that is no whole chunk of its job: cut off, damaged, or of another plan. */
export interface DamagedChunk {
  readonly chunk: number;
  readonly problem: string;
}

/** Which chunks of a job are done. */
export interface Survey {
  readonly done: readonly number[];
  readonly missing: readonly number[];
  readonly damaged: readonly DamagedChunk[];
  /** When the files of done chunks were written, by the clock of the disk. */
  readonly written: ReadonlyMap<number, number>;
}

/** What a chunk's file of this job is to begin with. */
export function headOf(job: Job, chunk: number) {
  return { hash: job.hash, chunk, ...blocksOf(job.plan, chunk) };
}

/**
 * Looks again and again which chunks are done. One that was found whole is not looked at again, nor is a folder whose
 * chunks all are. With `all` every byte of a file is checked, otherwise its beginning and end.
 */
export class Surveyor {
  /** When the files of chunks that are known to be whole were written. */
  readonly #whole = new Map<number, number>();

  constructor(
    readonly job: Job,
    readonly all = false,
  ) {}

  /** Lists the folders anew. @throws FileError where the job's folder is no longer there */
  survey(): Survey {
    const { folder, plan } = this.job;
    checkStillThere(folder);
    const open = Array.from({ length: plan.chunks }, (_, chunk) => chunk).filter((chunk) => !this.#whole.has(chunk));
    const there = new Set(chunksWithFiles(folder, open));
    const missing: number[] = [];
    const damaged: DamagedChunk[] = [];
    for (const chunk of open) {
      const problem = there.has(chunk) ? this.#problem(chunk) : "missing";
      if (problem === "missing") missing.push(chunk);
      else if (problem !== undefined) damaged.push({ chunk, problem });
    }
    const done = [...this.#whole.keys()].sort((a, b) => a - b);
    return { done, missing, damaged, written: this.#whole };
  }

  /** Undefined where the chunk is done. */
  #problem(chunk: number): string | undefined {
    const path = chunkPath(this.job.folder, chunk);
    const look = lookAtChunk(path, headOf(this.job, chunk), this.all);
    if (look.state === "damaged") return look.problem;
    if (look.state === "missing") return "missing";
    this.#whole.set(chunk, look.written);
    return undefined;
  }
}

/** Chunks that are to be done, in ascending order. */
export function chunksToDo({ missing, damaged }: Survey): number[] {
  return [...missing, ...damaged.map(({ chunk }) => chunk)].sort((a, b) => a - b);
}
