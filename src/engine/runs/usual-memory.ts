/** Bytes that sums may take unless told otherwise. */
export function usualMemory(): number {
  return Math.min(1e9, process.availableMemory() / 2);
}
