/** Arrays that nobody uses now, by their length. */
const spare = new Map<number, Float32Array[]>();
/** Of arrays that were taken and not given back. */
const taken = new WeakSet<ArrayBufferLike>();
/** Numbers of the largest array that is kept, 16 MB, and of all together, 64 MB. */
const largest = 2 ** 22;
const mostNumbers = 2 ** 24;
let numbers = 0;

/**
 * An array of so many numbers, whatever they are, on a buffer that may be a quarter longer. A pass takes and gives back
 * its large ones: memory that comes and goes by megabytes keeps the collector of garbage busy for as long as some of
 * the arithmetic takes. What is not given back, as where a pass is stopped, is collected like any other.
 */
export function takeArray(count: number): Float32Array {
  if (count > largest) return new Float32Array(count);
  const step = 2 ** Math.max(4, Math.ceil(Math.log2(count + 1)) - 3);
  const length = step * Math.ceil(Math.max(1, count) / step);
  const found = spare.get(length)?.pop();
  if (found) numbers -= length;
  const array = found ?? new Float32Array(length);
  taken.add(array.buffer);
  return array.subarray(0, count);
}

/**
 * Gives back arrays that nobody will look at any more. Those that were not taken, or are back already, are left alone.
 */
export function giveBack(...arrays: readonly (Float32Array | undefined)[]): void {
  for (const array of arrays) {
    if (!array || !taken.delete(array.buffer)) continue;
    const whole = new Float32Array(array.buffer);
    if (numbers + whole.length > mostNumbers) continue;
    numbers += whole.length;
    const own = spare.get(whole.length);
    if (own) own.push(whole);
    else spare.set(whole.length, [whole]);
  }
}
