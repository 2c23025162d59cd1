import { type Block, blocksOfWidth } from "../blocks.js";

/** What a regression is fitted to: `(v(S) - v(complement)) / 2` of pairs, wherever they are kept. */
export interface Targets {
  readonly pairs: number;
  /** Numbers of each pair. */
  readonly outputs: number;
  /** Bytes that may be taken beside them while they are worked on. */
  readonly memory: number;
  /** The outputs `from` to `to - 1` of all pairs, `[pairs, to - from]`: not to be changed. */
  read(from: number, to: number): Float64Array;
}

/** Bytes that a fit may take for what it looks at, unless told otherwise. */
export const usualFitMemory = 2 ** 28;

/** Targets that are in memory. @param numbers `[pairs, outputs]` */
export function targetsOf(numbers: Float64Array, outputs: number, memory = usualFitMemory): Targets {
  const pairs = numbers.length / outputs;
  return {
    pairs,
    outputs,
    memory,
    read(from, to) {
      if (to - from === outputs) return numbers;
      const width = to - from;
      const part = new Float64Array(pairs * width);
      for (let s = 0; s < pairs; s++) part.set(numbers.subarray(s * outputs + from, s * outputs + to), s * width);
      return part;
    },
  };
}

/** Every other pair of some targets. @param first 0 or 1 */
export function everyOther(targets: Targets, first: number): Targets {
  const { outputs, memory } = targets;
  const pairs = Math.floor((targets.pairs - first + 1) / 2);
  return {
    pairs,
    outputs,
    // What is read is twice as much.
    memory: memory / 2,
    read(from, to) {
      const width = to - from;
      const all = targets.read(from, to);
      const half = new Float64Array(pairs * width);
      for (let s = 0; s < pairs; s++) {
        const at = (2 * s + first) * width;
        half.set(all.subarray(at, at + width), s * width);
      }
      return half;
    },
  };
}

/**
 * All outputs in blocks that are worked on together. @param copies arrays of the targets' size that this takes, the
 * targets among them
 */
export function blocksOfTargets({ pairs, outputs, memory }: Targets, copies: number): Block[] {
  const each = copies * Math.max(1, pairs) * Float64Array.BYTES_PER_ELEMENT;
  return blocksOfWidth(0, outputs, Math.max(1, Math.min(outputs, Math.floor(memory / each))));
}
