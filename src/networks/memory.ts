/** Bytes of tensors that a pass may take, where nothing else is said: 256 MB. */
export const defaultMemory = 256 * 2 ** 20;

/** How many rows go through a network at once: as many as fit into some memory, at least one. */
export function rowsWithin(memory: number, bytesPerRow: number, most: number = Number.POSITIVE_INFINITY): number {
  return Math.max(1, Math.min(most, Math.floor(memory / Math.max(1, bytesPerRow))));
}
