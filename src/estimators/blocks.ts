/** Outputs that are worked on at a time: few enough that what is computed for them stays in the processor's nearest memory. */
export const blockOutputs = 4096;

/**
 * Takes a unit's marginal contribution, part after part in ascending order: `contribution[0..count - 1]` to the outputs from
 * `from` on. The array is used again at the next call.
 */
export type Fold = (unit: number, contribution: Float64Array, from: number, count: number) => void;

/** The blocks of a number of outputs: the first output of each, and how many it has. */
export function blocksOf(outputs: number): readonly (readonly [number, number])[] {
  return Array.from({ length: Math.ceil(outputs / blockOutputs) }, (_, block) => {
    const from = block * blockOutputs;
    return [from, Math.min(blockOutputs, outputs - from)];
  });
}
