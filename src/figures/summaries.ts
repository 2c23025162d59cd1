/** The different values in ascending order. */
export function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** The value below which a share (0 to 1) of the values lies, linearly interpolated; a share of 0.5 is the median. */
export function quantile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** "10 trials" or "3 to 10 trials", for a caption. */
export function counted(counts: readonly number[], one: string, many: string): string {
  const [low, high] = extent(counts);
  if (low === high) return `${low} ${low === 1 ? one : many}`;
  return `${low} to ${high} ${many}`;
}

/** The smallest and the largest value. */
export function extent(values: Iterable<number>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The smallest and largest value with some room on either side; a single value gets room as well. */
export function paddedRange(values: Iterable<number>, room = 0.06): [number, number] {
  const [low, high] = extent(values);
  const pad = (high - low) * room || Math.abs(high) * room || 1;
  return [low - pad, high + pad];
}
