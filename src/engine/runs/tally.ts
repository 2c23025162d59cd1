import type { Accumulator, Plan } from "../../estimators/estimator.js";

/** What a run has so far: the sums of its first chunks, merged in order. Memory is that of one accumulator. */
export class Tally {
  #sums: Accumulator | undefined;
  #chunks = 0;

  constructor(readonly plan: Plan) {}

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

  /** Takes in the sums of the next chunk, or of the next few. Returns them where they are not needed any more. */
  add(part: Accumulator, chunks = 1): Accumulator | undefined {
    this.#chunks += chunks;
    if (!this.#sums) {
      this.#sums = part;
      return undefined;
    }
    this.#sums.merge(part);
    return part;
  }
}
