import { statSync } from "node:fs";
import { lookAtChunk } from "./chunk-file.js";
import { blocksOf, type Job } from "./job.js";
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
 * Looks again and again which chunks are done. A file that was found whole is not read again unless it has changed. With `all` every
 * byte of a file is checked when it is first seen, otherwise its beginning and end.
 */
export class Surveyor {
  readonly #whole = new Map<number, { readonly mark: string; readonly written: number }>();

  constructor(
    readonly job: Job,
    readonly all = false,
  ) {}

  /** Lists the folders anew. */
  survey(): Survey {
    const { folder, plan } = this.job;
    const there = chunksWithFiles(folder, plan.chunks);
    const done: number[] = [];
    const missing: number[] = [];
    const damaged: DamagedChunk[] = [];
    const written = new Map<number, number>();
    for (let chunk = 0; chunk < plan.chunks; chunk++) {
      const problem = there.has(chunk) ? this.#problem(chunk) : "missing";
      if (problem === undefined) {
        done.push(chunk);
        written.set(chunk, this.#whole.get(chunk)?.written ?? 0);
      } else if (problem === "missing") missing.push(chunk);
      else damaged.push({ chunk, problem });
    }
    return { done, missing, damaged, written };
  }

  /** Undefined where the chunk is done. */
  #problem(chunk: number): string | undefined {
    const path = chunkPath(this.job.folder, chunk);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return "missing";
    const mark = `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
    if (this.#whole.get(chunk)?.mark === mark) return undefined;
    this.#whole.delete(chunk);
    const look = lookAtChunk(path, headOf(this.job, chunk), this.all);
    if (look.state === "whole") {
      this.#whole.set(chunk, { mark, written: stats.mtimeMs });
      return undefined;
    }
    return look.state === "missing" ? "missing" : look.problem;
  }
}

/** Chunks that are to be done, in ascending order. */
export function chunksToDo({ missing, damaged }: Survey): number[] {
  return [...missing, ...damaged.map(({ chunk }) => chunk)].sort((a, b) => a - b);
}
