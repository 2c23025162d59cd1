/** Where a value lies between two ends, in percent. Ends that are equal have it in the middle. */
export function percentScale(from: number, to: number): (value: number) => number {
  // Halves: the distance of numbers near the largest there are is none.
  const length = to / 2 - from / 2;
  return length === 0 ? () => 50 : (value) => (100 * (value / 2 - from / 2)) / length;
}

/** A bar from one value to another, as styles: no narrower than can be seen, but where it has no length. */
export function barStyle(scale: (value: number) => number, from: number, to: number): string {
  const [left, right] = [scale(from), scale(to)].sort((a, b) => a - b);
  const width = from === to ? "0" : `max(3px,${(right - left).toFixed(3)}%)`;
  return `left:${left.toFixed(3)}%;width:${width}`;
}
