import type { Run } from "../engine/runs/run.js";
import { Stopping } from "../engine/runs/stopping.js";
import type { Extent, Plan } from "../estimators/estimator.js";
import { readChunk } from "./chunk-file.js";
import { blocksOf, type Job, runOf } from "./job.js";
import { chunkPath } from "./layout.js";
import { headOf } from "./survey.js";

/**
 * Folds the files of a job's chunks in the order of their numbers, block by block, as `shapley` does with what its
 * threads return: so the bytes are the same. Memory is that of one run and one block, however many chunks there are.
 */
export class Fold {
  readonly run: Run;
  readonly #stopping: Stopping | undefined;
  #folded: Extent = { orderings: 0, evaluations: 0 };
  #gap = false;
  /** The chunk that comes next, where none is left out. */
  next = 0;

  constructor(
    readonly job: Job,
    remark: (text: string) => void,
  ) {
    const { plan, blocks } = job;
    // With chunks left out, what was done is not what the first blocks come to.
    const counted: Plan = { ...blocks, extent: (done) => (this.#gap ? this.#folded : blocks.extent(done)) };
    this.run = runOf(job, counted);
    this.#stopping = plan.until
      ? new Stopping(this.run, { until: plan.until, remark, rate: () => Number.NaN })
      : undefined;
    if (this.#stopping) this.run.stopping = this.#stopping;
  }

  /** Whether there are chunks enough: all of them, or as many as the rules of `until` ask for. */
  get enough(): boolean {
    return this.run.tally.complete || (this.#stopping?.enough ?? false);
  }

  /**
   * Whether the job can do with chunks left out: of independent orderings, but not of sums that mean something in their
   * order alone.
   */
  get mayHaveGaps(): boolean {
    return this.run.estimator.budget === "orderings";
  }

  /**
   * Takes in the next chunk, or a later one, which leaves those between out.
   *
   * @throws FileError where its file is missing or damaged: what was folded before is then not to be used
   */
  async take(chunk: number, signal?: AbortSignal): Promise<void> {
    const { job, run } = this;
    if (chunk !== this.next) this.#gap = true;
    this.next = chunk + 1;
    let { from: block } = blocksOf(job.plan, chunk);
    for (const packed of readChunk(chunkPath(job.folder, chunk), headOf(job, chunk))) {
      signal?.throwIfAborted();
      const sums = job.blocks.unpack(packed);
      this.#count(block++);
      if (!this.#gap) this.#stopping?.take(sums);
      run.tally.add(sums);
      if (!this.#gap) await this.#stopping?.look(signal);
      if (this.#stopping?.enough) return;
    }
  }

  /** How far the rules of `until` are from being met; empty where there are none. */
  goals() {
    return this.#stopping?.goals() ?? [];
  }

  #count(block: number): void {
    const before = this.job.blocks.extent(block);
    const after = this.job.blocks.extent(block + 1);
    const { orderings, evaluations } = this.#folded;
    this.#folded = {
      orderings:
        orderings === null || after.orderings === null ? null : orderings + after.orderings - (before.orderings ?? 0),
      evaluations: evaluations + after.evaluations - before.evaluations,
    };
  }
}
