import type { Accumulator, Plan } from "../../estimators/estimator.js";
import type { BlockSums } from "./block-sums.js";

/** What a run has so far: the sums of its first chunks, merged in order. Memory is that of one accumulator. */
export class Tally {
  #sums: Accumulator | undefined;
  #chunks = 0;

  /** @param blocks where blocks of chunks are kept apart too */
  constructor(
    readonly plan: Plan,
    readonly blocks?: BlockSums,
  ) {}

  /** How many chunks are in the sums. */
  get chunks(): number {
    return this.#chunks;
  }

  /** Undefined before the first chunk. */
  get sums(): Accumulator | undefined {
    return this.#sums;
  }

  get complete(): boolean {
    return this.#chunks === this.plan.chunks;
  }

  /** All sums in one array. Shares memory where there are no blocks. */
  pack(): Float64Array | undefined {
    const sums = this.#sums?.pack();
    if (!sums || !this.blocks) return sums;
    const blocks = this.blocks.pack();
    const both = new Float64Array(sums.length + blocks.length);
    both.set(sums);
    both.set(blocks, sums.length);
    return both;
  }

  /** Takes what {@link pack} gave of the first chunks. */
  restore(packed: Float64Array, chunks: number): void {
    const end = packed.length - (this.blocks?.length ?? 0);
    this.blocks?.restore(packed.subarray(end));
    this.#sums = this.plan.unpack(packed.subarray(0, end));
    this.#chunks = chunks;
  }

  /** Takes in the sums of the next chunk. Returns them where they are not needed any more. */
  add(part: Accumulator): Accumulator | undefined {
    this.blocks?.add(this.#chunks, part);
    this.#chunks++;
    if (!this.#sums) {
      this.#sums = part;
      return undefined;
    }
    this.#sums.merge(part);
    return part;
  }
}
