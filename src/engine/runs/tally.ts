import type { Accumulator, PackedParts, Plan } from "../../estimators/estimator.js";
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

  /** All sums, those of blocks last; undefined before the first chunk. Shares memory. */
  pack(): PackedParts | undefined {
    if (!this.#sums) return undefined;
    const sums = partsOf(this.#sums);
    if (!this.blocks) return sums;
    const blocks = this.blocks.pack();
    return {
      length: sums.length + blocks.length,
      *parts() {
        yield* sums.parts();
        yield blocks;
      },
    };
  }

  /** Takes what {@link pack} gave of the first chunks. */
  restore(packed: PackedParts, chunks: number): void {
    const { blocks, plan } = this;
    this.#chunks = chunks;
    if (plan.unpackParts && !blocks) {
      this.#sums = plan.unpackParts(packed);
      return;
    }
    const all = joined(packed);
    const end = all.length - (blocks?.length ?? 0);
    blocks?.restore(all.subarray(end));
    this.#sums = plan.unpack(all.subarray(0, end));
  }

  /** Takes in the sums of the next chunk. Returns them where they are not needed any more. */
  add(part: Accumulator): Accumulator | undefined {
    this.blocks?.add(this.#chunks, part);
    if (this.#sums) this.#sums.merge(part);
    const merged = this.#sums ? part : undefined;
    this.#sums ??= part;
    this.#chunks++; // after all that may fail
    return merged;
  }
}

function partsOf(sums: Accumulator): PackedParts {
  if (sums.packInParts) return sums.packInParts();
  const packed = sums.pack();
  return { length: packed.length, parts: () => [packed] };
}

function joined({ length, parts }: PackedParts): Float64Array {
  const all = new Float64Array(length);
  let at = 0;
  for (const part of parts()) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
