import type { Accumulator } from "../../estimators/estimator.js";
import type { ModeBlocks } from "../../modes/mode-blocks.js";

/**
 * Contributions in blocks of independent samples: chunks are dealt to the blocks in turn, in the order of chunks, so
 * that blocks are alike wherever a run stops, and have the same bytes for any number of workers. Memory is blocks x
 * units x outputs.
 */
export class BlockSums {
  /** Samples of each block, then sums over the samples, `[blocks, size]`. */
  #packed: Float64Array;

  /** @param size units x outputs */
  constructor(
    readonly blocks: number,
    readonly size: number,
  ) {
    this.#packed = new Float64Array(this.length);
  }

  /** How many numbers {@link pack} gives. */
  get length(): number {
    return this.blocks * (1 + this.size);
  }

  /** Takes in a chunk. @throws Error for an estimator whose sums have no samples */
  add(chunk: number, sums: Accumulator): void {
    const { size } = this;
    const found = sums.sampleMeans?.();
    if (!found) throw new Error("the estimator's accumulators have no sampleMeans, which blocks are made of");
    const block = chunk % this.blocks;
    this.#packed[block] += found.samples;
    const from = this.blocks + block * size;
    for (let i = 0; i < size; i++) this.#packed[from + i] += found.samples * found.means[i];
  }

  /** All numbers in one array. Shares memory. */
  pack(): Float64Array {
    return this.#packed;
  }

  /** Takes what {@link pack} gave. */
  restore(packed: Float64Array): void {
    this.#packed = packed.slice();
  }

  /** The means of the blocks that have samples. */
  means(): ModeBlocks {
    const { size } = this;
    const filled = Array.from(this.#packed.subarray(0, this.blocks).keys()).filter((b) => this.#packed[b] > 0);
    const values = new Float64Array(filled.length * size);
    filled.forEach((block, at) => {
      const samples = this.#packed[block];
      const from = this.blocks + block * size;
      for (let i = 0; i < size; i++) values[at * size + i] = this.#packed[from + i] / samples;
    });
    return { samples: Float64Array.from(filled, (block) => this.#packed[block]), values };
  }
}
